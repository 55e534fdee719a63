// Batches through the page table: every operation and network, odd sizes of batches and pages, and how much memory they
// take.

import CPagefoldKernels
import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct BatchTests {
    private static let sizes = [1, 15, 16, 17, 100]

    @Test(arguments: SingleKernelTests.instructionSets, NumberFormat.allCases)
    func narrowFramesAnswerAsSessionsDo(set: String, format: NumberFormat) throws {
        try batchesAnswerAsSessionsDo(
            set: set, pageSize: 21,
            formats: WeightFormats(pool: format, exclusivePages: format), tails: 2)
    }

    @Test(arguments: SingleKernelTests.instructionSets, [5, 16, 64, 1000])
    func batchesAnswerAsSessionsDo(set: String, pageSize: Int) throws {
        try batchesAnswerAsSessionsDo(set: set, pageSize: pageSize, formats: WeightFormats(), tails: nil)
    }

    private func batchesAnswerAsSessionsDo(
        set: String, pageSize: Int, formats: WeightFormats, tails: Int?
    ) throws {
        #expect(pf_choose_instruction_set(set) == 1)
        defer { pf_choose_instruction_set(nil) }
        let lowered = try SingleKernelTests.cases.map { try $0.lowered(for: .inference) }
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(
            SingleKernelTests.fold(lowered, pageSize: pageSize, formats: formats, tails: tails).encoded()
        )
        .write(to: URL(fileURLWithPath: path))
        let file = try FoldFile(path: path)
        for (index, name) in file.networkNames.enumerated() {
            let single = try file.session(name)
            let arena = GuardedMemory(count: try file.batchArenaBytes(name), alignment: 64)
            let batch = try file.batchSession(name, arena: arena.bytes)
            let inputs = single.program.inputShape.count
            for size in [Self.sizes[(index + pageSize) % 5], 17] {
                let samples = randomNumbers(size * inputs, seed: UInt64(index))
                // Nothing that was not written is used, and nothing is left of the batch before.
                arena.floats.update(repeating: .nan)
                let answers = try batch.run(samples)
                #expect(try answers == batch.run(samples))
                for sample in 0..<size {
                    let expected = try single.run(Array(samples[sample * inputs..<(sample + 1) * inputs]))
                    let count = expected.count
                    let answer = Array(answers[sample * count..<(sample + 1) * count])
                    let difference = relativeDifference(answer, expected.map { Double($0) })
                    #expect(difference < 1e-5, "\(name), sample \(sample) of \(size)")
                }
            }
            // `arena` is freed last.
            withExtendedLifetime(arena) {}
        }
    }

    /// Dense layers of 256 x 256, as many as asked for.
    private static func write(_ layers: Int, to path: String) throws {
        var builder = NetworkBuilder("deep", input: Shape(channels: 256))
        for _ in 0..<layers {
            builder.add(.dense(outputs: 256))
            builder.add(.activation(.tanh))
        }
        let lowered = try builder.network.lowered(for: .inference)
        let pages = lowered.program.pageCount(pageSize: 512)
        let fold = Fold(
            pageSize: 512, pool: randomNumbers(100 * 512, seed: 2, scale: 0.1),
            networks: [
                FoldedNetwork(
                    text: NetworkText(name: "deep"), program: lowered.program,
                    pageTable: (0..<pages).map { ($0 * 7) % 104 },
                    exclusivePages: randomNumbers(4 * 512, seed: 3, scale: 0.1),
                    tail: Array(lowered.weights[lowered.program.pagedCount...]))
            ])
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
    }

    @Test func memoryIsOfOneLayerWhateverTheNetwork() throws {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var bytes = [Int]()
        for layers in [2, 12] {
            try Self.write(layers, to: path)
            bytes.append(try FoldFile(path: path).batchArenaBytes("deep"))
        }
        #expect(bytes[0] == bytes[1])
        // Two values of 256 numbers for 16 samples, and no more weights than a layer has.
        #expect(bytes[0] <= 4 * (2 * 16 * 256 + 256 * 256 + 256) + 256)
    }

    @Test func cachedExclusivePagesAreLoadedAndLetGo() throws {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.write(3, to: path)
        let samples = randomNumbers(17 * 256, seed: 8)
        let expected = try FoldFile(path: path).batchSession("deep").run(samples)
        let bytes = 4 * 4 * 512
        let file = try FoldFile(path: path, memory: MemoryPlan(exclusivePages: .cached(bytes: bytes)))
        let batch = try file.batchSession("deep")
        #expect(!batch.isLoaded && file.cachedBytes == 0)
        batch.prefetch()
        try batch.load()
        #expect(batch.isLoaded && file.cachedBytes == bytes)
        #expect(try batch.run(samples) == expected)
        // Another session has the same pages, and keeps them.
        let single = try file.session("deep")
        try single.load()
        batch.unload()
        #expect(!batch.isLoaded && single.isLoaded && file.cachedBytes == bytes)
        let answer = try single.run(Array(samples[..<256]))
        #expect(relativeDifference(answer, expected[..<256].map { Double($0) }) < 1e-5)
        single.unload()
        try batch.load()
        #expect(try batch.run(samples) == expected)
    }

    @Test func threadsHaveSessionsOfTheirOwn() async throws {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.write(4, to: path)
        let file = try FoldFile(path: path)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for thread in UInt64(0)..<4 {
                group.addTask {
                    let samples = randomNumbers(33 * 256, seed: thread)
                    let expected = try FoldFile(path: path).batchSession("deep").run(samples)
                    let batch = try file.batchSession("deep")
                    return try (0..<20).allSatisfy { _ in try batch.run(samples) == expected }
                }
            }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test func noSamplesHaveNoAnswers() throws {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Self.write(1, to: path)
        #expect(try FoldFile(path: path).batchSession("deep").run([]) == [])
    }

    /// A window that reaches 64,771 rows and columns beyond an image of one number.
    @Test func absurdProgramsAreRefused() throws {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var step = Step(opcode: .convolution, input: 0, output: 1)
        step.weights = 0
        step.kernelHeight = 255
        step.kernelWidth = 255
        step.dilationHeight = 255
        step.dilationWidth = 255
        let count = 255 * 255
        let program = Program(
            values: [Shape(channels: 1), Shape(channels: 1)], steps: [step],
            outputs: [ProgramOutput(value: 1)], pagedCount: 0, weightCount: count)
        let fold = Fold(
            pageSize: 16, pool: [],
            networks: [
                FoldedNetwork(
                    text: NetworkText(name: "absurd"), program: program, pageTable: [],
                    tail: randomNumbers(count, seed: 1))
            ])
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
        let file = try FoldFile(path: path)
        let session = try file.session("absurd")
        #expect(try session.run([2]) == [2 * fold.networks[0].tail[0]])
        #expect(session.interpretedSteps.map(\.operation) == ["convolution"])
        #expect(session.interpretedSteps == (try file.interpretedSteps("absurd")))
        let error = #expect(throws: InputError.self) { try file.batchSession("absurd") }
        #expect(error?.field == "network absurd")
        #expect(throws: InputError.self) { try file.batchArenaBytes("absurd") }
        let unknown = #expect(throws: InputError.self) { try file.batchSession("unknown") }
        #expect(unknown?.field == "network unknown")
    }
}
