// The functions of pagefold.h on sessions. What they do is documented there; a test compares the declarations here with
// those of the header.

public import CPagefold
internal import PagefoldCore
internal import PagefoldRuntime

/// What a handle to a session points at.
final class OpenSession {
    let session: Session
    let network: UnsafePointer<pagefold_network>
    /// Keeps what `network` points at.
    private let file: OpenFile

    init(_ session: Session, _ network: UnsafePointer<pagefold_network>, of file: OpenFile) {
        self.session = session
        self.network = network
        self.file = file
    }
}

/// `pagefold_session_open`.
@_cdecl("pagefold_session_open")
public func openSession(
    _ file: OpaquePointer?, _ index: Int, _ arena: UnsafeMutableRawPointer?, _ arenaBytes: Int,
    _ session: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        let function = "pagefold_session_open"
        guard let session else { throw .null("session", of: function) }
        session.pointee = nil
        guard let file = openFile(file) else { throw .null("file", of: function) }
        let network = try network(index, of: file, function)
        let given = try givenArena(arena, arenaBytes, network.pointee.arena_bytes, "arena_bytes", function)
        do throws(InputError) {
            let opened = try file.file.session(
                file.file.networkNames[index], arena: given)
            session.pointee = OpaquePointer(
                Unmanaged.passRetained(OpenSession(opened, network, of: file)).toOpaque())
        } catch {
            throw Failure(PAGEFOLD_BAD_FILE, error)
        }
    }
}

/// `pagefold_session_close`.
@_cdecl("pagefold_session_close")
public func closeSession(_ session: OpaquePointer?) {
    guard let session else { return }
    Unmanaged<OpenSession>.fromOpaque(UnsafeRawPointer(session)).release()
}

/// `pagefold_session_network`.
@_cdecl("pagefold_session_network")
public func network(of session: OpaquePointer?) -> UnsafePointer<pagefold_network>? {
    openSession(session)?.network
}

/// `pagefold_session_input`.
@_cdecl("pagefold_session_input")
public func input(_ session: OpaquePointer?) -> UnsafeMutablePointer<Float>? {
    guard let session = openSession(session)?.session, session.program.inputs == 1 else { return nil }
    return session.input.baseAddress
}

/// `pagefold_session_output`.
@_cdecl("pagefold_session_output")
public func output(_ session: OpaquePointer?) -> UnsafePointer<Float>? {
    guard let session = openSession(session)?.session, session.program.outputs.count == 1 else { return nil }
    return session.output.baseAddress
}

/// `pagefold_session_input_at`.
@_cdecl("pagefold_session_input_at")
public func input(_ session: OpaquePointer?, at index: Int) -> UnsafeMutablePointer<Float>? {
    guard let session = openSession(session)?.session, 0..<session.program.inputs ~= index else { return nil }
    return session.input(at: index).baseAddress
}

/// `pagefold_session_output_at`.
@_cdecl("pagefold_session_output_at")
public func output(_ session: OpaquePointer?, at index: Int) -> UnsafePointer<Float>? {
    guard let session = openSession(session)?.session, session.program.outputs.indices ~= index else {
        return nil
    }
    return session.output(at: index).baseAddress
}

/// `pagefold_session_reset`.
@_cdecl("pagefold_session_reset")
public func reset(_ session: OpaquePointer?) { openSession(session)?.session.resetState() }

/// `pagefold_run`.
@_cdecl("pagefold_run")
public func run(_ session: OpaquePointer?) -> pagefold_status {
    guard let opened = openSession(session) else { return PAGEFOLD_BAD_ARGUMENT }
    if !opened.session.isLoaded, (try? opened.session.load()) == nil { return PAGEFOLD_NOT_LOADED }
    opened.session.run()
    return PAGEFOLD_OK
}

/// `pagefold_session_load`.
@_cdecl("pagefold_session_load")
public func load(
    _ session: OpaquePointer?, _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        guard let opened = openSession(session) else { throw .null("session", of: "pagefold_session_load") }
        do throws(InputError) { try opened.session.load() } catch {
            throw Failure(PAGEFOLD_NOT_LOADED, error)
        }
    }
}

/// `pagefold_session_unload`.
@_cdecl("pagefold_session_unload")
public func unload(_ session: OpaquePointer?) { openSession(session)?.session.unload() }

/// `pagefold_session_prefetch`.
@_cdecl("pagefold_session_prefetch")
public func prefetch(_ session: OpaquePointer?) { openSession(session)?.session.prefetch() }

/// The network at an index that comes from C.
func network(
    _ index: Int, of file: OpenFile, _ function: String
) throws(Failure) -> UnsafePointer<pagefold_network> {
    guard let network = file.network(index) else {
        throw .argument(
            "index", of: function,
            "\(UInt(bitPattern: index)), \(file.file.path) holds \(file.networks.count) networks",
            "choose one below \(file.networks.count)")
    }
    return network
}

/// The memory that a caller gives; nil for NULL.
/// - Parameter field: of `pagefold_network`, which says how many bytes are needed.
func givenArena(
    _ arena: UnsafeMutableRawPointer?, _ bytes: Int, _ needed: Int, _ field: String, _ function: String
) throws(Failure) -> UnsafeMutableRawBufferPointer? {
    guard let arena else { return nil }
    guard UInt(bitPattern: bytes) >= UInt(needed) else {
        throw .argument(
            "arena_bytes", of: function, "\(bytes), the network needs \(needed)",
            "give \(field) of pagefold_network")
    }
    guard UInt(bitPattern: arena) % 64 == 0 else {
        throw .argument(
            "arena", of: function, "its address is no multiple of 64", "allocate it with aligned_alloc(64, …)"
        )
    }
    return UnsafeMutableRawBufferPointer(start: arena, count: needed)
}

/// The session that a handle points at; nil for NULL.
func openSession(_ handle: OpaquePointer?) -> OpenSession? {
    handle.map { Unmanaged<OpenSession>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}
