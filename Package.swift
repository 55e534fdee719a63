// swift-tools-version: 6.2
import PackageDescription

// Settings are said once, here, for every Swift target.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "Pagefold",
    products: [
        .executable(name: "pagefold", targets: ["pagefold"]),
        .library(name: "PagefoldCore", targets: ["PagefoldCore"]),
        .library(name: "PagefoldRuntime", targets: ["PagefoldRuntime"]),
        .library(
            name: "PagefoldPacking",
            targets: ["PagefoldPacking", "PagefoldImport", "PagefoldGraph", "PagefoldEngine"]),
        .library(name: "PagefoldKernels", targets: ["CPagefoldKernels"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "CPagefoldKernels"),
        .target(name: "PagefoldCore", swiftSettings: settings),
        .target(
            name: "PagefoldEngine", dependencies: ["PagefoldCore", "CPagefoldKernels"],
            swiftSettings: settings),
        .target(name: "PagefoldGraph", dependencies: ["PagefoldCore"], swiftSettings: settings),
        .target(
            name: "PagefoldImport",
            dependencies: [
                "PagefoldCore", "PagefoldGraph", "PagefoldEngine", "CZlib",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Yams", package: "Yams"),
            ],
            exclude: ["Models/Protos"],
            swiftSettings: settings),
        .target(
            name: "PagefoldPacking",
            dependencies: ["PagefoldCore", "PagefoldGraph", "PagefoldEngine", "CPagefoldKernels"],
            swiftSettings: settings),
        .target(name: "PagefoldRuntime", dependencies: ["PagefoldCore"], swiftSettings: settings),
        .target(name: "PagefoldDemo", dependencies: ["PagefoldCore"], swiftSettings: settings),
        .executableTarget(
            name: "pagefold",
            dependencies: [
                "PagefoldCore", "PagefoldGraph", "PagefoldEngine", "PagefoldImport", "PagefoldPacking",
                "PagefoldRuntime", "PagefoldDemo",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
