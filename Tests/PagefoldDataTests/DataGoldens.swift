// Where the golden files are and how tests read them. make_goldens.py writes them.
import Foundation
import PagefoldData

enum Goldens {
    /// The folder beside this file.
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens").path

    static func path(_ name: String) -> String { folder + "/" + name }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    static func array(_ name: String) throws -> NumericArray {
        try NumPyFile.read(try bytes(name), file: name)
    }
}
