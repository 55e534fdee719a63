// The IDX format of the MNIST data set: bytes ↔ arrays. Compression is Inflate's.
public import PagefoldCore

/// IDX: two zero bytes, the element type, the number of dimensions, big-endian 32-bit sizes, then the values,
/// big-endian, row-major (Y. LeCun, "The MNIST database").
public enum IDX {
    /// Whether the bytes begin as an IDX file does.
    public static func isIDX(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 4 && bytes[0] == 0 && bytes[1] == 0 && elementType(bytes[2]) != nil && bytes[3] > 0
    }

    /// Reads an IDX file's content (u8, i8, i16, i32, f32 or f64). Throws InputError unless the header is
    /// valid and announces exactly the bytes that follow it.
    public static func read(_ bytes: [UInt8], file: String) throws(InputError) -> NumericArray {
        var cursor = ByteCursor(bytes, file: file)
        let magic = try cursor.bigEndian(UInt32.self, field: "IDX header")
        guard magic >> 16 == 0, let type = elementType(UInt8(magic >> 8 & 0xff)), magic & 0xff > 0 else {
            throw InputError(
                file: file, field: "IDX header", problem: "begins with \(hexadecimal(magic))",
                remedy: "give an IDX file: 00 00, a type of 08 09 0b 0c 0d 0e, the number of dimensions")
        }
        var shape: [Int] = []
        for dimension in 0..<Int(magic & 0xff) {
            shape.append(Int(try cursor.bigEndian(UInt32.self, field: "size of dimension \(dimension)")))
        }
        let byteCount = NumericArray.elementCount(of: shape + [type.size])
        guard let byteCount, byteCount == cursor.remaining else {
            throw InputError(
                file: file, field: "IDX sizes",
                problem:
                    "announce \(shape) values of \(type.size) bytes, but \(cursor.remaining) bytes follow",
                remedy: "the file is truncated or damaged: fetch or write it again")
        }
        let range = try cursor.take(byteCount, field: "IDX values")
        let payload = try type.decode(bytes, range: range, bigEndian: true, file: file)
        return NumericArray(shape: shape, payload: payload)
    }

    /// An IDX file of bytes. Preconditions: 1 to 255 dimensions that fit in 32 bits and match the values.
    public static func write(_ values: [UInt8], shape: [Int]) -> [UInt8] {
        precondition((1...255).contains(shape.count))
        precondition(NumericArray.elementCount(of: shape) == values.count)
        var bytes: [UInt8] = [0, 0, 0x08, UInt8(shape.count)]
        for size in shape {
            let size = UInt32(size)
            bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
        }
        return bytes + values
    }

    private static func elementType(_ code: UInt8) -> ElementType? {
        switch code {
        case 0x08: .u8
        case 0x09: .i8
        case 0x0b: .i16
        case 0x0c: .i32
        case 0x0d: .f32
        case 0x0e: .f64
        default: nil
        }
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }
}
