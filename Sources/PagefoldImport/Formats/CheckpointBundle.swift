// A TensorFlow V2 checkpoint: named tensors in data slices, found through an index. It reads tensors; it does not
// know which of them a network needs.

import Foundation
import PagefoldCore
import PagefoldData
import SwiftProtobuf

/// A checkpoint opened for reading. Tensors are read, and their checksums checked, when asked for.
final class CheckpointBundle {
    private let files: CheckpointFiles
    private let sliceCount: Int
    private var entries: [String: ArraySlice<UInt8>] = [:]
    private var slices: [Int: (path: String, bytes: Data)] = [:]
    /// Bytes of each slice that tensors read so far take; more than it has means that tensors overlap.
    private var claimed: [Int32: [String: Int64]] = [:]

    init(_ files: CheckpointFiles) throws(InputError) {
        self.files = files
        let table = try CheckpointTable(files.index, file: files.indexPath)
        var header: TF1BundleHeader?
        for (key, value) in table.entries {
            if key.isEmpty {
                header = try? TF1BundleHeader(serializedBytes: [UInt8](value), options: Self.decoding)
                continue
            }
            guard let name = String(validating: key, as: UTF8.self) else {
                throw Self.damaged(files.indexPath, "keys", "a tensor's name is not UTF-8")
            }
            guard entries.updateValue(value, forKey: name) == nil else {
                throw Self.damaged(files.indexPath, name, "the tensor is listed twice")
            }
        }
        guard let header else {
            throw Self.damaged(files.indexPath, "header", "it is missing or cannot be decoded")
        }
        guard header.endianness == 0, header.version.minConsumer <= 1 else {
            throw InputError(
                file: files.indexPath, field: "header",
                problem:
                    "byte order \(header.endianness), version \(header.version.minConsumer) are not supported",
                remedy: "save the checkpoint again on a little-endian machine in the V2 format")
        }
        guard (1...99_999).contains(header.numShards) else {
            throw Self.damaged(files.indexPath, "header", "\(header.numShards) data files")
        }
        sliceCount = Int(header.numShards)
    }

    /// Names of all tensors, sorted.
    var names: [String] { entries.keys.sorted() }

    func has(_ name: String) -> Bool { entries[name] != nil }

    /// The tensor of that name: its index entry, bounds and checksum are checked, and that every number is finite.
    func tensor(_ name: String) throws(InputError) -> ConstantTensor {
        guard let bytes = entries[name] else {
            throw InputError(
                file: files.indexPath, field: name,
                problem: "the graph reads this variable, the checkpoint lacks it",
                remedy: "give the graph (.meta) and the checkpoint of the same training run")
        }
        guard let entry = try? TF1BundleEntry(serializedBytes: [UInt8](bytes), options: Self.decoding) else {
            throw Self.damaged(files.indexPath, name, "its index entry cannot be decoded")
        }
        guard entry.slices.isEmpty else {
            throw InputError(
                file: files.indexPath, field: name, problem: "partitioned variables are not supported",
                remedy: "save the checkpoint again without a partitioner")
        }
        guard let type = ElementType(tensorFlow: entry.dtype) else {
            throw InputError(
                file: files.indexPath, field: name,
                problem: "tensors of type \(entry.dtype) are not supported",
                remedy: "store weights as float32, float64, float16, bfloat16, int32 or int64")
        }
        guard let (shape, count) = entry.shape.sizes,
            Int64(count).multipliedReportingOverflow(by: Int64(type.size)) == (entry.size, false)
        else { throw Self.damaged(files.indexPath, name, "its shape does not match its \(entry.size) bytes") }

        let (path, data) = try slice(entry.shardID, of: name)
        let (end, overflow) = entry.offset.addingReportingOverflow(entry.size)
        guard entry.offset >= 0, !overflow, end <= Int64(data.count) else {
            throw Self.damaged(
                path, name, "bytes \(entry.offset) to \(end) lie outside the file's \(data.count) bytes")
        }
        claimed[entry.shardID, default: [:]][name] = entry.size
        guard claimed[entry.shardID, default: [:]].values.reduce(0, +) <= Int64(data.count) else {
            throw Self.damaged(path, name, "the tensor overlaps another one")
        }
        let (checksum, values) = data.withUnsafeBytes {
            let stored = UnsafeRawBufferPointer(rebasing: $0[Int(entry.offset)..<Int(end)])
            return (CRC32C.checksum(stored), type.numbers(stored))
        }
        guard checksum.maskedForCheckpoint == entry.crc32C else {
            throw Self.damaged(path, name, "the checksum does not match")
        }
        guard values.allSatisfy(\.isFinite) else {
            throw InputError(
                file: path, field: name, problem: "the tensor holds NaN or infinity",
                remedy: "take an earlier checkpoint, from before training diverged")
        }
        return ConstantTensor(elementType: type, shape: shape, values: values)
    }

    private func slice(_ number: Int32, of name: String) throws(InputError) -> (path: String, bytes: Data) {
        let number = Int(number)
        guard (0..<sliceCount).contains(number) else {
            throw Self.damaged(files.indexPath, name, "data file \(number) of \(sliceCount)")
        }
        if let known = slices[number] { return known }
        let opened = try files.slice(number, sliceCount)
        slices[number] = opened
        return opened
    }

    static var decoding: BinaryDecodingOptions {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        return options
    }

    private static func damaged(_ file: String, _ field: String, _ problem: String) -> InputError {
        InputError(
            file: file, field: field, problem: problem, remedy: "the checkpoint is damaged; copy it again")
    }
}

extension ElementType {
    /// TensorFlow's `DataType`; nil for strings, quantised types and those that no network's weights have.
    init?(tensorFlow number: Int32) {
        switch number {
        case 1: self = .f32
        case 2: self = .f64
        case 3: self = .i32
        case 9: self = .i64
        case 10: self = .bool
        case 14: self = .bf16
        case 19: self = .f16
        default: return nil
        }
    }
}

extension TF1TensorShape {
    /// The sizes and their product; nil for unknown or negative sizes and for products that overflow.
    var sizes: (shape: [Int], count: Int)? {
        guard !unknownRank else { return nil }
        var shape: [Int] = []
        var count = 1
        for dimension in dim {
            let (product, overflow) = count.multipliedReportingOverflow(by: Int(dimension.size))
            guard dimension.size >= 0, !overflow else { return nil }
            shape.append(Int(dimension.size))
            count = product
        }
        return (shape, count)
    }
}
