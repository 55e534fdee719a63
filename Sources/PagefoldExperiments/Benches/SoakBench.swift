// `pagefold bench soak`: very many runs on several threads while the fold file is replaced again and again. Speed is
// bench run's.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldPacking
import PagefoldRuntime
import Synchronization

struct BenchSoak: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Runs all networks on several threads while the file is replaced, and compares every bit.",
        discussion: """
            Works on a copy of the fold file and on a second version of it with other weights, which take turns. Every \
            answer must be that of one of the two versions, bit for bit, and both must be seen; at the end the process may \
            be 16 MiB larger than after the first hundredth of the runs. Otherwise the exit code is 1.
            """)

    /// Bytes that the process may have more at the end: what memory allocators keep.
    private static let allowance = 16 << 20

    @Argument(help: "The fold file.")
    var fold: String

    @Option(help: "Runs in all.")
    var runs = 1_000_000

    @Option(help: "Threads that run networks.")
    var threads: Int?

    @Option(help: "Seed of the order of networks and of the moments of replacement.")
    var seed: UInt64 = 1

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    struct Record: Codable {
        var version: String
        var command: [String]
        var runs: Int
        var threads: Int
        var replacements: Int
        /// Runs whose answer was that of neither version.
        var wrong: Int
        /// Runs that answered as the first and as the second version.
        var answersByVersion: [Int]
        /// Resident memory after the first hundredth of the runs and at the end, bytes.
        var residentBefore: Int
        var residentAfter: Int
        var seconds: Double
    }

    func validate() throws {
        guard (100...1_000_000_000).contains(runs) else {
            throw ValidationError("--runs must be in 100…1000000000.")
        }
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads must be in 1…256.")
        }
    }

    func run() throws {
        let started = Date()
        let path = NSTemporaryDirectory() + "pagefold-soak-\(UUID().uuidString).fold"
        defer { unlink(path) }
        let fold = try FoldFile(toMeasure: fold).fold()
        var other = fold
        // Quanta as well, where frames have them: the codes alone would stay what they are.
        for index in other.pool.indices { other.pool[index] *= 0.5 }
        for index in other.quanta.indices { other.quanta[index] *= 0.5 }
        let versions = [fold.encoded(), other.encoded()]
        let soak = Soak(
            names: fold.networks.map(\.text.name), expected: try versions.map { try Self.answers($0, path) })
        guard soak.expected[0] != soak.expected[1] else {
            throw InputError(
                file: self.fold, field: "networks",
                problem: "they answer the same with all shared weights halved: versions cannot be told apart",
                remedy: "run soak on a fold file whose networks depend on its pool")
        }
        try AtomicFile.write(versions[0], to: path)
        let live = try LiveFold(path: path)

        let count = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let done = DispatchGroup()
        for thread in 0..<count {
            let share = runs / count + (thread < runs % count ? 1 : 0)
            done.enter()
            Thread.detachNewThread {
                soak.run(share, live, seed: seed &+ UInt64(thread))
                done.leave()
            }
        }
        var random = RandomSource(seed: seed &+ 0x5eed)
        var residentBefore = 0
        while done.wait(timeout: .now() + .microseconds(200 + random.below(5_000))) == .timedOut {
            if residentBefore == 0, soak.finished >= runs / 100 {
                residentBefore = ResidentMemory(of: path).process
            }
            try AtomicFile.write(versions[1 - live.generation % 2], to: path)
            try live.refresh()
        }
        if let problem = soak.problem { throw problem }
        let record = Record(
            version: pagefoldVersion, command: CommandLine.arguments, runs: soak.finished, threads: count,
            replacements: live.generation, wrong: soak.wrong, answersByVersion: soak.answersByVersion,
            residentBefore: residentBefore, residentAfter: ResidentMemory(of: path).process,
            seconds: Date().timeIntervalSince(started))
        if json { try printJSON(record) } else { print(record.text) }
        let hasGrown = residentBefore > 0 && record.residentAfter > residentBefore + Self.allowance
        let isBlind = record.replacements > 1 && record.answersByVersion.contains(0)
        if record.wrong > 0 || hasGrown || isBlind { throw ExitCode.failure }
    }

    /// What each network of a version answers to its sample, alone and undisturbed.
    private static func answers(_ bytes: [UInt8], _ path: String) throws -> [[Float]] {
        try AtomicFile.write(bytes, to: path)
        let file = try FoldFile(path: path)
        return try file.networkNames.enumerated().map { index, name in
            let session = try file.session(name)
            return session.run(Soak.sample(index, session.program.inputShape.count))
        }
    }
}

/// What the threads of a soak share.
private final class Soak: Sendable {
    let names: [String]
    /// By version and network.
    let expected: [[[Float]]]
    private let first = Atomic<Int>(0)
    private let second = Atomic<Int>(0)
    private let others = Atomic<Int>(0)
    private let failure = Mutex<InputError?>(nil)

    init(names: [String], expected: [[[Float]]]) {
        self.names = names
        self.expected = expected
    }

    var answersByVersion: [Int] { [first.load(ordering: .relaxed), second.load(ordering: .relaxed)] }
    var wrong: Int { others.load(ordering: .relaxed) }
    var finished: Int { answersByVersion.reduce(wrong, +) }
    var problem: InputError? { failure.withLock { $0 } }

    static func sample(_ network: Int, _ count: Int) -> [Float] {
        var random = RandomSource(seed: UInt64(network))
        return (0..<count).map { _ in random.uniform() }
    }

    /// Runs networks in a random order, each time on its newest version.
    func run(_ runs: Int, _ live: LiveFold, seed: UInt64) {
        do {
            let sessions = try names.map { try LiveSession(live, $0) }
            let samples = sessions.indices.map {
                Self.sample($0, sessions[$0].session.program.inputShape.count)
            }
            var random = RandomSource(seed: seed)
            for _ in 0..<runs {
                let network = random.below(names.count)
                let answer = try sessions[network].run(samples[network])
                let counter =
                    answer == expected[0][network] ? 0 : answer == expected[1][network] ? 1 : 2
                switch counter {
                case 0: first.add(1, ordering: .relaxed)
                case 1: second.add(1, ordering: .relaxed)
                default: others.add(1, ordering: .relaxed)
                }
            }
        } catch {
            let problem = error as? InputError
            failure.withLock { $0 = problem }
        }
    }
}

extension BenchSoak.Record {
    var text: String {
        """
        \(grouped(runs)) runs on \(threads) threads, \(grouped(replacements)) replacements, \
        \(String(format: "%.0f", seconds)) s
        answers: \(grouped(answersByVersion[0])) of the first version, \(grouped(answersByVersion[1])) of the \
        second, \(wrong) of neither, bit for bit
        memory: \(residentBefore >> 10) KiB after a hundredth of the runs, \(residentAfter >> 10) KiB at the end
        """
    }
}
