// The header of a .npy file: a Python dict literal with three keys. The values are NumPyFile's.
import PagefoldCore

/// What the header of a .npy file says.
struct NumPyHeader: Equatable {
    var type: ElementType
    var bigEndian: Bool
    var fortranOrder: Bool
    var shape: [Int]

    /// Parses the literal, such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
    init(literal: ArraySlice<UInt8>, file: String) throws(InputError) {
        var parser = LiteralParser(text: literal, file: file)
        var description: String?
        var fortranOrder: Bool?
        var shape: [Int]?
        try parser.expect("{")
        while !parser.accept("}") {
            let key = try parser.string()
            try parser.expect(":")
            switch key {
            case "descr":
                guard !parser.accept("[") else { throw parser.error("is that of a table of several types") }
                description = try parser.string()
            case "fortran_order": fortranOrder = try parser.boolean()
            case "shape": shape = try parser.sizes()
            default: throw parser.error("has the unknown key '\(key)'")
            }
            if !parser.accept(",") {
                try parser.expect("}")
                break
            }
        }
        guard parser.isAtEnd else { throw parser.error("goes on after the dict") }
        guard let description, let fortranOrder, let shape else {
            throw parser.error("lacks one of the keys descr, fortran_order, shape")
        }
        guard let (type, bigEndian) = NumPyHeader.elementType(description) else {
            throw InputError(
                file: file, field: "dtype", problem: "'\(description)' is not a supported element type",
                remedy: "convert with .astype('float32'), or 'uint8' for images and labels")
        }
        self.type = type
        self.bigEndian = bigEndian
        self.fortranOrder = fortranOrder
        self.shape = shape
    }

    private static func elementType(_ description: String) -> (ElementType, bigEndian: Bool)? {
        guard let order = description.first, "<>|=".contains(order) else { return nil }
        let type: ElementType
        switch description.dropFirst() {
        case "b1", "?": type = .bool
        case "u1": type = .u8
        case "i1": type = .i8
        case "u2": type = .u16
        case "i2": type = .i16
        case "u4": type = .u32
        case "i4": type = .i32
        case "u8": type = .u64
        case "i8": type = .i64
        case "f2": type = .f16
        case "f4": type = .f32
        case "f8": type = .f64
        default: return nil
        }
        return (type, order == ">")
    }
}

/// Just enough of Python's literals: strings without escapes, True and False, tuples of sizes.
private struct LiteralParser {
    private let text: ArraySlice<UInt8>
    private let file: String
    private var position: Int

    init(text: ArraySlice<UInt8>, file: String) {
        self.text = text
        self.file = file
        position = text.startIndex
    }

    func error(_ problem: String) -> InputError {
        InputError(
            file: file, field: "NumPy header", problem: problem,
            remedy: "write the file again with numpy.save")
    }

    private mutating func skipSpace() {
        while position < text.endIndex, [0x20, 0x09, 0x0a, 0x0d].contains(text[position]) { position += 1 }
    }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return position == text.endIndex
        }
    }

    mutating func accept(_ word: String) -> Bool {
        skipSpace()
        guard text[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        return true
    }

    mutating func expect(_ word: String) throws(InputError) {
        guard accept(word) else { throw error("has no '\(word)' where one must stand") }
    }

    mutating func string() throws(InputError) -> String {
        skipSpace()
        guard position < text.endIndex, text[position] == 0x27 || text[position] == 0x22 else {
            throw error("has no quoted string where one must stand")
        }
        let body = text[(position + 1)...]
        guard let close = body.firstIndex(of: text[position]) else {
            throw error("has a string without an end")
        }
        position = close + 1
        return String(decoding: body[..<close], as: UTF8.self)
    }

    mutating func boolean() throws(InputError) -> Bool {
        if accept("True") { return true }
        try expect("False")
        return false
    }

    mutating func sizes() throws(InputError) -> [Int] {
        var sizes: [Int] = []
        try expect("(")
        while !accept(")") {
            skipSpace()
            let digits = text[position...].prefix { (0x30...0x39).contains($0) }
            guard let size = Int(String(decoding: digits, as: UTF8.self)) else {
                throw error("has a shape that is not a tuple of sizes")
            }
            position = digits.endIndex
            _ = accept("L")  // long integers as Python 2 wrote them
            sizes.append(size)
            guard sizes.count <= 64 else { throw error("has a shape of more than 64 dimensions") }
            if !accept(",") {
                try expect(")")
                break
            }
        }
        return sizes
    }
}
