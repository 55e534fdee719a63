// A fold file of three networks that share a pool, in a folder that goes with it. Not a test itself.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases

final class TemporaryFold {
    let folder = NSTemporaryDirectory() + "pagefold-c-\(UUID().uuidString)"
    var path: String { folder + "/small.fold" }

    /// - Parameter rename: gives each network its name.
    init(names rename: (String) -> String = { $0 }) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var picture = NetworkBuilder("picture", input: Shape(channels: 2, height: 7, width: 6))
        picture.add(.convolution(outputs: 5, window: Window(height: 3, width: 3)))
        picture.add(.activation(.relu))
        picture.add(.dense(outputs: 3))
        picture.add(.softmax)
        var vector = NetworkBuilder("vector", input: Shape(channels: 19), seed: 2)
        vector.add(.dense(outputs: 8))
        vector.add(.activation(.tanh))
        vector.add(.dense(outputs: 4))
        var filter = NetworkBuilder("naïve filter", input: Shape(channels: 1, height: 5, width: 4), seed: 3)
        filter.add(.convolution(outputs: 2, window: Window(height: 2, width: 2)))
        let texts = [
            NetworkText(
                name: "picture", preprocessing: "scale divisor=255", classes: ["left", "middle", "right"]),
            NetworkText(name: "vector"),
            NetworkText(name: "naïve filter"),
        ]
        let (pageSize, frames) = (16, 12)
        let networks = try zip([picture, vector, filter], texts).enumerated().map { index, pair in
            let lowered = try pair.0.network.lowered(for: .inference)
            let pages = (lowered.program.pagedCount + pageSize - 1) / pageSize
            var text = pair.1
            text.name = rename(text.name)
            return FoldedNetwork(
                text: text, program: lowered.program,
                // The first page is exclusive, the second of two.
                pageTable: (0..<pages).map { $0 == 0 ? frames + 1 : ($0 * 7 + index) % frames },
                exclusivePages: randomNumbers(2 * pageSize, seed: UInt64(index), scale: 0.5),
                tail: Array(lowered.weights[lowered.program.pagedCount...]))
        }
        let pool = randomNumbers(frames * pageSize, seed: 1, scale: 0.5)
        try Data(Fold(pageSize: pageSize, pool: pool, networks: networks).encoded())
            .write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Writes into the folder.
    /// - Returns: the path.
    func write(_ bytes: Data, as name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try bytes.write(to: URL(fileURLWithPath: path))
        return path
    }
}
