// The .npy format of NumPy: bytes ↔ one array. Archives of several (.npz) are NumPyArchive's.
public import PagefoldCore

/// .npy, versions 1, 2 and 3 (numpy.lib.format): magic, version, header length, header, values.
public enum NumPyFile {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Whether the bytes begin as a .npy file does.
    public static func isNumPy(_ bytes: [UInt8]) -> Bool { bytes.hasBytes(magic) }

    /// Reads a .npy file's content: bool, integers and floats of 8 to 64 bits, either byte
    /// order, C or Fortran order. The result is in C order.
    ///
    /// Throws InputError unless the header is valid and announces exactly the bytes that follow it.
    public static func read(_ bytes: [UInt8], file: String) throws(InputError) -> NumericArray {
        var cursor = ByteCursor(bytes, file: file)
        let header = try header(&cursor)
        let byteCount = NumericArray.elementCount(of: header.shape + [header.type.size])
        if let byteCount, byteCount < cursor.remaining, bytes.hasBytes(magic, at: cursor.position + byteCount)
        {
            throw InputError(
                file: file, field: "NumPy file", problem: "another array follows the first",
                remedy: "save each in a file of its own, or all with numpy.savez")
        }
        guard let byteCount, byteCount == cursor.remaining else {
            throw InputError(
                file: file, field: "shape",
                problem: "\(header.shape) of \(header.type.size) bytes each does not match the "
                    + "\(cursor.remaining) bytes that follow",
                remedy: "the file is truncated or damaged: fetch or write it again")
        }
        let range = try cursor.take(byteCount, field: "NumPy values")
        let payload = try header.type.decode(bytes, range: range, bigEndian: header.bigEndian, file: file)
        guard header.fortranOrder, header.shape.count > 1 else {
            return NumericArray(shape: header.shape, payload: payload)
        }
        return NumericArray(shape: header.shape, payload: payload.inCOrder(fortranShape: header.shape))
    }

    /// The shape that the beginning of a file announces.
    static func shape(_ bytes: [UInt8], file: String) throws(InputError) -> [Int] {
        var cursor = ByteCursor(bytes, file: file)
        return try header(&cursor).shape
    }

    private static func header(_ cursor: inout ByteCursor) throws(InputError) -> NumPyHeader {
        let (bytes, file) = (cursor.bytes, cursor.file)
        let start = try cursor.take(magic.count, field: "NumPy magic")
        guard bytes[start].elementsEqual(magic) else {
            throw InputError(
                file: file, field: "NumPy magic", problem: "is missing",
                remedy: "give a file written by numpy.save")
        }
        let major = try cursor.littleEndian(UInt8.self, field: "NumPy version")
        _ = try cursor.littleEndian(UInt8.self, field: "NumPy version")
        let length: Int
        switch major {
        case 1: length = Int(try cursor.littleEndian(UInt16.self, field: "NumPy header length"))
        case 2, 3: length = Int(try cursor.littleEndian(UInt32.self, field: "NumPy header length"))
        default:
            throw InputError(
                file: file, field: "NumPy version", problem: "\(major) is unknown",
                remedy: "write the file again with numpy.save")
        }
        let literal = try cursor.take(length, field: "NumPy header")
        return try NumPyHeader(literal: bytes[literal], file: file)
    }

    /// A .npy file (version 1) of float32 values in C order.
    /// Preconditions: the shape matches the values and has few enough dimensions for a 64 KB header.
    public static func write(_ values: [Float], shape: [Int]) -> [UInt8] {
        precondition(NumericArray.elementCount(of: shape) == values.count)
        let tuple = shape.map { "\($0)," }.joined(separator: " ")
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(tuple)), }"
        // The values begin at a multiple of 64 bytes, the header ends with a line feed.
        let unpadded = magic.count + 4 + header.utf8.count + 1
        header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
        let length = UInt16(header.utf8.count)
        var bytes = magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(header.utf8)
        bytes.reserveCapacity(bytes.count + values.count * 4)
        for value in values {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes
    }
}

extension NumericArray.Payload {
    /// The same array with its values moved from Fortran (column-major) to C (row-major) order.
    func inCOrder(fortranShape shape: [Int]) -> NumericArray.Payload {
        switch self {
        case .u8(let values): .u8(reordered(values, shape))
        case .i32(let values): .i32(reordered(values, shape))
        case .f32(let values): .f32(reordered(values, shape))
        }
    }

    private func reordered<T>(_ values: [T], _ shape: [Int]) -> [T] {
        guard !values.isEmpty else { return values }
        var strides: [Int] = []
        var stride = 1
        for size in shape {
            strides.append(stride)
            stride *= size
        }
        var result: [T] = []
        result.reserveCapacity(values.count)
        var index = [Int](repeating: 0, count: shape.count)
        var source = 0
        for _ in 0..<values.count {
            result.append(values[source])
            // Count up like an odometer, the last dimension fastest.
            for dimension in shape.indices.reversed() {
                index[dimension] += 1
                source += strides[dimension]
                if index[dimension] < shape[dimension] { break }
                source -= strides[dimension] * shape[dimension]
                index[dimension] = 0
            }
        }
        return result
    }
}
