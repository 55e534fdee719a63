// The functions of pagefold.h on files that are replaced while their networks run. What they do is documented there; a test
// compares the declarations here with those of the header.

public import CPagefold
internal import PagefoldCore
internal import PagefoldRuntime

/// `pagefold_live_open`.
@_cdecl("pagefold_live_open")
public func openLive(
    _ path: UnsafePointer<CChar>?, _ memory: UnsafePointer<pagefold_memory>?,
    _ live: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        let function = "pagefold_live_open"
        guard let live else { throw .null("live", of: function) }
        live.pointee = nil
        guard let path else { throw .null("path", of: function) }
        let plan = try MemoryPlan(memory, of: function)
        do throws(InputError) {
            let opened = try LiveFold(path: String(cString: path), memory: plan)
            live.pointee = OpaquePointer(Unmanaged.passRetained(opened).toOpaque())
        } catch {
            throw Failure(PAGEFOLD_BAD_FILE, error)
        }
    }
}

/// `pagefold_live_close`.
@_cdecl("pagefold_live_close")
public func closeLive(_ live: OpaquePointer?) {
    guard let live else { return }
    Unmanaged<LiveFold>.fromOpaque(UnsafeRawPointer(live)).release()
}

/// `pagefold_live_refresh`.
@_cdecl("pagefold_live_refresh")
public func refresh(
    _ live: OpaquePointer?, _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        guard let live = liveFold(live) else { throw .null("live", of: "pagefold_live_refresh") }
        do throws(InputError) { try live.refresh() } catch { throw Failure(PAGEFOLD_BAD_FILE, error) }
    }
}

/// `pagefold_live_generation`.
@_cdecl("pagefold_live_generation")
public func generation(_ live: OpaquePointer?) -> Int { liveFold(live)?.generation ?? 0 }

/// `pagefold_live_file`.
@_cdecl("pagefold_live_file")
public func newestFile(
    _ live: OpaquePointer?, _ file: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        let function = "pagefold_live_file"
        guard let file else { throw .null("file", of: function) }
        file.pointee = nil
        guard let live = liveFold(live) else { throw .null("live", of: function) }
        do throws(InputError) {
            file.pointee = try OpenFile(live.file).handle
        } catch {
            throw Failure(PAGEFOLD_BAD_FILE, error)
        }
    }
}

/// What a handle points at; nil for NULL.
private func liveFold(_ handle: OpaquePointer?) -> LiveFold? {
    handle.map { Unmanaged<LiveFold>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}
