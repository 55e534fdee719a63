// Networks that join and leave a fold: what happens to the others, to the bytes, to the newcomer.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

@Suite struct GrowingTests {
    static let budget = 1_300

    /// A network that the small problem does not have.
    static func newcomer() throws -> PackingTask {
        var network = NetworkBuilder("third", input: Shape(channels: 12), seed: 9)
        network.add(.dense(outputs: 20))
        network.add(.activation(.relu))
        network.add(.dense(outputs: 16))
        network.add(.activation(.relu))
        network.add(.dense(outputs: 3))
        let lowered = try network.network.lowered(for: .inference)
        let shape = lowered.program.inputShape
        return PackingTask(
            network: lowered, text: NetworkText(name: "third", preprocessing: "scale divisor=2"),
            training: SmallProblem.samples(shape, classes: 3, count: 90, seed: 7),
            validation: SmallProblem.samples(shape, classes: 3, count: 60, seed: 8))
    }

    static func settings(budget: Int = GrowingTests.budget, steps: Int = 40) -> PackingSettings {
        var settings = SmallProblem.settings(budget: budget)
        settings.training.steps = steps
        settings.validationSamples = 60
        return settings
    }

    /// Two networks packed; the second kind has exclusive pages, the third patches.
    static func fold(_ separation: Int = 0) throws -> Fold {
        var settings = SmallProblem.settings(budget: 2_536)
        if separation > 0 {
            settings.separation.method = .loss
            settings.separation.exclusive = 0.2
            settings.separation.patchSize = separation == 1 ? 0 : 3
        }
        return try SmallProblem.pack(settings: settings).fold
    }

    static func add(
        to fold: Fold, settings: PackingSettings = GrowingTests.settings(), mostLoss: Double = 0,
        others: [PackingTask] = [], threads: Int = 2
    ) throws -> GrowthResult {
        try Grower(settings: settings, mostLoss: mostLoss, engine: Engine(threads: threads))
            .add(newcomer(), to: fold, others: others)
    }

    static func bits(_ fold: Fold, _ name: String) throws -> [UInt32] {
        let network = try #require(fold.networks.first { $0.text.name == name })
        return fold.weights(of: network).map(\.bitPattern)
    }

