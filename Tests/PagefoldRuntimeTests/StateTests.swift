// Sessions of networks with several inputs, outputs and states: by name and by index, kept between runs, apart from each
// other.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct StateTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).fold"
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    /// "stream" with states, "still" without, and a network as most are.
    private static func open(_ folder: Folder) throws -> FoldFile {
        var plain = NetworkBuilder("plain", input: Shape(channels: 5))
        plain.add(.dense(outputs: 3))
        let networks = try [
            PortCase.network(), PortCase.network(hasStates: false), plain.network,
        ].map { try $0.lowered(for: .inference) }
        let pageSize = 16
        var fold = Fold(pageSize: pageSize, pool: [], networks: [])
        for network in networks {
            let first = fold.frameCount
            let pages = network.program.pageCount(pageSize: pageSize)
            fold.pool += network.weights[..<network.program.pagedCount]
            fold.pool += [Float](repeating: 0, count: pages * pageSize - network.program.pagedCount)
            fold.networks.append(
                FoldedNetwork(
                    text: network.text, program: network.program, pageTable: Array(first..<first + pages),
                    tail: Array(network.weights[network.program.pagedCount...])))
        }
        fold.networks[1].text.name = "still"
        try Data(fold.encoded()).write(to: URL(fileURLWithPath: folder.path))
        return try FoldFile(path: folder.path)
    }

    private func run(_ session: Session, _ sample: [[Float]]) -> [[Float]] {
        for (index, numbers) in sample.enumerated() {
            _ = session.input(at: index).update(fromContentsOf: numbers)
        }
        session.run()
        return session.text.outputs.indices.map { Array(session.output(at: $0)) }
    }

    /// Ten thousand runs, each on what the last one left: the interpreter, and the definition in double precision.
    @Test func tenThousandRunsAreTheInterpreters() throws {
        let folder = Folder()
        let session = try Self.open(folder).session("stream")
        let lowered = try PortCase.network().lowered(for: .inference)
        let reference = try ReferenceNetwork(PortCase.network())
        var states = [[Double]](repeating: [Double](repeating: 0, count: 6), count: 2)
        let samples = PortCase.samples(10_000)
        let expected = lowered.interpret(runs: samples)
        var worst = 0.0
        for (index, sample) in samples.enumerated() {
            let answers = run(session, sample)
            let defined = reference.run(inputs: sample.map { $0.map(Double.init) }, states: &states)
            for (output, answer) in answers.enumerated() {
                worst = max(worst, relativeDifference(answer, expected[index][output].map(Double.init)))
                worst = max(worst, relativeDifference(answer, defined[output]))
            }
        }
        #expect(worst < 1e-4)
        #expect(Set(expected.map { $0[1] }).count > 9_000, "the answers differ from run to run")
    }

    @Test func theInterpreterOfASessionKeepsStatesToo() throws {
        let folder = Folder()
        let session = try Self.open(folder).session("stream", engine: .interpreter)
        let lowered = try PortCase.network().lowered(for: .inference)
        let samples = PortCase.samples(50)
        #expect(samples.map { run(session, $0) } == lowered.interpret(runs: samples))
    }

    @Test func namesAndIndexesAreTheSameSession() throws {
        let folder = Folder()
        let file = try Self.open(folder)
        let (byName, byIndex) = (try file.session("stream"), try file.session("stream"))
        for sample in PortCase.samples(5) {
            let answers = try byName.run(["vector": sample[1], "image": sample[0]])
            #expect(answers.keys.sorted() == ["class", "level"])
            #expect([answers["class"], answers["level"]] == run(byIndex, sample))
            #expect(try Array(byName.output("level")) == answers["level"])
            #expect(try byName.input("vector").count == 3)
        }
    }

    @Test(
        arguments: [
            (["image": 40], "input vector", "is missing"),
            (["image": 40, "vector": 3, "sound": 1], "input sound", "there is none of that name"),
            (["image": 40, "vector": 4], "input vector", "4 numbers, it takes 3×1×1"),
        ] as [([String: Int], String, String)])
    func wrongInputsAreTold(sizes: [String: Int], field: String, problem: String) throws {
        let folder = Folder()
        let session = try Self.open(folder).session("stream")
        let error = #expect(throws: InputError.self) {
            try session.run(sizes.mapValues { [Float](repeating: 0, count: $0) })
        }
        #expect(error?.field == field)
        #expect(error?.problem == problem)
    }

    @Test func aNetworkAsMostAreHasNamesToo() throws {
        let folder = Folder()
        let session = try Self.open(folder).session("plain")
        let sample = randomNumbers(5, seed: 1)
        #expect(try session.run(["input": sample]) == ["output": session.run(sample)])
        #expect(session.stateBytes == 0)
    }

    // MARK: States

    @Test func aResetForgets() throws {
        let folder = Folder()
        let session = try Self.open(folder).session("stream")
        let samples = PortCase.samples(8)
        let first = samples.map { run(session, $0) }
        let second = samples.map { run(session, $0) }
        #expect(first != second, "what was remembered counts")
        session.resetState()
        #expect(samples.map { run(session, $0) } == first)
    }

    @Test func sessionsInOneArenaRememberApart() throws {
        let folder = Folder()
        let file = try Self.open(folder)
        let names = ["stream", "stream", "plain", "still"]
        let bytes = try names.map { try file.arenaBytes($0) }.max()!
        let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
        defer { arena.deallocate() }
        let shared = try names.map { try file.session($0, arena: arena) }
        let alone = try names.map { try file.session($0) }
        for (turn, sample) in PortCase.samples(60).enumerated() {
            let index = turn * 7 % 4 % (turn % 3 == 0 ? 4 : 2)
            let given =
                index == 2
                ? [Array(sample[0].prefix(5))]
                : index == 3
                    ? sample + [[Float](repeating: 0.5, count: 6), [Float](repeating: 0.25, count: 6)]
                    : sample
            #expect(run(shared[index], given) == run(alone[index], given), "turn \(turn)")
        }
        withExtendedLifetime(shared) {}
    }

    @Test func statesAreCounted() throws {
        let folder = Folder()
        let file = try Self.open(folder)
        #expect(try file.stateBytes("stream") == 4 * 12)
        #expect(try file.session("stream").stateBytes == 4 * 12)
        #expect(try file.stateBytes("still") == 0)
        #expect(throws: InputError.self) { try file.stateBytes("nobody") }
    }

    // MARK: Batches

    @Test func aBatchRefusesStates() throws {
        let folder = Folder()
        let file = try Self.open(folder)
        for open in [{ _ = try file.batchSession("stream") }, { _ = try file.batchArenaBytes("stream") }] {
            let error = #expect(throws: InputError.self) { try open() }
            #expect(error?.field == "network stream")
            #expect(error?.problem.contains("states") == true)
        }
    }

    @Test(arguments: [0, 1, 16, 21]) func aBatchOfSeveralPortsIsManySessions(count: Int) throws {
        let folder = Folder()
        let file = try Self.open(folder)
        let (batch, session) = (try file.batchSession("still"), try file.session("still"))
        let sizes = [40, 3, 6, 6]
        let inputs = sizes.enumerated().map { randomNumbers(count * $1, seed: UInt64($0)) }
        let names = session.text.inputs.map(\.name)
        let answers = try batch.run(Dictionary(uniqueKeysWithValues: zip(names, inputs)))
        for sample in 0..<count {
            let one = zip(sizes, inputs).map { Array($1[sample * $0..<(sample + 1) * $0]) }
            for (port, answer) in zip(session.text.outputs, run(session, one)) {
                let all = try #require(answers[port.name])
                #expect(all.count == count * answer.count)
                let row = Array(all[sample * answer.count..<(sample + 1) * answer.count])
                #expect(relativeDifference(row, answer.map(Double.init)) < 1e-5)
            }
        }
        if count == 21 {
            let error = #expect(throws: InputError.self) {
                try batch.run(
                    Dictionary(uniqueKeysWithValues: zip(names, inputs.map { Array($0.dropLast()) })))
            }
            #expect(error?.remedy == "give all inputs for the same number of samples")
        }
    }

    @Test func aLiveSessionOfSeveralInputsIsTold() throws {
        let folder = Folder()
        _ = try Self.open(folder)
        let live = try LiveSession(try LiveFold(path: folder.path), "stream")
        let error = #expect(throws: InputError.self) { try live.run([1, 2, 3]) }
        #expect(error?.problem == "it has 2 inputs and 2 outputs, one of each is possible here")
    }
}
