// What tests of several targets share: where real data lie, and how far two lists of numbers are apart.
import Foundation

/// The folder of data sets: below PAGEFOLD_SHARED, or `../shared` beside a folder above this file.
public enum SharedData {
    public static let folder: String? = {
        var candidates: [URL] = []
        if let named = ProcessInfo.processInfo.environment["PAGEFOLD_SHARED"] {
            candidates.append(URL(fileURLWithPath: named))
        }
        var place = URL(fileURLWithPath: #filePath)
        while place.path != "/" {
            place.deleteLastPathComponent()
            candidates.append(place.appendingPathComponent("shared"))
        }
        return candidates.map { $0.appendingPathComponent("datasets").path }
            .first { FileManager.default.fileExists(atPath: $0 + "/README.md") }
    }()

    public static func path(_ name: String) -> String { (folder ?? "/nowhere") + "/" + name }
}

/// The largest absolute difference of two lists; infinite when their lengths differ.
public func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
