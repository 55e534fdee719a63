// What the TensorFlow 1 tests share: where goldens and published checkpoints are, and their input.

import Foundation
import PagefoldCore
import PagefoldGraph

@testable import PagefoldImport

enum TensorFlow1Goldens {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens/tensorflow1").path

    /// The folder of the published checkpoints, if this machine has it.
    static let published: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["PAGEFOLD_SHARED"]
            ?? root.deletingLastPathComponent().appendingPathComponent("shared").path
        let path = shared + "/models/ws"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// A golden's bytes.
    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }

    /// TensorFlow's answers by network.
    static func answers(_ file: String) throws -> [String: [Double]] {
        try JSONDecoder().decode([String: [Double]].self, from: Data(try bytes(file)))
    }

    /// The answers of node `node` for as many samples as `count` numbers make, on the input of make.py: one sequence
    /// of numbers, read in TensorFlow's order.
    static func run(_ network: Network, node: Int, count: Int) -> [Double] {
        guard case .input(let shape) = network.nodes[0].operation else { return [] }
        var state: UInt32 = 1
        var answers: [Double] = []
        while answers.count < count {
            var sample = ScalarMap(shape: shape, values: [Double](repeating: 0, count: shape.count))
            for y in 0..<shape.height {
                for x in 0..<shape.width {
                    for c in 0..<shape.channels {
                        state = state &* 1_664_525 &+ 1_013_904_223
                        sample[c, y, x] = Double(state >> 8) * 0x1p-24
                    }
                }
            }
            answers += scalarForward(network, sample.values)[node].values
        }
        return answers
    }

    static func deviation(_ left: [Double], _ right: [Double]) -> Double {
        left.count == right.count ? zip(left, right).map { abs($0 - $1) }.max() ?? 0 : .infinity
    }
}
