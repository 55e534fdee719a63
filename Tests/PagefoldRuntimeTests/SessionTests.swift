// Fold files opened and run: in place, several at a time, and the errors of files that cannot be opened.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct SessionTests {
    /// Several networks of the table that share one pool, every page on a frame of another's choosing.
    private static func write(to path: String) throws -> (fold: Fold, names: [String]) {
        let networks = try OperationCase.all.prefix(24).map { try $0.network.lowered(for: .inference) }
        let pageSize = 16
        let frames = 40
        let fold = Fold(
            pageSize: pageSize, pool: randomNumbers(frames * pageSize, seed: 1, scale: 0.5),
            networks: networks.enumerated().map { index, network in
                let pages = (network.program.pagedCount + pageSize - 1) / pageSize
                return FoldedNetwork(
                    text: NetworkText(name: network.name), program: network.program,
                    pageTable: (0..<pages).map { ($0 * 7 + index) % frames },
                    tail: Array(network.weights[network.program.pagedCount...]))
            })
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
        return (fold, networks.map(\.name))
    }

    private static func temporary() -> String {
        NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
    }

    @Test func everyNetworkAnswersFromTheSharedPool() throws {
        let path = Self.temporary()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (fold, names) = try Self.write(to: path)
        let file = try FoldFile(path: path)
        #expect(file.networkNames == names)
        let sessions = try names.map { try file.session($0) }
        // Twice, and in turns: switching leaves nothing behind.
        for round in UInt64(0)..<2 {
            for (index, session) in sessions.enumerated() {
                let network = fold.networks[index]
                let sample = randomNumbers(session.program.inputShape.count, seed: round + 1)
                let alone = LoweredNetwork(
                    name: "", program: network.program, weights: fold.weights(of: network))
                #expect(
                    try relativeDifference(session.run(sample), alone.interpret(sample).map { Double($0) })
                        < 1e-5
                )
            }
        }
    }

    @Test func aFileInMemoryAnswersAsOneOnDisk() throws {
        let path = Self.temporary()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (fold, names) = try Self.write(to: path)
        let bytes = fold.encoded()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        let file = try FoldFile(in: UnsafeRawBufferPointer(memory), name: "part")
        let onDisk = try FoldFile(path: path)
        for name in names {
            let session = try file.session(name)
            let sample = randomNumbers(session.program.inputShape.count, seed: 3)
            #expect(try session.run(sample) == (try onDisk.session(name).run(sample)))
        }
        // It is read where it is, by sessions that are open too.
        let session = try file.session(names[0])
        let sample = randomNumbers(session.program.inputShape.count, seed: 3)
        let before = try session.run(sample)
        let pool = file.reader.pool.codes - UnsafeRawPointer(memory.baseAddress!)
        for index in 0..<fold.pool.count {
            let weight = memory.load(fromByteOffset: pool + 4 * index, as: Float.self)
            memory.storeBytes(of: 2 * weight, toByteOffset: pool + 4 * index, as: Float.self)
        }
        #expect(try session.run(sample) != before)
        let error = #expect(throws: InputError.self) {
            try FoldFile(in: UnsafeRawBufferPointer(rebasing: memory.dropLast(4)), name: "part")
        }
        #expect(error?.file == "part")
    }

    @Test func aSessionKeepsItsFileOpen() throws {
        let path = Self.temporary()
        let (fold, names) = try Self.write(to: path)
        var file: FoldFile? = try FoldFile(path: path)
        let session = try #require(try file?.session(names[0]))
        weak let open = file
        file = nil
        try FileManager.default.removeItem(atPath: path)
        #expect(open != nil)
        let sample = randomNumbers(session.program.inputShape.count, seed: 3)
        let alone = LoweredNetwork(
            name: "", program: fold.networks[0].program, weights: fold.weights(of: fold.networks[0]))
        #expect(
            try relativeDifference(session.run(sample), alone.interpret(sample).map { Double($0) }) < 1e-5)
    }

    @Test func aFileCanBeCopiedOutAndForgotten() throws {
        let path = Self.temporary()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (fold, _) = try Self.write(to: path)
        // Nobody holds the file: only the call itself keeps it mapped.
        #expect(try FoldFile(path: path).fold() == fold)
    }

    @Test func sessionsRunOnSeveralThreadsAtATime() async throws {
        let path = Self.temporary()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (_, names) = try Self.write(to: path)
        let file = try FoldFile(path: path)
        let sample = randomNumbers(try file.session(names[1]).program.inputShape.count, seed: 3)
        let expected = try file.session(names[1]).run(sample)
        try await withThrowingTaskGroup(of: [Float].self) { group in
            for _ in 0..<8 { group.addTask { try file.session(names[1]).run(sample) } }
            for try await answer in group { #expect(answer == expected) }
        }
    }

    /// A header may name any page size where there is no page.
    @Test(arguments: [1, 1 << 31 - 1, 1 << 31, 1 << 32 - 1]) func absurdPageSizesAreRefusedOrRun(size: Int)
        throws
    {
        let path = Self.temporary()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let program = Program(
            values: [Shape(channels: 2)], steps: [], outputs: [ProgramOutput(value: 0)], pagedCount: 0,
            weightCount: 0)
        let fold = Fold(
            pageSize: size, pool: [],
            networks: [
                FoldedNetwork(text: NetworkText(name: "a"), program: program, pageTable: [], tail: [])
            ])
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: path))
        do {
            let answer = try FoldFile(path: path).session("a").run([1, 2])
            #expect(answer == [1, 2])
        } catch {
            #expect(error.file == path)
        }
    }

    @Test func aNetworkThatIsNotThereIsTold() throws {
        let path = Self.temporary()
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try Self.write(to: path)
        let error = #expect(throws: InputError.self) { try FoldFile(path: path).session("unknown") }
        #expect(error?.file == path)
        #expect(error?.field == "network unknown")
        #expect(error?.remedy.contains("convolution 3x3") == true)
    }

    @Test(arguments: [("/no/such.fold", "No such file"), ("/tmp", "not a file"), ("/dev/null", "not a file")])
    func whatIsNoFileIsTold(path: String, told: String) {
        let error = #expect(throws: InputError.self) { try FoldFile(path: path) }
        #expect(error?.file == path)
        #expect(error?.problem.contains(told) == true, "\(error?.problem ?? "")")
    }

    @Test(arguments: [0, 1, 63, 64, 200, -1])
    func aDamagedFileIsTold(length: Int) throws {
        let path = Self.temporary()
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try Self.write(to: path)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        if length < 0 { bytes[bytes.count - 1] ^= 1 } else { bytes = bytes.prefix(length) }
        try bytes.write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: InputError.self) { try FoldFile(path: path) }
        #expect(error?.file == path)
        #expect(error?.description.contains("\n") == false)
    }
}
