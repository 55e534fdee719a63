// Sessions on everything that a network may have for itself at once: exclusive pages, patches and channel scales.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct PatchRuntimeTests {
    private static let pageSize = 32

    /// Layers whose rows begin and end anywhere in pages and blocks, with a scale for each output channel.
    private static func network(_ kind: String) throws -> LoweredNetwork {
        var builder = NetworkBuilder(kind, input: Shape(channels: 3, height: 5, width: 6), seed: 11)
        if kind != "dense" {
            builder.add(.convolution(outputs: 5, window: Window(height: 3, width: 3)))
            builder.add(.activation(.relu))
            builder.add(.convolution(outputs: 7, window: Window(height: 2, width: 3)), bias: false)
        }
        if kind != "convolution" {
            builder.add(.dense(outputs: 9))
            builder.add(.activation(.tanh))
            builder.add(.dense(outputs: 5), bias: false)
        }
        var lowered = try builder.network.lowered(for: .inference)
        for index in lowered.program.steps.indices where lowered.program.steps[index].opcode.isWeighted {
            let step = lowered.program.steps[index]
            lowered.program.steps[index].scale = UInt32(lowered.program.weightCount)
            let channels = lowered.program.values[Int(step.output)].channels
            lowered.weights += randomNumbers(channels, seed: UInt64(index)).map { 1 + $0 / 2 }
            lowered.program.weightCount += channels
        }
        try lowered.program.validate()
        return lowered
    }

    /// Its pages on three frames and two exclusive pages, a third of its blocks patched, the last among them.
    private static func fold(_ lowered: LoweredNetwork, blockSize: Int) -> Fold {
        let paged = lowered.program.pagedCount
        var random = RandomSource(seed: 12)
        let last = (paged - 1) / blockSize
        let blocks = (0...last).filter { $0 == last || random.below(3) == 0 }
        return Fold(
            pageSize: pageSize, pool: randomNumbers(3 * pageSize, seed: 13),
            networks: [
                FoldedNetwork(
                    text: NetworkText(name: lowered.name), program: lowered.program,
                    pageTable: (0..<lowered.program.pageCount(pageSize: pageSize)).map { ($0 * 3 + 1) % 5 },
                    exclusivePages: randomNumbers(2 * pageSize, seed: 14),
                    patches: Patches(
                        size: blockSize, indices: blocks,
                        values: randomNumbers(blocks.count * blockSize, seed: 15)),
                    tail: Array(lowered.weights[paged...]))
            ])
    }

    private static func answer(
        of fold: Fold, to sample: [Float], engine: Session.Engine = .interpreter
    ) throws -> [Float] {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
        let file = try FoldFile(path: path)
        #expect(try file.fold() == fold)
        return try file.session(fold.networks[0].text.name, engine: engine).run(sample)
    }

    @Test(arguments: ["convolution", "dense", "both"], [1, 4, 16, pageSize])
    func aSessionAnswersAsTheFlatWeightsDo(kind: String, blockSize: Int) throws {
        let fold = Self.fold(try Self.network(kind), blockSize: blockSize)
        let network = fold.networks[0]
        let sample = randomNumbers(network.program.inputShape.count, seed: 16)
        let answer = try Self.answer(of: fold, to: sample)
        let flat = LoweredNetwork(name: "", program: network.program, weights: fold.weights(of: network))
        #expect(answer == flat.interpret(sample))
        let fast = try Self.answer(of: fold, to: sample, engine: .kernels)
        #expect(relativeDifference(fast, answer.map { Double($0) }) < 1e-5)

        // And each of them matters, or the test tests nothing.
        var without = fold
        without.networks[0].patches = nil
        #expect(try Self.answer(of: without, to: sample) != answer)
        without = fold
        without.networks[0].exclusivePages = randomNumbers(2 * Self.pageSize, seed: 17)
        #expect(try Self.answer(of: without, to: sample) != answer)
        without = fold
        for index in network.program.steps.indices {
            without.networks[0].program.steps[index].scale = Step.none32
        }
        #expect(try Self.answer(of: without, to: sample) != answer)
    }
}
