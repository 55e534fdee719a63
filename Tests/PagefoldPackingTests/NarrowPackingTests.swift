// Packing into narrow frames, and the budget search that chooses them, on a small problem.

import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldEngine
@testable import PagefoldPacking

@Suite struct NarrowPackingTests {
    static func settings(_ format: NumberFormat?, budget: Int = 2_000) -> PackingSettings {
        var settings = SmallProblem.settings(budget: budget)
        settings.format = format
        return settings
    }

    /// The fold answers as training saw it: nothing is rounded afterwards.
    @Test(arguments: NumberFormat.allCases)
    func whatIsStoredIsWhatWasTrained(format: NumberFormat) throws {
        let tasks = try SmallProblem.tasks()
        let result = try SmallProblem.pack(tasks, settings: Self.settings(format))
        let bytes = result.fold.encoded()
        #expect(bytes.count <= 2_000)
        #expect(result.best.step > 0)
        let fold = try read(bytes)
        #expect(fold == result.fold)
        #expect(fold.formats.pool == format)
        for (index, task) in tasks.enumerated() {
            let network = fold.networks[index]
            let plan = NetworkPlan(program: network.program)
            let answers = Engine(threads: 1).answers(
                of: plan, weights: FloatBuffer(network.program.effectiveWeights(fold.weights(of: network))),
                to: task.validation, indices: Array(0..<30), objective: Classification())
            let measure = Classification().measure(
                answers, original: answers, samples: task.validation, indices: Array(0..<30))
            #expect(measure.accuracy == result.best.measures[index].accuracy)
        }
    }

    @Test(arguments: [NumberFormat.float16, .int8, .int3, .int1])
    func theSameBytesForAnyNumberOfThreads(format: NumberFormat) throws {
        let alone = try SmallProblem.pack(settings: Self.settings(format), threads: 1)
        let together = try SmallProblem.pack(settings: Self.settings(format), threads: 3)
        #expect(alone.fold.encoded() == together.fold.encoded())
    }

    /// With a frame for every page only rounding is lost, and the less the wider the numbers.
    @Test func widerNumbersAreNearerToTheOriginals() throws {
        let tasks = try SmallProblem.tasks()
        var errors = [Double]()
        for format in [NumberFormat.int1, .int2, .int3, .int4, .int8, .float16, .float32] {
            var settings = Self.settings(format, budget: 100_000)
            settings.training.steps = 0
            let fold = try SmallProblem.pack(tasks, settings: settings).fold
            var error = 0.0
            for (task, network) in zip(tasks, fold.networks) {
                let plain = network.program.absorbingScales(fold.weights(of: network)).weights
                for (a, b) in zip(plain, task.network.weights) { error += Double((a - b) * (a - b)) }
            }
            errors.append(error)
        }
        #expect(zip(errors, errors.dropFirst()).allSatisfy { $0 > $1 }, "\(errors)")
        #expect(errors.last! < 1e-9)
    }

    /// A fold of the first network, and what the second one makes of it.
    private static func grown(
        _ format: NumberFormat, mostLoss: Double
    ) throws -> (before: Fold, result: GrowthResult) {
        let tasks = try SmallProblem.tasks()
        let fold = try SmallProblem.pack([tasks[0]], settings: settings(format)).fold
        var settings = SmallProblem.settings(budget: 900)
        settings.training.steps = 6
        let grower = try Grower(settings: settings, mostLoss: mostLoss, engine: Engine(threads: 2))
        return (fold, try grower.add(tasks[1], to: fold, others: mostLoss > 0 ? [tasks[0]] : []))
    }

    /// Frames that others run from keep their numbers and their steps.
    @Test(arguments: [NumberFormat.float16, .int4, .int2])
    func anAddedNetworkLeavesTheOthersAsTheyAre(format: NumberFormat) throws {
        let (fold, grown) = try Self.grown(format, mostLoss: 0)
        #expect(grown.neighbours.map(\.isUnchanged) == [true])
        let written = try read(grown.fold.encoded())
        #expect(written == grown.fold)
        #expect(written.weights(of: written.networks[0]) == fold.weights(of: fold.networks[0]))
        let removed = try read(try written.removing("image").compacted().encoded())
        #expect(removed.weights(of: removed.networks[0]) == written.weights(of: written.networks[1]))
    }

