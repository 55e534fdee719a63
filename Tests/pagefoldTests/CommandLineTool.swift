// Runs the built `pagefold` as a process. Not a test itself.

import Foundation
import Testing

/// The tool that was built beside this test bundle.
enum Tool {
    static let path: String = {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folder = bundle.deletingLastPathComponent()
        // On Linux the bundle is a file beside the tool; elsewhere it is a folder, with the test in its depth.
        for _ in 0..<4 {
            let candidate = folder.appendingPathComponent("pagefold").path
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue
            {
                return candidate
            }
            folder = folder.deletingLastPathComponent()
        }
        return ""
    }()

    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    static func start(_ arguments: [String], in folder: String, _ output: Any, _ errors: Any) throws
        -> Process
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return process
    }

    /// Runs to the end.
    static func run(_ arguments: String..., in folder: String = NSTemporaryDirectory()) throws -> Outcome {
        try run(arguments, in: folder)
    }

    static func run(_ arguments: [String], in folder: String = NSTemporaryDirectory()) throws -> Outcome {
        // Files, not pipes: nobody has to read while the process writes.
        let places = ["out", "err"].map { NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).\($0)" }
        defer { for place in places { try? FileManager.default.removeItem(atPath: place) } }
        let handles = try places.map { place in
            try Data().write(to: URL(fileURLWithPath: place))
            return try FileHandle(forWritingTo: URL(fileURLWithPath: place))
        }
        let process = try start(arguments, in: folder, handles[0], handles[1])
        process.waitUntilExit()
        let texts = try places.map {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self)
        }
        return Outcome(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }
}
