// Whole packing runs with each of the methods: the same bytes for any number of threads and after every interruption,
// and a fold that answers as the trained networks did. Forged checkpoints of such runs.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldPacking

/// A packing of the small problem by other methods than the default.
struct MethodCase: Sendable, CustomTestStringConvertible {
    let name: String
    var preset = Preset.pagefold
    let texts: [String: String]

    var testDescription: String { name }

    static let all = [
        MethodCase(name: "wv", preset: .wv, texts: ["turn": "3"]),
        MethodCase(
            name: "ws", preset: .ws,
            texts: ["turn": "5", "frames": "6", "target_accuracy": "0.4", "matching_loss": "harmonic"]),
        MethodCase(name: "sequential", texts: ["optimisation": "sequential"]),
        MethodCase(
            name: "round robin of random pages, quadratic matching loss",
            texts: [
                "optimisation": "round_robin", "turn": "4", "matching": "random",
                "matching_loss": "quadratic",
            ]),
        MethodCase(
            name: "simultaneous with matching loss", texts: ["matching_loss": "arithmetic", "lambda": "0.1"]),
        MethodCase(
            name: "separation by loss, single weights",
            texts: ["separation": "loss", "block": "1", "exclusive": "0.1"]),
        MethodCase(
            name: "separation by loss, blocks of 4",
            texts: ["separation": "loss", "block": "4", "exclusive": "0.2", "selection": "last"]),
        MethodCase(
            name: "separation by loss, whole pages",
            texts: ["separation": "loss", "block": "0", "exclusive": "0.2"]),
        MethodCase(
            name: "patches in turns",
            texts: [
                "separation": "loss", "block": "3", "exclusive": "0.2", "optimisation": "round_robin",
                "turn": "3", "matching_loss": "arithmetic",
            ]),
    ]

    func settings() throws -> PackingSettings {
        let small = SmallProblem.settings()
        var settings = small
        settings.budget = preset == .pagefold ? 2_336 : 100_000
        try settings.apply(preset.texts, from: .preset(preset.rawValue))
        settings.pageSize = small.pageSize
        settings.fisherSamples = small.fisherSamples
        settings.evaluateEvery = small.evaluateEvery
        settings.training.steps = small.training.steps
        settings.training.batch = small.training.batch
        settings.training.learningRate = small.training.learningRate
        try settings.apply(texts, from: .file("test"))
        return settings
    }

    func pack(
        threads: Int = 2, checkpoint: String? = nil, report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws -> PackingResult {
        try SmallProblem.pack(
            SmallProblem.tasks(pageBiases: preset != .pagefold), settings: settings(), threads: threads,
            checkpoint: checkpoint, fingerprint: "job", report: report)
    }
}

@Suite struct MethodRunTests {
    @Test(arguments: MethodCase.all)
    func theSameBytesForAnyNumberOfThreads(method: MethodCase) throws {
        let alone = try method.pack(threads: 1)
        for threads in [2, 3] {
            let result = try method.pack(threads: threads)
            #expect(result.fold.encoded() == alone.fold.encoded())
            #expect(result.history == alone.history)
        }
        #expect(alone.history.count > 2)
        let states = Set(alone.history.map(\.losses))
        #expect(states.count == alone.history.count)
    }

