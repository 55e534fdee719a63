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
    }

    public let path: String
    private let memory: MemoryPlan
    private let state: Mutex<State>
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

    /// Counts replacements. To be read without a lock, to see whether sessions are of the newest version.
    public var generation: Int { count.load(ordering: .acquiring) }

    /// Takes over what is at the path now, if it is another file than the one in use. Sessions that are open go on with
    /// theirs.
    /// - Returns: whether there was another one.
    /// - Throws: `InputError` when the new file cannot be used; the old one then stays in use.
    @discardableResult
    public func refresh() throws(InputError) -> Bool {
        let known = state.withLock { $0.version }
        let version = Self.version(path)
        guard version != known else { return false }
        let file = try FoldFile(path: path, memory: memory)
        state.withLock { $0 = State(file: file, version: version) }
        count.add(1, ordering: .acquiringAndReleasing)
        return true
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

/// A network of a live fold: a session that is opened anew when there is a newer version. Not for two threads at the
/// same time.
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
        generation = live.generation
        session = try live.file.session(name)
    }

    /// Moves on to the newest version, if there is one. Costs one read of a counter if there is none.
    /// - Returns: whether there was; then what stood in `session.input` is gone.
    /// - Throws: `InputError` when the new version does not have the network; the old session then stays, and each call
    ///   says so again.
    @discardableResult
    public func refresh() throws(InputError) -> Bool {
        let newest = live.generation
        guard newest != generation else { return false }
        session = try live.file.session(name)
        generation = newest
        return true
    }

    /// The answer of the newest version to one sample.
    /// - Throws: `InputError` when the new version lacks the network or takes samples of another shape.
    public func run(_ sample: [Float]) throws(InputError) -> [Float] {
        try refresh()
        guard sample.count == session.program.inputShape.count else {
            throw InputError(
                file: live.path, field: "network \(name)",
                problem: "it takes \(session.program.inputShape), the sample has \(sample.count) numbers",
                remedy: "give samples of that shape")
        }
        return session.run(sample)
    }
}
