// swift-tools-version: 6.2
import PackageDescription

// Programs for microcontrollers. A package of its own, so that a build of Pagefold does not build it.
let package = Package(
    name: "Firmware",
    dependencies: [.package(name: "Pagefold", path: "..")],
    targets: [
        .target(name: "Board"),
        .executableTarget(
            name: "Answers", dependencies: ["Board", .product(name: "PagefoldCore", package: "Pagefold")]),
    ])
