// The pool of threads: every ticket once, whatever the number of threads and of tickets.
import CPagefoldKernels
import Synchronization
import Testing

@Suite struct WorkerTests {
    final class Record: Sendable {
        let tickets: Mutex<[Int32: Int]> = Mutex([:])
        let threads: Mutex<Set<Int32>> = Mutex([])
    }

    static func pool(_ threads: Int32) throws -> OpaquePointer {
        let pool: OpaquePointer? = pf_workers_create(threads)
        return try #require(pool)
    }

    static func run(_ pool: OpaquePointer, tickets: Int32, _ record: Record) {
        let context = Unmanaged.passUnretained(record).toOpaque()
        pf_workers_run(
            pool, tickets,
            { context, ticket, thread in
                guard let context else { return }
                let record = Unmanaged<Record>.fromOpaque(context).takeUnretainedValue()
                record.tickets.withLock { $0[ticket, default: 0] += 1 }
                record.threads.withLock { _ = $0.insert(thread) }
            }, context)
    }

    @Test(arguments: [1, 2, 5, 16] as [Int32])
    func everyTicketRunsOnce(threads: Int32) throws {
        let pool = try Self.pool(threads)
        defer { pf_workers_destroy(pool) }
        #expect(pf_workers_threads(pool) == threads)
        for tickets in [0, 1, 2, 3, 17, 200] as [Int32] {
            let record = Record()
            Self.run(pool, tickets: tickets, record)
            let counts = record.tickets.withLock { $0 }
            #expect(counts.count == Int(tickets))
            #expect(counts.values.allSatisfy { $0 == 1 })
            #expect(record.threads.withLock { $0.allSatisfy { $0 >= 0 && $0 < threads } })
        }
    }

    @Test func manyShortRunsLoseNothing() throws {
        let pool = try Self.pool(4)
        defer { pf_workers_destroy(pool) }
        let record = Record()
        for _ in 0..<2000 { Self.run(pool, tickets: 5, record) }
        #expect(record.tickets.withLock { $0 } == [0: 2000, 1: 2000, 2: 2000, 3: 2000, 4: 2000])
    }

    @Test func anIdlePoolEnds() throws {
        // Its threads may be asleep, spinning or not yet started.
        for threads in 1..<30 as Range<Int32> { pf_workers_destroy(try Self.pool(threads)) }
    }
}
