// A fold file mapped into memory: opened once, shared by all sessions, never copied.

internal import CPagefoldKernels
import Foundation
public import PagefoldCore

/// An open fold file. Its pages are the only copy of the weights in the process.
public final class FoldFile: @unchecked Sendable {  // Immutable after init.
    public let path: String
    /// Points into the mapping: not to be used longer than this file is kept.
    public let reader: FoldReader
    private let mapping: UnsafeRawBufferPointer

    /// Maps and checks a file.
    /// - Throws: `InputError` naming the file and the part that is wrong.
    public init(path: String) throws(InputError) {
        self.path = path
        mapping = try Self.map(path)
        do {
            reader = try FoldReader(mapping)
        } catch {
            munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress!), mapping.count)
            throw error.inFile(path)
        }
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: mapping.baseAddress!), mapping.count) }

    private static func map(_ path: String) throws(InputError) -> UnsafeRawBufferPointer {
        func fail(_ problem: String) -> InputError {
            InputError(
                file: path, field: "opening", problem: problem, remedy: "name a fold file that can be read")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fail(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fail(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fail("it is not a file") }
        guard status.st_size > 0 else { throw fail("it is empty") }
        let size = Int(status.st_size)
        guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw fail(String(cString: strerror(errno)))
        }
        return UnsafeRawBufferPointer(start: base, count: size)
    }

    /// The content as values, copied. Unlike `reader.fold()`, it keeps the mapping open until the copy is done.
    public func fold() -> Fold { withExtendedLifetime(self) { reader.fold() } }

    /// Of the kernels: "avx512", "avx2" or "baseline".
    public static var instructionSet: String { String(cString: pf_instruction_set()) }

    public var networkNames: [String] { reader.networks.map(\.text.name) }

    /// Opens a network for running. Costs an arena for its activations and no weights.
    /// - Parameter arena: memory for the activations, `arenaBytes(name)` bytes at a multiple of 64 that nobody else uses
    ///   as long as the session lives; nil: the session's own.
    /// - Throws: `InputError` when the file holds no network of that name.
    public func session(
        _ name: String, engine: Session.Engine = .kernels, arena: UnsafeMutableRawBufferPointer? = nil
    ) throws(InputError) -> Session {
        Session(file: self, network: try index(of: name), engine: engine, arena: arena)
    }

    /// Bytes of the arena that a session of this network needs.
    /// - Throws: `InputError` when the file holds no network of that name.
    public func arenaBytes(_ name: String) throws(InputError) -> Int {
        SessionPlan(reader.networks[try index(of: name)].program).arenaBytes
    }

    private func index(of name: String) throws(InputError) -> Int {
        guard let index = networkNames.firstIndex(of: name) else {
            throw InputError(
                file: path, field: "network \(name)", problem: "there is none of that name",
                remedy: "choose one of \(networkNames.joined(separator: ", "))")
        }
        return index
    }
}