    /// Training that goes on from a fold begins with the fold's own numbers, and its steps do not shrink.
    @Test(arguments: NumberFormat.allCases)
    func whatGoesOnBeginsWhereItWas(format: NumberFormat) throws {
        var settings = Self.settings(format)
        let tasks = try SmallProblem.tasks()
        let first = try SmallProblem.pack(tasks, settings: settings)
        settings.training.steps = 0
        let packer = try Packer(settings: settings, engine: Engine(threads: 1))
        let second = try packer.pack(tasks, from: first)
        #expect(second.fold == first.fold)
        let placement = first.fold.placement().placement
        let rounded = RoundedFrames(
            placement.weights, of: placement.frames, formats: first.fold.formats)
        let weights = FloatBuffer(placement.weights.pool)
        for frame in 0..<placement.frames.frameCount {
            _ = rounded.adopt(frame, weights.pointer)
            let step = rounded.quanta.values[frame]
            _ = rounded.take(frame, from: weights.pointer, keepsQuantum: false)
            // A float16 has 11 bits.
            if format.hasQuantum { #expect(abs(rounded.quanta.values[frame] / step - 1) < 2e-3) }
        }
    }

    /// Whoever may lose nothing is left as it is by steps that would cost something.
    @Test(arguments: [NumberFormat.int4, .int2])
    func aBoundedAdditionKeepsToItsBound(format: NumberFormat) throws {
        let grown = try Self.grown(format, mostLoss: 0.001).result
        let neighbour = grown.neighbours[0]
        #expect(neighbour.after!.value >= neighbour.before!.value - 0.0011)
        let written = try read(grown.fold.encoded())
        #expect(written == grown.fold)
    }

    private func read(_ bytes: [UInt8]) throws -> Fold {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        return try FoldReader(UnsafeRawBufferPointer(buffer)).fold()
    }
}

@Suite struct BudgetSearchTests {
    static func search(
        _ budget: Int, threads: Int = 2, mostLoss: Double? = nil,
        change: (inout PackingSettings) -> Void = { _ in }
    ) throws -> SearchResult {
        var settings = NarrowPackingTests.settings(nil, budget: budget)
        settings.training.steps = 100
        settings.evaluateEvery = 50
        change(&settings)
        return try BudgetSearch(settings: settings, engine: Engine(threads: threads)).pack(
            try SmallProblem.tasks(), mostLoss: mostLoss)
    }

    @Test(arguments: [1_750, 2_000, 2_600])
    func theChoiceKeepsToTheBudget(budget: Int) throws {
        let result = try Self.search(budget)
        #expect(result.packing.fold.encoded().count <= budget)
        let chosen = result.points.filter { $0.verdict == .chosen }
        #expect(chosen.map(\.format) == [result.settings.format])
        #expect(chosen[0].format == result.packing.fold.formats.pool)
        #expect(result.points.allSatisfy { $0.verdict != .open })
        // Whoever lost was tried, or had no chance by its numbers.
        for point in result.points where point.verdict == .cannotWin { #expect(point.steps >= 50) }
        for point in result.points {
            if case .fitsWithoutSharing = point.verdict { #expect(point.steps == 0) }
        }
    }

    /// Where many pages would be on a frame a format is not tried, unless all formats are so.
    @Test func formatsThatShareTooMuchAreNotTried() throws {
        let points = try Self.search(850).points
        let crowded = points.filter { $0.sharing > BudgetSearch.mostSharing }
        #expect(!crowded.isEmpty && crowded.count < points.count)
        for point in crowded { #expect(point.steps == 0 && point.mean == nil, "\(point)") }
        #expect(points.contains { $0.steps > 0 })
    }

    @Test func roomForAllOfItNeedsNoSearch() throws {
        let result = try Self.search(100_000)
        #expect(result.settings.format == .float32)
        #expect(result.points.filter { $0.steps > 0 }.map(\.format) == [.float32])
    }

    @Test func theSameChoiceAndBytesForAnyNumberOfThreads() throws {
        let alone = try Self.search(2_000, threads: 1)
        let together = try Self.search(2_000, threads: 3)
        #expect(alone.points == together.points)
        #expect(alone.packing.fold.encoded() == together.packing.fold.encoded())
    }

    @Test func aFormatThatIsNamedIsNotSearched() throws {
        let result = try Self.search(2_000) { $0.format = .int3 }
        #expect(result.points.isEmpty)
        #expect(result.packing.fold.formats.pool == .int3)
    }

    @Test func aBudgetThatCannotBeMetSaysWhoLoses() throws {
        let error = #expect(throws: InputError.self) { try Self.search(1_750, mostLoss: -1) }
        #expect(error?.field == "budget")
        #expect(error?.problem.contains("image") == true && error?.problem.contains("vector") == true)
    }

    @Test func aBudgetForNothingIsRefused() throws {
        let error = #expect(throws: InputError.self) { try Self.search(300) }
        #expect(error?.field == "budget")
    }
}