    @Test(arguments: [0, 1, 2], [1_100, 1_500, 100_000])
    func theOthersStayAsTheyAre(separation: Int, budget: Int) throws {
        let before = try Self.fold(separation)
        let result = try Self.add(to: before, settings: Self.settings(budget: budget, steps: 6))
        #expect(result.fold.networks.count == 3)
        for (old, new) in zip(before.networks, result.fold.networks) { #expect(old == new) }
        #expect(result.neighbours.map(\.name) == ["image", "vector"])
        #expect(result.neighbours.allSatisfy { $0.isUnchanged && $0.before == nil })
        for name in ["image", "vector"] {
            #expect(try Self.bits(result.fold, name) == Self.bits(before, name))
        }
        #expect(result.fold.encoded().count <= before.encoded().count + budget)
        // The way back.
        #expect(try result.fold.removing("third").encoded() == before.encoded())
    }

    @Test func theBudgetIsUsed() throws {
        let before = try Self.fold()
        let grown = try Self.add(to: before).fold.encoded().count - before.encoded().count
        #expect(grown > Self.budget - 4 * SmallProblem.pageSize - 64)
    }

    @Test func withRoomForAllOfItNothingIsLost() throws {
        let task = try Self.newcomer()
        let result = try Self.add(to: Self.fold(), settings: Self.settings(budget: 100_000, steps: 0))
        let added = result.fold.networks[2]
        let plain = added.program.absorbingScales(result.fold.weights(of: added))
        #expect(relativeDifference(plain.weights, task.network.weights.map(Double.init)) < 1e-5)
        #expect(result.packed.agreement == 1)
        #expect(added.text == task.text)
    }

    @Test func trainingGivesMoreThanMatching() throws {
        let result = try Self.add(to: Self.fold(), settings: Self.settings(steps: 120))
        #expect(result.packed.value > result.matched.value + 0.1)
        #expect(result.bestStep > 0)
    }

    @Test(arguments: [0, 0.05])
    func theSameBytesForAnyNumberOfThreads(mostLoss: Double) throws {
        let before = try Self.fold()
        let results = try [1, 2, 3].map { threads in
            try Self.add(
                to: before, mostLoss: mostLoss, others: mostLoss > 0 ? SmallProblem.tasks() : [],
                threads: threads)
        }
        for result in results[1...] {
            #expect(result.fold.encoded() == results[0].fold.encoded())
            #expect(result.history == results[0].history)
            #expect(result.jointHistory == results[0].jointHistory)
        }
        #expect(results[0].bestStep > 0)
    }

    @Test func freedFramesAreRoomForTheNext() throws {
        let before = try Self.fold()
        let freed = try before.removing("image")
        #expect(!freed.freeFrames.isEmpty)
        let smallest = Self.settings(budget: 800)
        let result = try Self.add(to: freed, settings: smallest)
        let used = Set(result.fold.networks[1].pageTable)
        #expect(!used.isDisjoint(with: freed.freeFrames))
        #expect(try Self.bits(result.fold, "vector") == Self.bits(before, "vector"))
        #expect(try result.fold.removing("third").encoded() == freed.encoded())
        // The same bytes do more where frames are free.
        #expect(result.matchingLoss < (try Self.add(to: before, settings: smallest)).matchingLoss)
    }

    /// Whatever the budget, and however little or much of it is for blocks.
    @Test(arguments: [400, 700, 1_100, 5_000, 64_000_000, 900_000_000_000])
    func noBudgetIsExceeded(budget: Int) throws {
        let before = try Self.fold()
        for block in [0, 1, 2, 6] {
            var settings = Self.settings(budget: 1_000, steps: 1)
            settings.separation.method = .loss
            settings.separation.exclusive = 0.9
            settings.separation.patchSize = block
            settings.pageSize = before.pageSize
            let smallest = try #require(Self.smallestBudget(before, settings))
            settings.budget = smallest + budget
            let result = try Self.add(to: before, settings: settings)
            #expect(result.fold.encoded().count - before.encoded().count <= settings.budget)
            settings.budget = smallest
            let least = try Self.add(to: before, settings: settings)
            #expect(least.fold.encoded().count - before.encoded().count <= smallest)
        }
    }

    /// What the refusal of a budget of one byte says is needed.
    private static func smallestBudget(_ fold: Fold, _ settings: PackingSettings) -> Int? {
        var settings = settings
        settings.budget = 1
        do {
            _ = try add(to: fold, settings: settings)
            return nil
        } catch {
            return ((error as? InputError)?.problem.split(separator: " ").last).flatMap { Int($0) }
        }
    }

    @Test(arguments: [0, 1, 2], [0.02, 0.2])
    func theOthersLoseWhatIsAllowedAtMost(separation: Int, mostLoss: Double) throws {
        let before = try Self.fold(separation)
        let others = try SmallProblem.tasks()
        // Few steps: what training of its own parts leaves undone, training of all goes on with.
        let result = try Self.add(
            to: before, settings: Self.settings(steps: 12), mostLoss: mostLoss,
            others: others.reversed())
        for (index, neighbour) in result.neighbours.enumerated() {
            let old = try #require(neighbour.before)
            let new = try #require(neighbour.after)
            #expect(new.value >= old.value - mostLoss - 1e-9)
            // Measured anew, from the folds.
            #expect(try Self.accuracy(before, index, others[index]) == old.accuracy)
            #expect(try Self.accuracy(result.fold, index, others[index]) == new.accuracy)
            // Nothing but values of frames has moved.
            #expect(result.fold.networks[index] == before.networks[index])
        }
        #expect(result.packed.value >= result.history.map { $0.measures[0].value }.max()!)
        #expect(result.packed.accuracy == (try Self.accuracy(result.fold, 2, Self.newcomer())))
        let moved = result.neighbours.contains { !$0.isUnchanged }
        #expect(moved || mostLoss < 0.2)
        #expect(moved == (result.fold.pool != before.pool))
        #expect(result.jointHistory.count > 1)
    }

    private static func accuracy(_ fold: Fold, _ index: Int, _ task: PackingTask) throws -> Double? {
        let program = fold.networks[index].program
        let indices = Array(0..<task.validation.count)
        let answers = Engine(threads: 1).answers(
            of: NetworkPlan(program: program),
            weights: FloatBuffer(program.effectiveWeights(fold.weights(of: fold.networks[index]))),
            to: task.validation, indices: indices, objective: Classification())
        return Classification().measure(
            answers, original: answers, samples: task.validation, indices: indices
        ).accuracy
    }

    @Test func refusals() throws {
        let fold = try Self.fold()
        let taken = #expect(throws: InputError.self) { try Self.add(to: Self.add(to: fold).fold) }
        #expect(taken?.field == "network third")
        for budget in [1, 300] {
            let small = #expect(throws: InputError.self) {
                try Self.add(to: fold, settings: Self.settings(budget: budget))
            }
            #expect(small?.field == "budget" && small?.problem.contains("\(budget) bytes") == true)
        }
        let missing = #expect(throws: InputError.self) {
            try Self.add(to: fold, mostLoss: 0.1, others: Array(SmallProblem.tasks()[..<1]))
        }
        #expect(missing?.field == "network vector")
        for loss in [-0.1, 1.1, .nan] {
            let error = #expect(throws: InputError.self) { try Self.add(to: fold, mostLoss: loss) }
            #expect(error?.field == "max-loss")
        }
        var settings = Self.settings()
        settings.separation.method = .density
        let density = #expect(throws: InputError.self) { try Self.add(to: fold, settings: settings) }
        #expect(density?.field == "separation")
    }
}

