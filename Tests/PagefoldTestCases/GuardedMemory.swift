// Memory behind which nothing may be read or written: one byte too far ends the process. For tests of what kernels touch.
// Not a test itself.

import Foundation

/// Zeroed memory that ends at a memory page without any rights.
public final class GuardedMemory: @unchecked Sendable {  // Who writes is agreed by the test.
    public let bytes: UnsafeMutableRawBufferPointer
    private let mapping: UnsafeMutableRawPointer
    private let mapped: Int

    /// - Parameter alignment: of the first byte; a count that is no multiple of it leaves a few bytes before the guard.
    public init(count: Int, alignment: Int = 4) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let room = (count + alignment - 1) / alignment * alignment
        let usable = (room + page - 1) / page * page
        mapped = usable + page
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        guard let start = mmap(nil, mapped, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED,
            mprotect(start + usable, page, PROT_NONE) == 0
        else { fatalError("a test has no memory") }
        mapping = start
        bytes = UnsafeMutableRawBufferPointer(start: start + (usable - room), count: count)
    }

    /// A copy of numbers, the last one right before the guard.
    public convenience init<Number: BitwiseCopyable>(_ numbers: [Number]) {
        self.init(count: numbers.count * MemoryLayout<Number>.stride, alignment: MemoryLayout<Number>.stride)
        numbers.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }

    deinit { munmap(mapping, mapped) }

    public var floats: UnsafeMutableBufferPointer<Float> { bytes.assumingMemoryBound(to: Float.self) }
}
