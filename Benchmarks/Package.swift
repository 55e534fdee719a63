// swift-tools-version: 6.2
import PackageDescription

// Benchmarks are a package of their own, so that a plain `swift build` of Pagefold does not build them.
let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "Pagefold", path: "..")],
    targets: [
        .executableTarget(
            name: "train-round", dependencies: [.product(name: "PagefoldPacking", package: "Pagefold")]),
        .executableTarget(
            name: "matching-bench", dependencies: [.product(name: "PagefoldPacking", package: "Pagefold")]),
        .executableTarget(
            name: "kernel-bench", dependencies: [.product(name: "PagefoldKernels", package: "Pagefold")]),
    ],
    swiftLanguageModes: [.v6]
)