    /// What a case is there for is in its fold.
    @Test(arguments: MethodCase.all)
    func theMethodIsAtWork(method: MethodCase) throws {
        let settings = try method.settings()
        let fold = try method.pack().fold
        let pages = fold.networks.contains { !$0.exclusivePages.isEmpty }
        let blocks = fold.networks.contains { $0.patches != nil }
        switch settings.separation.method {
        case .none: #expect(!pages && !blocks)
        case .density: #expect(pages && !blocks)
        case .loss: #expect(settings.separation.patchSize == 0 ? pages && !blocks : blocks && !pages)
        }
        if settings.pageBiases { #expect(fold.networks.allSatisfy { $0.tail.isEmpty }) }
        if settings.pool == .largestNetwork {
            #expect(fold.frameCount == fold.networks.map(\.pageTable.count).max())
        }
    }

    @Test(arguments: MethodCase.all)
    func aRunThatGoesOnEndsWithTheSameBytes(method: MethodCase) throws {
        let settings = try method.settings()
        let turns = Turns(settings.training, networks: 2)
        let lookEvery = settings.evaluateEvery * turns.stride
        let folder = try TemporaryFolder()
        let path = folder("run.checkpoint")
        let whole = try method.pack(checkpoint: path) { event in
            if case .stepped(let step, _, _) = event {
                try? FileManager.default.copyItem(atPath: path, toPath: folder("copy-\(step)"))
            }
        }
        // A checkpoint lies there from every look to the next; each is resumed once, and one twice.
        for step in [1] + Array(stride(from: lookEvery + 1, through: turns.total, by: lookEvery)) + [
            turns.total
        ] {
            var resumed: Int?
            let rest = try method.pack(threads: 1 + step % 3, checkpoint: folder("copy-\(step)")) { event in
                if case .resumed(let step) = event { resumed = step }
            }
            #expect(resumed == (step - 1) / lookEvery * lookEvery)
            #expect(rest.fold.encoded() == whole.fold.encoded(), "from step \(step)")
            #expect(rest.history == whole.history)
            #expect(rest.best == whole.best)
            #expect(rest.matchingLoss == whole.matchingLoss)
        }
    }

    /// The fold in place, as a session reads it, gives the answers that were looked at when the state was kept.
    @Test(arguments: MethodCase.all)
    func theFoldAnswersAsTheTrainedNetworks(method: MethodCase) throws {
        let tasks = try SmallProblem.tasks(pageBiases: method.preset != .pagefold)
        let result = try method.pack()
        for (index, task) in tasks.enumerated() {
            let source = task.validation
            let plan = NetworkPlan(program: result.fold.networks[index].program)
            let flat = plan.program.effectiveWeights(result.fold.weights(of: result.fold.networks[index]))
            let fast = Engine(threads: 1).answers(
                of: plan, weights: FloatBuffer(flat), to: source, indices: Array(0..<source.count),
                objective: Classification())
            let answers = answers(of: result.fold, network: index, to: source).map { Answer.label(Int32($0)) }
            #expect(answers == fast)
            let original = (0..<source.count).map {
                Answer.label(Int32(largest(task.network.interpret(sample(source, $0)))))
            }
            let measure = Classification().measure(
                answers, original: original, samples: source, indices: Array(0..<source.count))
            #expect(measure == result.best.measures[index])
        }
    }

    private func sample(_ source: any SampleSource, _ index: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: source.shape.count) { buffer, count in
            source.copySample(index, variant: nil, into: buffer)
            count = source.shape.count
        }
    }

    private func largest(_ answer: [Float]) -> Int {
        answer.indices.reduce(0) { answer[$1] > answer[$0] ? $1 : $0 }
    }

