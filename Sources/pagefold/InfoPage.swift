// The page of one fold file: written where it is asked for, opened where that is asked for.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldReport
import PagefoldRuntime

extension Info {
    func writePage(_ file: FoldFile, _ record: Record) throws {
        let name = (fold as NSString).lastPathComponent
        let path = html ?? NSTemporaryDirectory() + name + ".html"
        let page = withExtendedLifetime(file) {
            FoldPage(
                file.reader, name: name, arenas: record.networks.map(\.arenaBytes),
                memory: record.memory.amounts)
        }
        let bytes = [UInt8](page.html.utf8)
        try AtomicFile.write(bytes, to: path)
        FileHandle.standardError.write(Data("\(path): \(grouped(bytes.count)) bytes\n".utf8))
        if open { try Self.show(path) }
    }

    /// Hands a file to whatever shows pages here.
    private static func show(_ path: String) throws {
        #if os(macOS)
            let program = "open"
        #else
            let program = "xdg-open"
        #endif
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program, URL(fileURLWithPath: path).path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw InputError(
                file: path, field: "page", problem: "\(program) could not open it, but it is written",
                remedy: "open it in a browser by hand, or use --html FILE alone")
        }
    }
}
