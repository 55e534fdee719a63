// Very many runs on several threads while the fold file is replaced again and again: what `pagefold bench soak` does.
// Speed is RunBench's.

import Foundation
public import PagefoldCore
import PagefoldFold
import PagefoldPacking
import PagefoldRuntime
import Synchronization

/// Runs all networks of a fold file while a second version of it with other weights takes turns with it, and compares
/// every bit of every answer with those of the two.
public struct SoakBench: Hashable, Sendable {
    /// Bytes that the process may have more at the end: what memory allocators keep.
    static let allowance = 16 << 20

    /// Runs in all.
    public var runs: Int
    /// Threads that run networks.
    public var threads: Int
    /// Of the order of networks and of the moments of replacement.
    public var seed: UInt64

    /// - Parameter threads: nil: one for each processor.
    public init(runs: Int = 1_000_000, threads: Int? = nil, seed: UInt64 = 1) {
        self.runs = runs
        self.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        self.seed = seed
    }

    /// What was seen.
    public struct Record: Hashable, Sendable, Encodable {
        public var version: String
        /// The command line.
        public var command: [String] = []
        public var runs: Int
        public var threads: Int
        public var replacements: Int
        /// Runs whose answer was that of neither version.
        public var wrong: Int
        /// Runs that answered as the first and as the second version.
        public var answersByVersion: [Int]
        /// Resident memory after the first hundredth of the runs and at the end, bytes.
        public var residentBefore: Int
        public var residentAfter: Int
        public var seconds: Double

        /// No answer was wrong, both versions were seen, and the process has not grown by more than memory allocators
        /// keep.
        public var isSound: Bool {
            let hasGrown = residentBefore > 0 && residentAfter > residentBefore + SoakBench.allowance
            let isBlind = replacements > 1 && answersByVersion.contains(0)
            return wrong == 0 && !hasGrown && !isBlind
        }

        enum CodingKeys: String, CodingKey {
            case version = "version", command = "command", runs = "runs", threads = "threads"
            case replacements = "replacements", wrong = "wrong", answersByVersion = "answersByVersion"
            case residentBefore = "residentBefore", residentAfter = "residentAfter", seconds = "seconds"
        }
    }

    /// Works on a copy of a fold file.
    /// - Throws: `InputError` where the file is damaged, holds no network, or answers the same with other weights in its
    ///   pool.
    public func run(_ fold: String) throws(InputError) -> Record {
        let started = Date()
        let path = NSTemporaryDirectory() + "pagefold-soak-\(UUID().uuidString).fold"
        defer { unlink(path) }
        let content = try FoldFile(toMeasure: fold).fold()
        var other = content
        // Quanta as well, where frames have them: the codes alone would stay what they are.
        for index in other.pool.indices { other.pool[index] *= 0.5 }
        for index in other.quanta.indices { other.quanta[index] *= 0.5 }
        let versions = [content.encoded(), other.encoded()]
        let answers = try versions.map { version throws(InputError) in try Self.answers(version, path) }
        let soak = Soak(
            names: content.networks.map(\.text.name), expected: answers)
        guard soak.expected[0] != soak.expected[1] else {
            throw InputError(
                file: fold, field: "networks",
                problem: "they answer the same with all shared weights halved: versions cannot be told apart",
                remedy: "run soak on a fold file whose networks depend on its pool")
        }
        try AtomicFile.write(versions[0], to: path)
        let live = try LiveFold(path: path)

        let count = threads
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
        return Record(
            version: pagefoldVersion, runs: soak.finished, threads: count,
            replacements: live.generation, wrong: soak.wrong, answersByVersion: soak.answersByVersion,
            residentBefore: residentBefore, residentAfter: ResidentMemory(of: path).process,
            seconds: Date().timeIntervalSince(started))
    }

    /// What each network of a version answers to its sample, alone and undisturbed.
    private static func answers(_ bytes: [UInt8], _ path: String) throws(InputError) -> [[Float]] {
        try AtomicFile.write(bytes, to: path)
        let file = try FoldFile(path: path)
        return try file.sessions().enumerated().map { index, session throws(InputError) in
            try session.run(Soak.sample(index, session.program.inputShape.count))
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
