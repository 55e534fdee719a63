// Folders of small files that tests make and take away again.
import Foundation

/// A folder in the temporary directory.
final class SampleFolder {
    let path: String

    init(_ files: [String: [UInt8]] = [:]) throws {
        path = FileManager.default.temporaryDirectory.path + "/pagefold-data-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, bytes) in files { try write(bytes, name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], _ name: String) throws {
        let place = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: place)
    }

    @discardableResult func write(_ text: String, _ name: String) throws -> String {
        try write(Array(text.utf8), name)
        return path + "/" + name
    }
}
