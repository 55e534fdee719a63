// A fold file mapped into memory: opened once, shared by all sessions, never copied.

internal import CPagefoldKernels
import Foundation
public import PagefoldCore
internal import PagefoldEngine
public import PagefoldFold
internal import Synchronization

/// Where a fold file's weights are while it is open.
public struct MemoryPlan: Sendable {
    /// The place of exclusive pages.
    public enum ExclusivePages: Sendable {
        /// In the mapped file: the system brings them in and takes them away as it likes.
        case mapped
        /// At most so many bytes of them in memory at a time, read from the file when a session is loaded
        /// (`Session.load`). The rest of the process's memory for weights is pool, page tables and tails.
        case cached(bytes: Int)
    }

    public var verification: Verification
    public var exclusivePages: ExclusivePages
    /// The pool, tables and tails are locked in memory: never paged out.
    public var isLocked: Bool

    public init(
        verification: Verification = .atOnce, exclusivePages: ExclusivePages = .mapped, isLocked: Bool = false
    ) {
        self.verification = verification
        self.exclusivePages = exclusivePages
        self.isLocked = isLocked
    }
}

// Immutable after init, but for what has a lock of its own.
/// An open fold file. Its pages are the only copy of the weights in the process. Any number of threads may use it.
public final class FoldFile: @unchecked Sendable {
    public let path: String
    /// Points into the mapping: not to be used longer than this file is kept. Where exclusive pages are cached, looking
    /// at them here brings them into memory all the same. Where verification is lazy, nobody may have verified them yet.
    public let reader: FoldReader
    let cache: ExclusivePageCache?
    private let mapping: UnsafeRawBufferPointer
    private let ownsMapping: Bool
    /// Which sections have been verified: the pool at 0, then networks. Empty when all were at opening.
    private let verified: Mutex<[Bool]>