@Suite struct ShrinkingTests {
    @Test(arguments: [0, 1, 2], ["image", "vector"])
    func theOthersStayAsTheyAre(separation: Int, name: String) throws {
        let before = try GrowingTests.fold(separation)
        let left = try before.removing(name)
        let other = name == "image" ? "vector" : "image"
        #expect(left.networks == before.networks.filter { $0.text.name == other })
        #expect(left.frameCount == before.frameCount)
        #expect(try GrowingTests.bits(left, other) == GrowingTests.bits(before, other))
        let compact = left.compacted()
        #expect(compact.freeFrames.isEmpty)
        #expect(compact.frameCount == before.frameCount - left.freeFrames.count)
        #expect(try GrowingTests.bits(compact, other) == GrowingTests.bits(before, other))
        #expect(compact.compacted() == compact)
    }

    @Test func refusals() throws {
        let fold = try GrowingTests.fold()
        let unknown = #expect(throws: InputError.self) { try fold.removing("third") }
        #expect(unknown?.field == "network third" && unknown?.remedy.contains("image, vector") == true)
        let last = #expect(throws: InputError.self) { try fold.removing("image").removing("vector") }
        #expect(last?.problem == "it is the last one")
    }

    @Test func aPoolThatNobodyUsesKeepsOneFrame() throws {
        var fold = try GrowingTests.fold().removing("image")
        let weights = fold.weights(of: fold.networks[0])
        let pages = fold.networks[0].pageTable
        fold.networks[0].exclusivePages = pages.flatMap {
            fold.pool[$0 * fold.pageSize..<($0 + 1) * fold.pageSize]
        }
        fold.networks[0].pageTable = pages.indices.map { fold.frameCount + $0 }
        let compact = fold.compacted()
        #expect(compact.frameCount == 1)
        #expect(compact.weights(of: compact.networks[0]) == weights)
    }
}

@Suite struct FrameFittingTests {
    /// Pages that lie on frames up to a factor for each row are found, with their factors.
    @Test(arguments: [8, 24])
    func rowsAreFoundUpToAFactor(pageSize: Int) throws {
        let rows = 6
        let fixed = randomNumbers(rows * 2 * pageSize, seed: 3)
        var program = try GrowingTests.newcomer().network.addingChannelScales().program
        // One dense layer of rows of two pages.
        program = Program(
            values: [Shape(channels: 2 * pageSize), Shape(channels: rows)],
            steps: [program.steps[0]], outputs: [ProgramOutput(value: 1)], pagedCount: fixed.count,
            weightCount: fixed.count + 2 * rows)
        program.steps[0].weights = 0
        program.steps[0].scale = UInt32(fixed.count)
        let truth = (0..<rows).map { 0.8 + 0.1 * Float($0) }
        let weights = fixed.indices.map { fixed[$0] * truth[$0 / (2 * pageSize)] }
        let network = try PagedWeights(
            name: "", weights: weights, fisher: fixed.map { _ in 2 }, pageSize: pageSize)
        var fitting = FrameFitting(
            network, layout: RowLayout(program: program, pageSize: pageSize), fixed: fixed, own: 0,
            workers: Workers(threads: 2))
        fitting.run()
        #expect(fitting.candidateOf == Array(0..<2 * rows))
        #expect(zip(fitting.factors, truth).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(fitting.losses().reduce(0, +) < 1e-8)
    }

    @Test(arguments: [0, 1, 4, 9, 40])
    func moreFramesOfItsOwnCostLess(own: Int) throws {
        func loss(_ own: Int) throws -> Double {
            let network = try PagedWeights(
                name: "", weights: randomNumbers(40 * 8, seed: 1),
                fisher: randomNumbers(40 * 8, seed: 2).map(abs), pageSize: 8)
            let program = Program(
                values: [Shape(channels: 1)], steps: [], outputs: [ProgramOutput(value: 0)],
                pagedCount: 40 * 8, weightCount: 40 * 8)
            var fitting = FrameFitting(
                network, layout: RowLayout(program: program, pageSize: 8),
                fixed: randomNumbers(5 * 8, seed: 4), own: own, workers: Workers(threads: 1))
            fitting.run()
            return fitting.losses().reduce(0, +)
        }
        #expect(try loss(own) > loss(own + 10) || own >= 40)
        if own == 40 { #expect(try loss(own) < 1e-8) }
    }
}
