// A fixed run of floats that kernels may write from several threads. Not an array: no copies, no growth.

/// Zeroed, 64-byte aligned floats. Who writes which part is agreed by tickets.
public final class FloatBuffer: @unchecked Sendable {  // Writers keep to their tickets' parts.
    public let pointer: UnsafeMutablePointer<Float>
    public let count: Int

    public init(count: Int) {
        self.count = count
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 16) * 4, alignment: 64)
        pointer = raw.bindMemory(to: Float.self, capacity: max(count, 16))
        pointer.initialize(repeating: 0, count: max(count, 16))
    }

    public convenience init(_ values: [Float]) {
        self.init(count: values.count)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: count) }
        }
    }

    deinit { pointer.deallocate() }

    public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// Takes over as many values as there are places.
    public func update(from values: [Float]) {
        precondition(values.count == count)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: count) }
        }
    }

    public func zero() { pointer.update(repeating: 0, count: count) }
}
