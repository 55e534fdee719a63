// The functions of pagefold.h on batches. What they do is documented there; a test compares the declarations here with
// those of the header.

public import CPagefold
internal import PagefoldCore
internal import PagefoldRuntime

/// `pagefold_batch_open`.
@_cdecl("pagefold_batch_open")
public func openBatch(
    _ file: OpaquePointer?, _ index: Int, _ arena: UnsafeMutableRawPointer?, _ arenaBytes: Int,
    _ batch: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<CChar>?, _ errorSize: Int
) -> pagefold_status {
    ErrorBuffer(error, errorSize).report { () throws(Failure) in
        let function = "pagefold_batch_open"
        guard let batch else { throw .null("batch", of: function) }
        batch.pointee = nil
        guard let file = openFile(file) else { throw .null("file", of: function) }
        let network = try network(index, of: file, function)
        let given = try givenArena(
            arena, arenaBytes, network.pointee.batch_arena_bytes, "batch_arena_bytes", function)
        do throws(InputError) {
            let opened = try file.file.batchSession(file.file.networkNames[index], arena: given)
            batch.pointee = OpaquePointer(Unmanaged.passRetained(opened).toOpaque())
        } catch {
            throw Failure(PAGEFOLD_BAD_FILE, error)
        }
    }
}

/// `pagefold_batch_close`.
@_cdecl("pagefold_batch_close")
public func closeBatch(_ batch: OpaquePointer?) {
    guard let batch else { return }
    Unmanaged<BatchSession>.fromOpaque(UnsafeRawPointer(batch)).release()
}

/// `pagefold_batch_run`.
@_cdecl("pagefold_batch_run")
public func runBatch(
    _ batch: OpaquePointer?, _ samples: UnsafePointer<Float>?, _ count: Int,
    _ answers: UnsafeMutablePointer<Float>?
) -> pagefold_status {
    guard let batch, let samples, let answers, count >= 0 else { return PAGEFOLD_BAD_ARGUMENT }
    let session = Unmanaged<BatchSession>.fromOpaque(UnsafeRawPointer(batch)).takeUnretainedValue()
    let (inputs, over) = count.multipliedReportingOverflow(by: session.program.inputShape.count)
    let (outputs, overToo) = count.multipliedReportingOverflow(by: session.program.outputCount)
    guard !over, !overToo else { return PAGEFOLD_BAD_ARGUMENT }
    if !session.isLoaded, (try? session.load()) == nil { return PAGEFOLD_NOT_LOADED }
    session.run(
        UnsafeBufferPointer(start: samples, count: inputs),
        into: UnsafeMutableBufferPointer(start: answers, count: outputs))
    return PAGEFOLD_OK
}