    /// Maps and checks a file.
    /// - Throws: `InputError` naming the file and the part that is wrong, or the limit that leaves no room.
    public init(path: String, memory: MemoryPlan = MemoryPlan()) throws(InputError) {
        self.path = path
        // The kernels are chosen here, not in the first run.
        _ = pf_instruction_set()
        let descriptor = try Self.open(path)
        var keepsDescriptor = false
        defer { if !keepsDescriptor { close(descriptor) } }
        mapping = try Self.map(descriptor, path)
        ownsMapping = true
        let mapping = mapping
        var isCached = false
        if case .cached = memory.exclusivePages { isCached = true }
        do {
            let forget: (UnsafeRawBufferPointer) -> Void = { Self.forget($0, within: mapping) }
            reader = try FoldReader(
                mapping, verification: memory.verification, verified: isCached ? forget : nil)
        } catch {
            munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress!), mapping.count)
            throw error.inFile(path)
        }
        let reader = reader
        verified = Mutex(
            memory.verification == .atOnce ? [] : [Bool](repeating: false, count: 1 + reader.networks.count))
        guard case .cached(let bytes) = memory.exclusivePages else {
            cache = nil
            if memory.isLocked { try Self.lock([mapping], path) }
            return
        }
        let sections = reader.networks.map { network in
            let pages = network.exclusiveBytes
            let offset = pages.isEmpty ? 0 : pages.baseAddress! - mapping.baseAddress!
            return ExclusivePageCache.Section(offset: offset, count: pages.count)
        }
        for network in reader.networks {
            Self.forget(network.exclusiveBytes, within: mapping)
        }
        let largest = sections.map(\.count).max() ?? 0
        guard bytes >= largest else {
            cache = nil
            throw InputError(
                file: path, field: "exclusive pages",
                problem: "\(bytes) bytes, the largest network has \(largest)", remedy: "raise the limit")
        }
        cache = ExclusivePageCache(path: path, descriptor: descriptor, sections: sections, capacity: bytes)
        keepsDescriptor = true
        if memory.isLocked {
            try Self.lock(Self.complement(of: reader.networks.map(\.exclusiveBytes), in: mapping), path)
        }
    }

    /// Opens a fold file that is in memory already, such as one that is part of a program, and checks it.
    /// - Parameters:
    ///   - bytes: the whole file, at a multiple of 64. It is not copied: whoever has it keeps it there as long as this
    ///     object, and its sessions live.
    ///   - name: stands for the path.
    /// - Throws: `InputError` naming the part that is wrong.
    public init(in bytes: UnsafeRawBufferPointer, name: String) throws(InputError) {
        precondition(
            UInt(bitPattern: bytes.baseAddress) % UInt(FoldFormat.alignment) == 0,
            "a fold file begins at a multiple of \(FoldFormat.alignment)")
        path = name
        _ = pf_instruction_set()
        mapping = bytes
        ownsMapping = false
        cache = nil
        verified = Mutex([])
        do { reader = try FoldReader(bytes) } catch { throw error.inFile(name) }
    }

    deinit {
        if ownsMapping { munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress!), mapping.count) }
    }

    // MARK: Memory

    private static func open(_ path: String) throws(InputError) -> Int32 {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw cannotOpen(path, String(cString: strerror(errno))) }
        return descriptor
    }

    private static func cannotOpen(_ path: String, _ problem: String) -> InputError {
        InputError(
            file: path, field: "opening", problem: problem, remedy: "name a fold file that can be read")
    }

    private static func map(_ descriptor: Int32, _ path: String) throws(InputError) -> UnsafeRawBufferPointer
    {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw cannotOpen(path, String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw cannotOpen(path, "it is not a file") }
        guard status.st_size > 0 else { throw cannotOpen(path, "it is empty") }
        let size = Int(status.st_size)
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw cannotOpen(path, String(cString: strerror(errno)))
        }
        return UnsafeRawBufferPointer(start: base, count: size)
    }

    /// Takes exclusive pages out of memory. Advice of their own sets them apart from their neighbours: the system maps what
    /// lies around a page that is touched, megabytes of it, but only where advice is the same.
    private static func forget(_ bytes: UnsafeRawBufferPointer, within mapping: UnsafeRawBufferPointer) {
        advise(bytes, within: mapping, MADV_RANDOM)
        advise(bytes, within: mapping, MADV_DONTNEED)
    }

    /// Advice on the memory pages that lie wholly within some bytes.
    private static func advise(
        _ bytes: UnsafeRawBufferPointer, within mapping: UnsafeRawBufferPointer, _ advice: Int32
    ) {
        guard let base = bytes.baseAddress else { return }
        let size = sysconf(Int32(_SC_PAGESIZE))
        let start = base - mapping.baseAddress!
        let first = (start + size - 1) / size * size
        let last = (start + bytes.count) / size * size
        guard last > first else { return }
        madvise(UnsafeMutableRawPointer(mutating: mapping.baseAddress! + first), last - first, advice)
    }

    private static func complement(
        of sections: [UnsafeRawBufferPointer], in mapping: UnsafeRawBufferPointer
    ) -> [UnsafeRawBufferPointer] {
        var result = [UnsafeRawBufferPointer]()
        var start = 0
        let ranges = sections.filter { !$0.isEmpty }.map { section in
            let offset = section.baseAddress! - mapping.baseAddress!
            return offset..<offset + section.count
        }
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            // Sections of a forged file may overlap.
            if start < range.lowerBound {
                result.append(UnsafeRawBufferPointer(rebasing: mapping[start..<range.lowerBound]))
            }
            start = max(start, range.upperBound)
        }
        return result + [UnsafeRawBufferPointer(rebasing: mapping[start...])]
    }

    private static func lock(_ parts: [UnsafeRawBufferPointer], _ path: String) throws(InputError) {
        for part in parts where !part.isEmpty {
            guard mlock(part.baseAddress!, part.count) == 0 else {
                throw InputError(
                    file: path, field: "locking",
                    problem: "\(part.count) bytes cannot be locked: \(String(cString: strerror(errno)))",
                    remedy: "raise the limit on locked memory (ulimit -l) or open it without locking")
            }
        }
    }

    // MARK: Networks

    /// The content as values, copied. Unlike `reader.fold()`, it keeps the mapping open until the copy is done, and looks
    /// at weights that nobody has verified yet.
    /// - Throws: `InputError` when they are damaged.
    public func fold() throws(InputError) -> Fold {
        for network in reader.networks.indices { try verify(network) }
        return withExtendedLifetime(self) { reader.fold() }
    }

    /// Of the kernels: "avx512", "avx2" or "baseline".
    public static var instructionSet: String { String(cString: pf_instruction_set()) }

    public var networkNames: [String] { reader.networks.map(\.text.name) }

    /// Opens a network for running. Costs an arena for its activations and no weights.
    /// - Parameters:
    ///   - name: the network's.
    ///   - engine: what computes.
    ///   - arena: memory for the activations, at least `arenaBytes(name)` bytes at a multiple of 64, kept by the caller as
    ///     long as the session lives; nil: the session's own. Sessions that never run at the same time may have one arena:
    ///     between the filling of `input` and the reading of `output` it belongs to one of them. Opening a session fills
    ///     its arena with zeros.
    /// - Throws: `InputError` when the file holds no network of that name, or when its weights, looked at for the first
    ///   time, are damaged.
    public func session(
        _ name: String, engine: Session.Engine = .kernels, arena: UnsafeMutableRawBufferPointer? = nil
    ) throws(InputError) -> Session {
        let network = try index(of: name)
        try verify(network)
        return Session(file: self, network: network, engine: engine, arena: arena)
    }

    /// Bytes that a session of this network has for itself beside its arena: its states.
    /// - Throws: `InputError` when the file holds no network of that name.
    public func stateBytes(_ name: String) throws(InputError) -> Int {
        4 * reader.networks[try index(of: name)].program.stateCount
    }

    /// Bytes of the arena that a session of this network needs.
    /// - Throws: `InputError` when the file holds no network of that name.
    public func arenaBytes(
        _ name: String, engine: Session.Engine = .kernels
    ) throws(InputError) -> Int {
        Session.arenaBytes(of: reader.networks[try index(of: name)].program, engine: engine)
    }

    /// The steps that a session of this network computes with the interpreter, because no kernel does.
    /// - Throws: `InputError` when the file holds no network of that name.
    public func interpretedSteps(_ name: String) throws(InputError) -> [InterpretedStep] {
        SessionPlan(reader.networks[try index(of: name)].program, .kernels).interpreted
    }

    /// Opens a network for running batches of samples. Costs an arena for a block of 16 samples and the weights of the
    /// largest layer, whatever the size of a batch.
    /// - Parameters:
    ///   - name: the network's.
    ///   - arena: as for `session`, of `batchArenaBytes(name)` bytes.
    /// - Throws: `InputError` when the file holds no network of that name, when its weights, looked at for the first time,
    ///   are damaged, when it has states, which live from one sample to the next, or when its program asks for absurdly
    ///   much memory.
    public func batchSession(
        _ name: String, arena: UnsafeMutableRawBufferPointer? = nil
    ) throws(InputError) -> BatchSession {
        let network = try index(of: name)
        try verify(network)
        return BatchSession(file: self, network: network, plan: try batchPlan(network), arena: arena)
    }

    /// Bytes of the arena that a batch session of this network needs.
    /// - Throws: `InputError` as `batchSession`.
    public func batchArenaBytes(_ name: String) throws(InputError) -> Int {
        try batchPlan(try index(of: name)).arenaBytes
    }

    private func batchPlan(_ network: Int) throws(InputError) -> InferencePlan {
        guard reader.networks[network].program.states.isEmpty else {
            throw InputError(
                file: path, field: "network \(networkNames[network])",
                problem: "it has states, which live from one sample to the next",
                remedy: "run it sample by sample")
        }
        do throws(StepProblem) { return try InferencePlan(reader.networks[network].program) } catch {
            throw InputError(
                file: path, field: "network \(networkNames[network])", problem: error.text,
                remedy: "run it sample by sample")
        }
    }

    /// Bytes of exclusive pages that are cached now; nil where they are mapped.
    public var cachedBytes: Int? { cache?.residentBytes }

    /// The number of a network.
    /// - Throws: `InputError` when the file holds no network of that name.
    package func index(of name: String) throws(InputError) -> Int {
        guard let index = networkNames.firstIndex(of: name) else {
            throw InputError(
                file: path, field: "network \(name)", problem: "there is none of that name",
                remedy: Spelling.remedy(for: name, among: networkNames, verb: "choose"))
        }
        return index
    }

    /// Looks at the pool and a network's exclusive pages where nobody has yet.
    private func verify(_ network: Int) throws(InputError) {
        let failure = verified.withLock { done -> FoldError? in
            guard !done.isEmpty else { return nil }
            do throws(FoldError) {
                if !done[0] { try reader.verify(network: nil) }
                done[0] = true
                if !done[1 + network] {
                    try reader.verify(network: network)
                    if cache != nil {
                        Self.forget(reader.networks[network].exclusiveBytes, within: mapping)
                    }
                }
                done[1 + network] = true
                return nil
            } catch { return error }
        }
        if let failure { throw failure.inFile(path) }
    }
}
