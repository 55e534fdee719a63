// Compiles C programs against the library that was built beside this test bundle, and runs them. Not a test itself.

import Foundation

/// Places in the working copy.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let headers = root + "/Sources/CPagefold/include"
    static let header = headers + "/pagefold.h"
    static let example = root + "/Examples/run.c"
    static func program(_ name: String) -> String { root + "/Tests/PagefoldCTests/Programs/\(name).c" }
}

/// The toolchain's C compiler and the library.
enum Compiler {
    /// Beside `swift`, else anywhere on the PATH.
    static let clang: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map {
            URL(fileURLWithPath: String($0))
        }
        let beside = folders.map {
            $0.appendingPathComponent("swift").resolvingSymlinksInPath().deletingLastPathComponent()
        }
        return (beside + folders).map { $0.appendingPathComponent("clang").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// The folder of the library that was built with this test bundle.
    static let libraryFolder: String? = {
        #if os(Linux)
            let name = "libPagefoldC.so"
        #else
            let name = "libPagefoldC.dylib"
        #endif
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        // On Linux the bundle is a file beside the library; elsewhere it is a folder, with the test in its depth.
        for _ in 0..<4 {
            folder = folder.deletingLastPathComponent()
            let candidate = folder.appendingPathComponent(name).path
            if FileManager.default.fileExists(atPath: candidate) { return folder.path }
        }
        return nil
    }()

    /// A library under a sanitizer would ask for the sanitizer's runtime in every program.
    private static let isSanitized = ["__tsan_init", "__asan_init"].contains { (name: String) in
        dlsym(nil, name) != nil
    }

    static let canCompile = clang != nil && !isSanitized

    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Compiles a source strictly, with all warnings as errors.
    static func compile(_ source: String, to program: String, _ more: [String] = []) throws -> Outcome {
        let folder = libraryFolder ?? "no libPagefoldC beside the tests"
        return try run(
            clang ?? "",
            ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wmissing-prototypes", "-Werror"] + more
                + ["-I", Repository.headers, source, "-L", folder, "-lPagefoldC", "-Wl,-rpath,\(folder)"]
                + ["-o", program])
    }

    /// Runs to the end.
    static func run(_ program: String, _ arguments: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        // Files, not pipes: nobody has to read while the process writes.
        let places = ["out", "err"].map { NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).\($0)" }
        defer { for place in places { try? FileManager.default.removeItem(atPath: place) } }
        let handles = try places.map { place in
            try Data().write(to: URL(fileURLWithPath: place))
            return try FileHandle(forWritingTo: URL(fileURLWithPath: place))
        }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try process.run()
        process.waitUntilExit()
        let texts = try places.map {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self)
        }
        return Outcome(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }
}
