// Where the golden files are and how tests read them. make_goldens.py writes them.
import Foundation
import PagefoldImport

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

/// The largest absolute difference of two lists; infinite when their lengths differ.
func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
