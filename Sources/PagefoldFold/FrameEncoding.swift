// Frames as the bytes of a section, for those who write fold files.

import PagefoldCore

extension NumberFormat {
    /// The bytes of a section of frames (docs/format.md, "Frames"). Weights that the format does not hold are rounded.
    /// - Parameters:
    ///   - values: [frames][pageSize].
    ///   - quanta: [frames] where the format has a quantum.
    func encoded(_ values: [Float], quanta: [Float], pageSize: Int) -> [UInt8] {
        let frames = values.count / pageSize
        precondition(!hasQuantum || quanta.count == frames, "a quantum for each frame")
        #if _endian(little)
            if self == .float32 { return values.withUnsafeBytes { Array($0) } }
        #endif
        var result = [UInt8]()
        let stride = stride(pageSize: pageSize)
        result.reserveCapacity(frames * stride + 2 * frames + Self.slack)
        for frame in 0..<frames {
            let weights = values[frame * pageSize..<(frame + 1) * pageSize]
            append(weights, quantum: hasQuantum ? quanta[frame] : 1, to: &result)
        }
        guard self != .float32 else { return result }
        if hasQuantum {
            if result.count % 2 == 1 { result.append(0) }
            for quantum in quanta {
                let bits = Float16(quantum).bitPattern
                result += [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
            }
        }
        return result + [UInt8](repeating: 0, count: Self.slack)
    }

    /// Codes one behind the other, the lowest bits first, up to a whole byte.
    func append(_ weights: some Sequence<Float>, quantum: Float, to bytes: inout [UInt8]) {
        var writer = BitWriter()
        for weight in weights { writer.append(encode(weight, quantum: quantum), bits: bits) }
        bytes += writer.finished()
    }
}

/// Numbers of a few bits one behind the other, the lowest bits first.
struct BitWriter {
    private var bytes = [UInt8]()
    private var pending: UInt64 = 0
    private var count = 0

    /// - Parameter value: below 2 to the power of `bits`.
    mutating func append(_ value: UInt32, bits: Int) {
        precondition(UInt64(value) >> UInt64(bits) == 0, "a number of more bits")
        pending |= UInt64(value) << UInt64(count)
        count += bits
        while count >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            count -= 8
        }
    }

    /// All bytes, the last filled up with zeros.
    func finished() -> [UInt8] { count > 0 ? bytes + [UInt8(truncatingIfNeeded: pending)] : bytes }
}
