// Threads that take tickets, over the C workers. Which thread takes which ticket is never visible in a result: that is
// the duty of those who write the tickets.

internal import CPagefoldKernels

/// The instruction set of the kernels: another one adds in another order, so that bytes may differ in the last place.
public var instructionSet: String { String(cString: pf_instruction_set()) }

// Unchecked: the C workers is thread safe, and one run at a time is the contract.
/// A fixed number of threads that share out tickets.
public final class Workers: @unchecked Sendable {
    private let workers: OpaquePointer
    /// Threads that take part, the caller included.
    public let threads: Int

    /// - Parameter threads: at least 1; the caller counts as one.
    public init(threads: Int) {
        guard let workers = pf_workers_create(Int32(clamping: max(threads, 1))) else {
            fatalError("out of memory for worker threads")
        }
        self.workers = workers
        self.threads = Int(pf_workers_threads(workers))
    }

    deinit { pf_workers_destroy(workers) }

    /// Calls `work(ticket, thread)` once for each ticket and returns when all are done. Not to be nested.
    public func run(tickets: Int, _ work: (_ ticket: Int, _ thread: Int) -> Void) {
        withoutActuallyEscaping(work) { escaping in
            let box = Box(escaping)
            withExtendedLifetime(box) {
                pf_workers_run(
                    workers, Int32(tickets),
                    { context, ticket, thread in
                        guard let context else { return }
                        Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().work(
                            Int(ticket), Int(thread))
                    }, Unmanaged.passUnretained(box).toOpaque())
            }
        }
    }

    private final class Box {
        let work: (Int, Int) -> Void
        init(_ work: @escaping (Int, Int) -> Void) { self.work = work }
    }
}
