// A fold file that is replaced while its networks run: the newest version for those who begin, the old one for those
// who are not done. Writing fold files is not done here; AtomicFile renames them into place.

internal import Foundation
public import PagefoldCore
internal import Synchronization

/// The newest good version of a fold file. Any number of threads may use it.
public final class LiveFold: Sendable {
    /// What tells two versions of a file apart.
    private struct Version: Equatable, Sendable {
        var device: UInt64
        var number: UInt64
        var bytes: Int64
        var seconds: Int64
        var nanoseconds: Int64
    }

    private struct State: Sendable {
        var file: FoldFile
        var version: Version?
        var generation = 0
    }

    public let path: String
    private let memory: MemoryPlan
    private let state: Mutex<State>
    /// Held over a whole replacement: looking, opening and taking over must not mix with another's.
    private let replacement = Mutex<Void>(())
    /// The state's generation, for those who want to know without a lock whether to look.
    private let count = Atomic<Int>(0)

    /// - Throws: `InputError` as `FoldFile`.
    public init(path: String, memory: MemoryPlan = MemoryPlan()) throws(InputError) {
        self.path = path
        self.memory = memory
        let version = Self.version(path)
        state = Mutex(State(file: try FoldFile(path: path, memory: memory), version: version))
    }

    /// The version in use. Its sessions keep it open as long as they live.
    public var file: FoldFile { state.withLock { $0.file } }

    /// The version in use, and its generation.
    var newest: (file: FoldFile, generation: Int) { state.withLock { ($0.file, $0.generation) } }

    /// Counts replacements. To be read without a lock, to see whether sessions are of the newest version.
    public var generation: Int { count.load(ordering: .acquiring) }

    /// Takes over what is at the path now, if it is another file than the one in use. Sessions that are open go on with
    /// theirs. All of the new one is verified first, whatever the memory plan says of verification. While sessions of the
    /// old one live, both have their cache of exclusive pages.
    /// - Returns: whether there was another one.
    /// - Throws: `InputError` when the new file cannot be used; the old one then stays in use.
    @discardableResult
    public func refresh() throws(InputError) -> Bool {
        let outcome = replacement.withLock { _ -> Result<FoldFile?, InputError> in
            do throws(InputError) { return .success(try replace()) } catch { return .failure(error) }
        }
        // What was in use is closed here, where nobody waits for a lock.
        return try outcome.get() != nil
    }

    /// - Returns: the version that was in use, if it has been replaced.
    private func replace() throws(InputError) -> FoldFile? {
        let version = Self.version(path)
        guard version != state.withLock({ $0.version }) else { return nil }
        var memory = memory
        memory.verification = .atOnce
        let file = try FoldFile(path: path, memory: memory)
        return state.withLock { state in
            let old = state.file
            state = State(file: file, version: version, generation: state.generation + 1)
            count.store(state.generation, ordering: .releasing)
            return old
        }
    }

    private static func version(_ path: String) -> Version? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if os(Linux)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        return Version(
            device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(status.st_ino),
            bytes: Int64(status.st_size), seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}

/// A network of a live fold: a session that is opened anew when there is a newer version, its states zeros again. Not for
/// two threads at the same time.
public final class LiveSession {
    public let name: String
    private let live: LiveFold
    private var generation: Int
    /// The session of the version that ran last.
    public private(set) var session: Session

    /// - Throws: `InputError` as `FoldFile.session`.
    public init(_ live: LiveFold, _ name: String) throws(InputError) {
        self.live = live
        self.name = name
        let newest = live.newest
        generation = newest.generation
        session = try newest.file.session(name)
        try session.load()
    }

    /// Moves on to the newest version, if there is one. Costs one read of a counter if there is none.
    /// - Returns: whether there was; then what stood in `session.input` is gone.
    /// - Throws: `InputError` when the new version does not have the network; the old session then stays, and each call
    ///   says so again.
    @discardableResult
    public func refresh() throws(InputError) -> Bool {
        guard live.generation != generation else { return false }
        let newest = live.newest
        let next = try newest.file.session(name)
        // Exclusive pages that are cached stay loaded as long as the session lives.
        try next.load()
        session = next
        generation = newest.generation
        return true
    }

    /// The answer of the newest version to one sample.
    /// - Throws: `InputError` when the new version lacks the network or takes samples of another shape.
    public func run(_ sample: [Float]) throws(InputError) -> [Float] {
        try refresh()
        try session.program.requireSinglePorts(network: name, file: live.path)
        guard sample.count == session.program.inputShape.count else {
            throw InputError(
                file: live.path, field: "network \(name)",
                problem: "it takes \(session.program.inputShape), the sample has \(sample.count) numbers",
                remedy: "give samples of that shape")
        }
        return try session.run(sample)
    }
}
