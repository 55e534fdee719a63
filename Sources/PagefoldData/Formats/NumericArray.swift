// An array of numbers as a file gives it: a shape and values in row-major order.
// It is a result of reading, not a tensor for computing.

/// Numbers read from a file, in row-major (C) order, kept in the narrowest of three element types.
///
/// Image sets stay one byte an element: 60,000 × 784 pixels take 47 MB, not 188 MB.
public struct NumericArray: Sendable, Equatable {
    /// Values in one of three element types.
    public enum Payload: Sendable, Equatable {
        case u8([UInt8])
        case i32([Int32])
        case f32([Float])

        /// Number of elements.
        public var count: Int {
            switch self {
            case .u8(let values): values.count
            case .i32(let values): values.count
            case .f32(let values): values.count
            }
        }
    }

    /// Size of each dimension, outermost first; empty for a single number.
    public let shape: [Int]
    /// The values, `shape.reduce(1, *)` of them.
    public let payload: Payload

    /// Precondition: the number of values is the product of the shape.
    public init(shape: [Int], payload: Payload) {
        precondition(NumericArray.elementCount(of: shape) == payload.count, "shape and values disagree")
        self.shape = shape
        self.payload = payload
    }

    /// Number of elements.
    public var count: Int { payload.count }

    /// The element at a flat row-major index. Precondition: `index` is in `0 ..< count`.
    public subscript(index: Int) -> Double {
        switch payload {
        case .u8(let values): Double(values[index])
        case .i32(let values): Double(values[index])
        case .f32(let values): Double(values[index])
        }
    }

    /// All values as Float: a copy unless they are Float already.
    public var floats: [Float] {
        switch payload {
        case .u8(let values): values.map { Float($0) }
        case .i32(let values): values.map { Float($0) }
        case .f32(let values): values
        }
    }

    /// Product of a shape, or nil when a size is negative or the product does not fit in an Int.
    package static func elementCount(of shape: [Int]) -> Int? {
        var product = 1
        // A zero anywhere makes the product zero, whatever the other sizes: no overflow to report then.
        if shape.contains(where: { $0 < 0 }) { return nil }
        if shape.contains(0) { return 0 }
        for size in shape {
            let (value, overflow) = product.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            product = value
        }
        return product
    }
}