    /// Classes by the interpreter over the bytes of the file.
    private func answers(of fold: Fold, network: Int, to source: any SampleSource) -> [Int] {
        let bytes = fold.encoded()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        do {
            let view = try FoldReader(UnsafeRawBufferPointer(buffer)).networks[network]
            var arena = [Float](repeating: 0, count: view.program.arenaCount)
            return arena.withUnsafeMutableBufferPointer { arena in
                let interpreter = Interpreter(
                    program: view.program, weights: view.weights, arena: arena.baseAddress!)
                return (0..<source.count).map { index in
                    for (i, value) in sample(source, index).enumerated() { interpreter.input[i] = value }
                    interpreter.run()
                    return largest(
                        Array(
                            UnsafeBufferPointer(
                                start: interpreter.logits, count: view.program.outputCount)))
                }
            }
        } catch {
            Issue.record("\(error)")
            return []
        }
    }
}

@Suite struct ForgedCheckpointTests {
    static let forgeries: [(String, @Sendable (inout Checkpoint) -> Void)] = [
        ("block out of range", { $0.header.placement.patches.indices[0] = [1 << 40] }),
        ("negative block", { $0.header.placement.patches.indices[1][0] = -1 }),
        ("blocks that do not rise", { $0.header.placement.patches.indices[0].swapAt(0, 1) }),
        (
            "a block twice",
            { $0.header.placement.patches.indices[0][1] = $0.header.placement.patches.indices[0][0] }
        ),
        ("a block less", { $0.header.placement.patches.indices[0].removeLast() }),
        ("blocks of no network", { $0.header.placement.patches.indices.removeLast() }),
        ("blocks of nobody", { $0.header.placement.patches.indices.append([]) }),
        ("block size 0", { $0.header.placement.patches.size = 0 }),
        ("negative block size", { $0.header.placement.patches.size = -4 }),
        ("block size that does not divide", { $0.header.placement.patches.size = 7 }),
        ("block size of all", { $0.header.placement.patches.size = .max }),
        ("another block size", { $0.header.placement.patches.size *= 2 }),
        ("no frames", { $0.header.placement.sharedCount = 0 }),
        ("frames beyond memory", { $0.header.placement.sharedCount = (1 << 30) / 24 }),
        ("more frames than numbers", { $0.header.placement.sharedCount = .max }),
        ("negative frame", { $0.header.placement.frameOf[0][2] = -1 }),
        ("a frame that is not there", { $0.header.placement.frameOf[0][2] = 1 << 40 }),
        (
            "an exclusive page without weights",
            { $0.header.placement.frameOf[0][2] = $0.header.placement.sharedCount }
        ),
        ("a page less", { $0.header.placement.frameOf[0].removeLast() }),
        ("page tables of no network", { $0.header.placement.frameOf = [] }),
        ("a state less", { $0.state.patches.removeLast() }),
        ("a moment less", { $0.state.tails[0].second.removeLast() }),
        ("a quantum less", { $0.best.quanta.removeLast() }),
        ("a patch's weight less", { $0.best.patches[1].removeLast() }),
        ("no frames of the best", { $0.best.pool = [] }),
        ("no patches of the best", { $0.best.patches = [] }),
        ("weights that are not numbers", { $0.state.patches[1].weights[0] = .nan }),
        ("no best", { $0.header.best.measures = [] }),
        ("a step beyond the last", { $0.header.step = .max }),
        ("a negative step", { $0.header.step = -1 }),
        ("rollbacks without end", { $0.header.rollbacks = .max }),
        ("importance of nobody", { $0.header.importance = [] }),
        ("no importance", { $0.header.importance[0] = 0 }),
        ("a look without scores", { $0.header.history[0].measures = [] }),
        ("a look with losses of nobody", { $0.header.history[0].losses.append(0) }),
    ]

    @Test(arguments: forgeries.indices)
    func aForgedCheckpointIsRefused(index: Int) throws {
        let (name, forge) = Self.forgeries[index]
        let method = try #require(MethodCase.all.first { $0.name == "separation by loss, blocks of 4" })
        let folder = try TemporaryFolder()
        let path = folder("run.checkpoint")
        _ = try method.pack(checkpoint: path)
        var checkpoint = try #require(try Checkpoint.read(path))
        #expect(checkpoint.header.placement.patches.indices.allSatisfy { $0.count > 2 })
        forge(&checkpoint)
        try checkpoint.write(to: path)
        let error = #expect(throws: InputError.self, "\(name)") { try method.pack(checkpoint: path) }
        #expect(error?.file == path && error?.problem == "it is damaged", "\(name)")
    }

    /// Exclusive pages and anchors of the matching loss are checked too.
    @Test(arguments: [0, 1, 2, 3])
    func aForgedCheckpointInTurnsIsRefused(index: Int) throws {
        let method = try #require(MethodCase.all.first { $0.name == "ws" })
        let folder = try TemporaryFolder()
        let path = folder("run.checkpoint")
        _ = try method.pack(checkpoint: path)
        var checkpoint = try #require(try Checkpoint.read(path))
        let shared = checkpoint.header.placement.sharedCount
        let own = try #require(checkpoint.header.placement.frameOf[0].firstIndex { $0 >= shared })
        switch index {
        // Two pages on one exclusive page, a page that nobody has, anchors of another length, none.
        case 0: checkpoint.header.placement.frameOf[0][own] = shared + 1
        case 1: checkpoint.header.placement.frameOf[0][own] = 0
        case 2: checkpoint.anchors[0].removeLast()
        default: checkpoint.anchors = []
        }
        try checkpoint.write(to: path)
        let error = #expect(throws: InputError.self) { try method.pack(checkpoint: path) }
        #expect(error?.problem == "it is damaged")
    }
}
