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
    guard let batch, let samples, let answers else { return PAGEFOLD_BAD_ARGUMENT }
    let session = Unmanaged<BatchSession>.fromOpaque(UnsafeRawPointer(batch)).takeUnretainedValue()
    guard session.program.hasSinglePorts else { return PAGEFOLD_BAD_ARGUMENT }
    return withUnsafePointer(to: samples) { samples in
        withUnsafePointer(to: answers) { run(session, samples, count, $0) }
    }
}

/// `pagefold_batch_run_ports`.
@_cdecl("pagefold_batch_run_ports")
public func runBatch(
    _ batch: OpaquePointer?, _ samples: UnsafePointer<UnsafePointer<Float>?>?, _ count: Int,
    _ answers: UnsafePointer<UnsafeMutablePointer<Float>?>?
) -> pagefold_status {
    guard let batch, let samples, let answers else { return PAGEFOLD_BAD_ARGUMENT }
    let session = Unmanaged<BatchSession>.fromOpaque(UnsafeRawPointer(batch)).takeUnretainedValue()
    let (inputs, outputs) = (session.program.inputs, session.program.outputs.count)
    // By index: the iterator of a buffer allocates in a build that is not optimised.
    for index in 0..<inputs where samples[index] == nil { return PAGEFOLD_BAD_ARGUMENT }
    for index in 0..<outputs where answers[index] == nil { return PAGEFOLD_BAD_ARGUMENT }
    return samples.withMemoryRebound(to: UnsafePointer<Float>.self, capacity: inputs) { samples in
        answers.withMemoryRebound(to: UnsafeMutablePointer<Float>.self, capacity: outputs) {
            run(session, samples, count, $0)
        }
    }
}

private func run(
    _ session: BatchSession, _ samples: UnsafePointer<UnsafePointer<Float>>, _ count: Int,
    _ answers: UnsafePointer<UnsafeMutablePointer<Float>>
) -> pagefold_status {
    let program = session.program
    // A count of numbers that no memory holds is a mistake.
    func isAbsurd(_ value: Int) -> Bool {
        count.multipliedReportingOverflow(by: 4 * program.values[value].count).overflow
    }
    guard count >= 0 else { return PAGEFOLD_BAD_ARGUMENT }
    for index in 0..<program.inputs where isAbsurd(index) { return PAGEFOLD_BAD_ARGUMENT }
    for index in 0..<program.outputs.count where isAbsurd(program.outputs[index].value) {
        return PAGEFOLD_BAD_ARGUMENT
    }
    if !session.isLoaded, (try? session.load()) == nil { return PAGEFOLD_NOT_LOADED }
    session.run(samples, count: count, into: answers)
    return PAGEFOLD_OK
}
