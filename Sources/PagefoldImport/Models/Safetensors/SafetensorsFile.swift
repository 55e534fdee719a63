// The safetensors format: a JSON header with the type, shape and place of each tensor, then their bytes. Which tensor belongs to
// which layer is Safetensors' to know.

import Foundation
import PagefoldCore
import PagefoldData

/// The tensors of a file by name.
struct SafetensorsFile {
    private struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var offsets: [Int]

        enum CodingKeys: String, CodingKey { case dtype = "dtype", shape = "shape", offsets = "data_offsets" }
    }

    /// What stands in the header: tensors, and notes of the writer, which are texts.
    private enum Item: Decodable {
        case tensor(Entry)
        case note

        init(from decoder: any Decoder) throws {
            if let entry = try? Entry(from: decoder) { self = .tensor(entry) } else { self = .note }
        }
    }

    let file: String
    private let bytes: [UInt8]
    /// Where the tensors begin.
    private let start: Int
    private let entries: [String: Entry]

    static let mostHeaderBytes = 1 << 24

    init(_ bytes: [UInt8], file: String) throws(InputError) {
        func damaged(_ field: String, _ problem: String) -> InputError {
            InputError(file: file, field: field, problem: problem, remedy: "copy the file again")
        }
        var cursor = ByteCursor(bytes, file: file)
        let length = try cursor.littleEndian(UInt64.self, field: "length of the header")
        guard let count = Int(exactly: length), count <= min(Self.mostHeaderBytes, cursor.remaining) else {
            throw damaged(
                "length of the header", "\(length) bytes, the file has \(cursor.remaining) behind it")
        }
        let range = try cursor.take(count, field: "header")
        let items: [String: Item]
        do { items = try JSONDecoder().decode([String: Item].self, from: Data(bytes[range])) } catch {
            throw damaged("header", "it is no JSON table of tensors")
        }
        var entries: [String: Entry] = [:]
        for (name, item) in items where name != "__metadata__" {
            guard case .tensor(let entry) = item else {
                throw damaged("tensor \(name)", "it has no type, shape and place")
            }
            guard entry.offsets.count == 2, let type = Self.types[entry.dtype],
                let numbers = NumericArray.elementCount(of: entry.shape), numbers <= bytes.count,
                entry.offsets[0] >= 0, entry.offsets[0] <= entry.offsets[1],
                entry.offsets[1] <= cursor.remaining,
                entry.offsets[1] - entry.offsets[0] == numbers * type.size
            else {
                throw damaged("tensor \(name)", "\(entry.dtype) \(entry.shape) at bytes \(entry.offsets)")
            }
            entries[name] = entry
        }
        self.file = file
        self.bytes = bytes
        self.entries = entries
        start = range.upperBound
    }

    /// In the order of the file.
    var names: [String] {
        entries.sorted { ($0.value.offsets[0], $0.key) < ($1.value.offsets[0], $1.key) }.map(\.key)
    }

    func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// The tensor of this name; nil where there is none.
    func tensor(_ name: String) -> ConstantTensor? {
        guard let entry = entries[name], let type = Self.types[entry.dtype] else { return nil }
        let values = bytes.withUnsafeBytes {
            type.numbers(
                UnsafeRawBufferPointer(rebasing: $0[(start + entry.offsets[0])..<(start + entry.offsets[1])]))
        }
        return ConstantTensor(elementType: type, shape: entry.shape, values: values)
    }

    private static let types: [String: ElementType] = [
        "BOOL": .bool, "U8": .u8, "I8": .i8, "U16": .u16, "I16": .i16, "U32": .u32, "I32": .i32, "U64": .u64,
        "I64": .i64, "F16": .f16, "BF16": .bf16, "F32": .f32, "F64": .f64,
    ]
}
