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
        .library(name: "PagefoldPreprocessing", targets: ["PagefoldPreprocessing", "PagefoldRuntime"]),
        .library(
            name: "PagefoldPacking",
            targets: [
                "PagefoldPacking", "PagefoldFold", "PagefoldImport", "PagefoldData", "PagefoldGraph",
                "PagefoldEngine",
            ]),
        .library(
            name: "PagefoldExperiments",
            targets: [
                "PagefoldExperiments", "PagefoldReport", "PagefoldPacking", "PagefoldFold", "PagefoldImport",
                "PagefoldData", "PagefoldGraph", "PagefoldEngine", "PagefoldCore",
            ]),
        .library(name: "PagefoldKernels", targets: ["CPagefoldKernels"]),
        .library(name: "PagefoldC", type: .dynamic, targets: ["PagefoldC"]),
        .library(name: "PagefoldCStatic", type: .static, targets: ["PagefoldC"]),
    ],
    traits: [
        .default(enabledTraits: ["Tools"]),
        .trait(name: "Tools", description: "Reading job files and model files, and the command line."),
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
        .target(name: "PagefoldFold", dependencies: ["PagefoldCore"], swiftSettings: settings),
        .target(
            name: "PagefoldEngine", dependencies: ["PagefoldCore", "CPagefoldKernels"],
            swiftSettings: settings),
        .target(name: "PagefoldGraph", dependencies: ["PagefoldCore"], swiftSettings: settings),
        .target(
            name: "CPagefoldPictures", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(
            name: "PagefoldData", dependencies: ["PagefoldCore", "CZlib", "CPagefoldPictures"],
            swiftSettings: settings),
        .target(
            name: "PagefoldImport",
            dependencies: [
                "PagefoldCore", "PagefoldGraph", "PagefoldEngine", "PagefoldData",
                .product(
                    name: "SwiftProtobuf", package: "swift-protobuf", condition: .when(traits: ["Tools"])),
                .product(name: "Yams", package: "Yams", condition: .when(traits: ["Tools"])),
            ],
            exclude: ["Models/ONNX/Protos", "Models/TensorFlow1/Protos"],
            swiftSettings: settings),
        .target(
            name: "PagefoldPacking",
            dependencies: ["PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldEngine"],
            swiftSettings: settings),
        .target(
            name: "PagefoldRuntime",
            dependencies: ["PagefoldCore", "PagefoldFold", "PagefoldEngine", "CPagefoldKernels"],
            swiftSettings: settings),
        .target(
            name: "PagefoldPreprocessing", dependencies: ["PagefoldCore", "PagefoldData", "PagefoldRuntime"],
            swiftSettings: settings),
        .target(name: "CPagefold"),
        .target(
            name: "PagefoldC",
            dependencies: ["PagefoldCore", "PagefoldRuntime", "CPagefold", "CPagefoldKernels"],
            swiftSettings: settings),
        .target(name: "PagefoldDemo", dependencies: ["PagefoldCore"], swiftSettings: settings),
        .target(name: "PagefoldReport", dependencies: ["PagefoldCore"], swiftSettings: settings),
        .target(
            name: "PagefoldExperiments",
            dependencies: [
                "PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldEngine", "PagefoldData",
                "PagefoldImport", "PagefoldPacking", "PagefoldRuntime", "PagefoldDemo", "PagefoldReport",
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "pagefold",
            dependencies: [
                "PagefoldCore", "PagefoldFold", "PagefoldEngine", "PagefoldGraph", "PagefoldData",
                "PagefoldImport", "PagefoldPacking", "PagefoldRuntime", "PagefoldPreprocessing",
                "PagefoldDemo", "PagefoldReport", "PagefoldExperiments",
                .product(
                    name: "ArgumentParser", package: "swift-argument-parser",
                    condition: .when(traits: ["Tools"])),
            ],
            swiftSettings: settings),
        // Networks and a double-precision reference that several test targets share.
        .target(
            name: "PagefoldTestCases", dependencies: ["PagefoldCore", "PagefoldFold", "PagefoldGraph"],
            path: "Tests/PagefoldTestCases", swiftSettings: settings),
        .testTarget(
            name: "CPagefoldKernelsTests",
            dependencies: ["CPagefoldKernels", "PagefoldCore", "PagefoldTestCases"],
            swiftSettings: settings),
        .testTarget(
            name: "PagefoldCoreTests",
            dependencies: ["PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldTestCases"],
            swiftSettings: settings),
        .testTarget(
            name: "PagefoldGraphTests", dependencies: ["PagefoldCore", "PagefoldGraph", "PagefoldTestCases"],
            swiftSettings: settings),
        .testTarget(
            name: "PagefoldEngineTests",
            dependencies: [
                "PagefoldCore", "PagefoldGraph", "PagefoldEngine", "CPagefoldKernels", "PagefoldTestCases",
            ],
            exclude: ["Goldens"], swiftSettings: settings),
        .testTarget(
            name: "PagefoldDataTests", dependencies: ["PagefoldCore", "PagefoldData", "PagefoldTestCases"],
            exclude: ["Goldens"], swiftSettings: settings),
        .testTarget(
            name: "PagefoldImportTests",
            dependencies: [
                "PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldEngine", "PagefoldData",
                "PagefoldImport", "PagefoldRuntime", "PagefoldTestCases",
                .product(
                    name: "SwiftProtobuf", package: "swift-protobuf", condition: .when(traits: ["Tools"])),
            ],
            exclude: ["Goldens"], swiftSettings: settings),
        .testTarget(
            name: "PagefoldPackingTests",
            dependencies: [
                "PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldEngine", "PagefoldPacking",
                "PagefoldTestCases",
            ],
            exclude: ["Goldens"], swiftSettings: settings),
        .testTarget(
            name: "PagefoldRuntimeTests",
            dependencies: [
                "PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldRuntime", "CPagefoldKernels",
                "PagefoldTestCases",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PagefoldPreprocessingTests",
            dependencies: [
                "PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldData", "PagefoldRuntime",
                "PagefoldPreprocessing", "PagefoldTestCases",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "PagefoldCTests",
            dependencies: [
                "PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldRuntime", "PagefoldC", "CPagefold",
                "PagefoldTestCases",
            ],
            exclude: ["Programs"], swiftSettings: settings),
        .testTarget(
            name: "PagefoldDemoTests", dependencies: ["PagefoldCore", "PagefoldDemo"], swiftSettings: settings
        ),
        .testTarget(
            name: "PagefoldReportTests", dependencies: ["PagefoldCore", "PagefoldFold", "PagefoldReport"],
            swiftSettings: settings),
        .testTarget(
            name: "PagefoldExperimentsTests",
            dependencies: [
                "PagefoldCore", "PagefoldEngine", "PagefoldData", "PagefoldImport", "PagefoldPacking",
                "PagefoldRuntime", "PagefoldPreprocessing", "PagefoldReport", "PagefoldExperiments",
                "PagefoldTestCases",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "pagefoldTests",
            dependencies: [
                "pagefold", "PagefoldCore", "PagefoldFold", "PagefoldGraph", "PagefoldReport",
                "PagefoldRuntime", "PagefoldPreprocessing", "PagefoldTestCases",
            ],
            exclude: ["Goldens"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
