// The functions of pagefold.h on files, and on the library. What they do is documented there; a test compares the
// declarations here with those of the header.

public import CPagefold
internal import CPagefoldKernels
internal import PagefoldCore
internal import PagefoldRuntime

/// `pagefold_file_open`.
@_cdecl("pagefold_file_open")
public func openFile(
    _ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        try open("pagefold_file_open", path, nil, file)
    }
}

/// `pagefold_file_open_in`.
@_cdecl("pagefold_file_open_in")
public func openFile(
    _ path: UnsafePointer<CChar>?, _ memory: UnsafePointer<pagefold_memory>?,
    _ file: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        try open("pagefold_file_open_in", path, memory, file)
    }
}

private func open(
    _ function: String, _ path: UnsafePointer<CChar>?, _ memory: UnsafePointer<pagefold_memory>?,
    _ file: UnsafeMutablePointer<OpaquePointer?>?
) throws(Failure) {
    guard let file else { throw .null("file", of: function) }
    file.pointee = nil
    guard let path else { throw .null("path", of: function) }
    let plan = try MemoryPlan(memory, of: function)
    do throws(InputError) {
        file.pointee = try OpenFile(FoldFile(path: String(cString: path), memory: plan)).handle
    } catch {
        throw Failure(PAGEFOLD_BAD_FILE, error)
    }
}

extension MemoryPlan {
    /// What a C caller asks for; nil: the default.
    init(_ memory: UnsafePointer<pagefold_memory>?, of function: String) throws(Failure) {
        self.init()
        guard let memory else { return }
        // The size says which fields there are: nothing behind it is read before it is known.
        let size = UnsafeRawPointer(memory).load(as: Int.self)
        guard size == MemoryLayout<pagefold_memory>.size else {
            throw .argument(
                "memory", of: function, "its size is \(UInt(bitPattern: size))",
                "set size to sizeof(pagefold_memory) of this version's header")
        }
        let wish = memory.pointee
        if wish.exclusive_bytes != 0 {
            // `size_t` of C: above `Int.max` it arrives negative.
            exclusivePages = .cached(bytes: wish.exclusive_bytes < 0 ? .max : wish.exclusive_bytes)
        }
        if wish.verifies_lazily != 0 { verification = .lazily }
        isLocked = wish.is_locked != 0
    }
}

/// `pagefold_file_close`.
@_cdecl("pagefold_file_close")
public func closeFile(_ file: OpaquePointer?) {
    guard let file else { return }
    Unmanaged<OpenFile>.fromOpaque(UnsafeRawPointer(file)).release()
}

/// `pagefold_file_network_count`.
@_cdecl("pagefold_file_network_count")
public func networkCount(_ file: OpaquePointer?) -> Int { openFile(file)?.networks.count ?? 0 }

/// `pagefold_file_network`.
@_cdecl("pagefold_file_network")
public func network(_ file: OpaquePointer?, _ index: Int) -> UnsafePointer<pagefold_network>? {
    openFile(file)?.network(index)
}

/// `pagefold_file_find_network`.
@_cdecl("pagefold_file_find_network")
public func findNetwork(
    _ file: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ index: UnsafeMutablePointer<Int>?,
    _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        let function = "pagefold_file_find_network"
        guard let file = openFile(file) else { throw .null("file", of: function) }
        guard let name else { throw .null("name", of: function) }
        guard let index else { throw .null("index", of: function) }
        // As C sees names: up to the first zero.
        let wanted = String(cString: name)
        let names = file.networks.map { String(cString: $0.name) }
        guard let found = names.firstIndex(where: { $0.utf8.elementsEqual(wanted.utf8) }) else {
            throw Failure(
                PAGEFOLD_UNKNOWN_NETWORK,
                InputError(
                    file: file.file.path, field: "network \(wanted)", problem: "there is none of that name",
                    remedy: Spelling.remedy(for: wanted, among: names, verb: "choose")))
        }
        index.pointee = found
    }
}

/// `pagefold_instruction_set`.
@_cdecl("pagefold_instruction_set")
public func instructionSet() -> UnsafePointer<CChar>? { pf_instruction_set() }

/// The file that a handle points at; nil for NULL.
func openFile(_ handle: OpaquePointer?) -> OpenFile? {
    handle.map { Unmanaged<OpenFile>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}
