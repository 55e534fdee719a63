// What a network that is added finds room for: its tail in its format, its pages on frames of others or of its own.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

@Suite struct GrowthRoomTests {
    /// Rows may grow by four to fit the frames that are there: a tail that just fits its format gets the next wider one.
    @Test(arguments: [(Float(30_000), NumberFormat.float32), (10_000, .float16)])
    func aTailNeedsRoomToGrow(bias: Float, format: NumberFormat) throws {
        var settings = SmallProblem.settings(budget: 2_536)
        settings.tailFormat = .float16
        settings.training.steps = 0
        let fold = try SmallProblem.pack(settings: settings).fold
        var task = try GrowingTests.newcomer()
        task.network.weights[task.network.program.pagedCount] = bias
        let grower = try Grower(settings: GrowingTests.settings(steps: 0), engine: Engine(threads: 2))
        let grown = try grower.add(task, to: fold).fold
        #expect(grown.networks.last?.tailFormat == format)
        #expect(grown.networks.dropLast().allSatisfy { $0.tailFormat == .float16 })
    }

    /// Two rows, a page each, for the frame that is there and one of their own. The first, 60 degrees from what is there,
    /// takes its own; the second lies between. Until they suit each other better, frames of others must be four times
    /// as good for it as its own, which is trained.
    @Test(arguments: [(20.0, false), (25, false), (33, true), (36, true)])
    func ownFramesArePreferredToThoseOfOthers(degrees: Double, isOwn: Bool) throws {
        let size = 64
        let angle = degrees * .pi / 180
        func row(_ along: Double, _ across: Double) -> [Float] {
            [Float(along), Float(across)] + [Float](repeating: 0, count: size - 2)
        }
        func network(_ name: String, _ rows: [[Float]]) throws -> LoweredNetwork {
            var builder = NetworkBuilder(name, input: Shape(channels: size))
            builder.add(.dense(outputs: rows.count))
            var lowered = try builder.network.lowered(for: .inference)
            lowered.weights.replaceSubrange(..<lowered.program.pagedCount, with: rows.joined())
            return lowered
        }
        let old = try network("old", [row(1, 0)])
        let fold = Fold(
            pageSize: size, pool: row(1, 0),
            networks: [
                FoldedNetwork(
                    text: NetworkText(name: "old"), program: old.program, pageTable: [0],
                    tail: Array(old.weights[size...]))
            ])
        // Inputs of magnitude 1: the weights of a row have one Fisher value.
        var random = RandomSource(seed: 5)
        let samples = SampleArray(
            shape: Shape(channels: size),
            samples: (0..<40 * size).map { _ in random.uniform() < 0.5 ? -1 : 1 },
            labels: (0..<40).map { Int32($0 % 2) })
        let task = PackingTask(
            network: try network("new", [row(0.5, 0.75.squareRoot()), row(cos(angle), sin(angle))]),
            text: NetworkText(name: "new"), training: samples, validation: samples)
        var settings = GrowingTests.settings(steps: 0)
        settings.separation.method = .loss
        settings.separation.patchSize = 0
        settings.budget = 1
        let refusal = #expect(throws: InputError.self) {
            try Grower(settings: settings, engine: Engine(threads: 1)).add(task, to: fold)
        }
        let least = try #require(refusal?.problem.split(separator: " ").last.flatMap { Int($0) })
        // One page of its own, and a section for it.
        settings.budget = least + 7 * size
        let added = try Grower(settings: settings, engine: Engine(threads: 1)).add(task, to: fold).fold
        #expect(added.networks[1].exclusivePages.count == size)
        #expect(added.networks[1].pageTable == [1, isOwn ? 1 : 0])
    }
}
