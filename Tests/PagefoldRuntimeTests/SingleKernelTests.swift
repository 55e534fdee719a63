// The kernels for one sample against the interpreter: every operation, every instruction set, pages of odd sizes, memory
// that is full of NaN.

import CPagefoldKernels
import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct SingleKernelTests {
    static let instructionSets = ["avx512", "avx2", "baseline"].filter {
        defer { pf_choose_instruction_set(nil) }
        return pf_choose_instruction_set($0) != 0
    }

    /// Shapes that take each way through the convolution: rows that begin vectors, columns, tiles with a rest in both
    /// directions, pools that leave a row and a column over.
    static let networks: [Network] = {
        func network(
            _ channels: Int, _ height: Int, _ width: Int, outputs: Int, kernel: (Int, Int), pad: Int = 0,
            stride: Int = 1, groups: Int = 1, activation: Activation = .leakyRelu,
            pools: Bool = true
        ) -> Network {
            var builder = NetworkBuilder(
                "\(channels)x\(height)x\(width) to \(outputs), \(kernel), \(pad) \(stride) \(groups) \(pools)",
                input: Shape(channels: channels, height: height, width: width), seed: 3)
            let window = Window(
                height: kernel.0, width: kernel.1, strideHeight: stride, strideWidth: stride,
                padding: Padding(top: pad, left: pad, bottom: pad, right: pad))
            builder.add(.convolution(outputs: outputs, window: window, groups: groups))
            if activation != .none { builder.add(.activation(activation, alpha: 0.2)) }
            if pools {
                builder.add(
                    .maxPool(
                        Window(
                            height: 2, width: 2, strideHeight: 2, strideWidth: 2,
                            padding: Padding(top: 0, left: 0, bottom: 0, right: 0))))
            }
            builder.add(.dense(outputs: 21))
            builder.add(.activation(.sigmoid))
            builder.add(.dense(outputs: 5))
            builder.add(.softmax)
            return builder.network
        }
        return [
            network(1, 45, 80, outputs: 3, kernel: (12, 24)),
            network(32, 6, 6, outputs: 52, kernel: (3, 3), pools: false),
            network(8, 6, 6, outputs: 13, kernel: (3, 3)),
            network(3, 17, 19, outputs: 7, kernel: (3, 3), pad: 1, activation: .relu),
            network(3, 33, 31, outputs: 17, kernel: (5, 3), pad: 2, stride: 2),
            network(6, 12, 70, outputs: 12, kernel: (3, 3), pad: 1, groups: 6, activation: .tanh),
            network(6, 9, 9, outputs: 4, kernel: (1, 1), groups: 2, activation: .none),
            network(2, 61, 13, outputs: 14, kernel: (12, 6)),
        ]
    }()

    static let cases: [Network] = OperationCase.all.map(\.network) + networks

    /// All formats with pages that end between bytes and between vectors.
    @Test(arguments: instructionSets, NumberFormat.allCases)
    func narrowFramesAnswerAsTheInterpreterDoes(set: String, format: NumberFormat) throws {
        let others = NumberFormat.allCases
        let other = others[(Int(format.rawValue) + 3) % others.count]
        for (pageSize, tails) in [(13, 1), (64, 0), (1000, 2)] {
            try sessionsAnswerAsTheInterpreterDoes(
                set: set, pageSize: pageSize,
                formats: WeightFormats(pool: format, exclusivePages: other), tails: tails)
        }
    }

    @Test(arguments: instructionSets, [5, 16, 64, 1000])
    func sessionsAnswerAsTheInterpreterDoes(set: String, pageSize: Int) throws {
        try sessionsAnswerAsTheInterpreterDoes(
            set: set, pageSize: pageSize, formats: WeightFormats(), tails: nil)
    }

    private func sessionsAnswerAsTheInterpreterDoes(
        set: String, pageSize: Int, formats: WeightFormats, tails: Int?
    ) throws {
        #expect(pf_choose_instruction_set(set) == 1)
        defer { pf_choose_instruction_set(nil) }
        let lowered = try Self.cases.map { try $0.lowered(for: .inference) }
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let fold = Self.fold(lowered, pageSize: pageSize, formats: formats, tails: tails)
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
        let file = try FoldFile(path: path)
        for (index, network) in lowered.enumerated() {
            let name = "\(index) \(network.name)"
            let sample = randomNumbers(network.program.inputShape.count, seed: UInt64(index))
            let oracle = try file.session(name, engine: .interpreter)
            #expect(oracle.interpretedSteps.count == network.program.steps.count)
            #expect(try file.interpretedSteps(name).isEmpty, "\(name) has a step without a kernel")
            let expected = try oracle.run(sample)
            let answer = try Self.runInPoisonedMemory(file, name, sample)
            let difference = relativeDifference(answer, expected.map { Double($0) })
            #expect(difference < 1e-5, "\(name): \(answer) instead of \(expected)")
        }
    }

    /// - Parameter tails: the networks' tails have the three formats in turn, from this one; nil: float32.
    /// - Returns: all networks on one pool, some pages exclusive, some blocks patched, rows with scales of both signs.
    static func fold(
        _ networks: [LoweredNetwork], pageSize: Int, formats: WeightFormats = WeightFormats(),
        tails: Int? = nil
    ) -> Fold {
        let frames = 7
        let folded = networks.enumerated().map { index, network in
            var program = network.program
            var tail = Array(network.weights[program.pagedCount...])
            for step in program.steps.indices where program.steps[step].opcode.isWeighted && index % 3 > 0 {
                let channels = program.rowCount(of: program.steps[step])
                program.steps[step].scale = UInt32(program.weightCount)
                tail += randomNumbers(channels, seed: UInt64(step)).map { $0 < 0 ? $0 - 0.5 : $0 + 0.5 }
                program.weightCount += channels
            }
            var blocks = [Int]()
            if index % 2 == 1 { blocks = (0..<program.pagedCount / pageSize).filter { $0 % 3 == 1 } }
            return FoldedNetwork(
                text: NetworkText(name: "\(index) \(network.name)"), program: program,
                pageTable: (0..<program.pageCount(pageSize: pageSize)).map {
                    ($0 * 5 + index) % (frames + 2)
                },
                exclusivePages: randomNumbers(2 * pageSize, seed: 8, scale: 0.3),
                exclusiveQuanta: formats.exclusivePages.hasQuantum ? [0.11, 0.07] : [],
                patches: blocks.isEmpty
                    ? nil
                    : Patches(
                        size: pageSize, indices: blocks,
                        values: randomNumbers(blocks.count * pageSize, seed: 9, scale: 0.3)),
                tail: tail, tailFormat: tails.map { NumberFormat.ofVectors[($0 + index) % 3] } ?? .float32)
        }
        return Fold(
            pageSize: pageSize, pool: randomNumbers(frames * pageSize, seed: 7, scale: 0.3),
            quanta: formats.pool.hasQuantum ? (1...frames).map { 0.03 * Float($0) } : [], networks: folded,
            formats: formats)
    }

    /// Nothing that was not written is used; the process ends where something behind the arena is touched.
    private static func runInPoisonedMemory(
        _ file: FoldFile, _ name: String, _ sample: [Float]
    ) throws -> [Float] {
        let size = try file.arenaBytes(name)
        let memory = GuardedMemory(count: size, alignment: 64)
        let session = try file.session(name, arena: memory.bytes)
        memory.floats.update(repeating: .nan)
        _ = try session.run(sample)
        return try withExtendedLifetime(memory) { try session.run(sample) }
    }

    /// What a forged file may bring past `validate` runs within its memory, and as the interpreter has it. The network
    /// stands behind one or two others, so that it has scales or patches.
    @Test(arguments: UInt64(0)..<4, instructionSets) func forgedProgramsRun(seed: UInt64, set: String) throws
    {
        #expect(pf_choose_instruction_set(set) == 1)
        defer { pf_choose_instruction_set(nil) }
        var random = RandomSource(seed: seed)
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var ran = 0
        var batches = 0
        let neighbours = try Self.cases.prefix(2).map { try $0.lowered(for: .inference) }
        for _ in 0..<120 {
            var lowered = try Self.cases[random.below(Self.cases.count)].lowered(for: .inference)
            for _ in 0..<1 + random.below(3) { lowered.program.forge(&random) }
            guard (try? lowered.program.validate()) != nil, lowered.program.isSmall else { continue }
            // Two with scales of three, every second one with patches: by its place.
            let place = 1 + ran % 2
            var fold = Self.fold(Array(neighbours.prefix(place)) + [lowered], pageSize: 16)
            #expect(fold.networks[place].patches != nil || place == 2 || lowered.program.pagedCount < 32)
            fold.networks[place].text.name = "forged"
            try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
            let file = try FoldFile(path: path)
            let sample = randomNumbers(lowered.program.inputShape.count, seed: seed)
            let expected = try file.session("forged", engine: .interpreter).run(sample)
            let answer = try Self.runInPoisonedMemory(file, "forged", sample)
            ran += 1
            if let batch = try? file.batchSession("forged") {
                batches += 1
                let answers = try batch.run(sample + sample)
                #expect(answers.count == 2 * expected.count)
                if expected.allSatisfy({ $0.isFinite }) {
                    let difference = relativeDifference(
                        Array(answers[expected.count...]), expected.map { Double($0) })
                    #expect(difference < 1e-3, "\(lowered.program.steps)")
                }
            }
            guard expected.allSatisfy({ $0.isFinite }) else { continue }
            #expect(
                relativeDifference(answer, expected.map { Double($0) }) < 1e-3, "\(lowered.program.steps)")
        }
        #expect(ran > 10 && batches > 10)
    }

    @Test func theArenaIsSmall() throws {
        for network in Self.cases {
            let lowered = try network.lowered(for: .inference)
            let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
            defer { try? FileManager.default.removeItem(atPath: path) }
            try Data(Self.fold([lowered], pageSize: 64).encoded()).write(to: URL(fileURLWithPath: path))
            let file = try FoldFile(path: path)
            #expect(try file.arenaBytes(file.networkNames[0]) < 4 * lowered.program.arenaCount + 300_000)
        }
    }
}
