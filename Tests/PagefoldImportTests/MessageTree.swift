// ONNX files as trees of their fields, to be changed and written again: damage that keeps the structure. Not a test itself.

import PagefoldCore

@testable import PagefoldImport

/// A message with its fields in their order.
struct MessageTree {
    enum Value {
        case number(UInt64)
        case four([UInt8])
        case eight([UInt8])
        /// A text, packed numbers, or bytes.
        case bytes([UInt8])
        case message(MessageTree)
    }

    var kind: ONNXOutline.Kind
    var fields: [(number: UInt64, value: Value)] = []

    /// Nil for bytes that are no message.
    init?(_ bytes: [UInt8], _ kind: ONNXOutline.Kind) {
        self.kind = kind
        var reader = CheckpointBytes(bytes[...])
        while reader.remaining > 0 {
            guard let tag = reader.varint() else { return nil }
            let number = tag >> 3
            switch tag & 7 {
            case 0:
                guard let value = reader.varint() else { return nil }
                fields.append((number, .number(value)))
            case 1:
                guard let value = reader.take(8) else { return nil }
                fields.append((number, .eight(Array(value))))
            case 5:
                guard let value = reader.take(4) else { return nil }
                fields.append((number, .four(Array(value))))
            case 2:
                guard let length = reader.varint(), let content = reader.take(length) else { return nil }
                if let inner = kind.kind(ofField: number), inner != .leaf,
                    let message = MessageTree(Array(content), inner)
                {
                    fields.append((number, .message(message)))
                } else {
                    fields.append((number, .bytes(Array(content))))
                }
            default: return nil
            }
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for (number, value) in fields {
            func tag(_ wire: UInt64) { bytes += Self.varint(number << 3 | wire) }
            switch value {
            case .number(let value):
                tag(0)
                bytes += Self.varint(value)
            case .four(let value):
                tag(5)
                bytes += value
            case .eight(let value):
                tag(1)
                bytes += value
            case .bytes(let value):
                tag(2)
                bytes += Self.varint(UInt64(value.count)) + value
            case .message(let message):
                tag(2)
                let content = message.bytes
                bytes += Self.varint(UInt64(content.count)) + content
            }
        }
        return bytes
    }

    static func varint(_ value: UInt64) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
    }

    // MARK: Changes

    /// All texts and numbers of the tree, for references to other places.
    private var leaves: [[UInt8]] {
        fields.flatMap { field -> [[UInt8]] in
            switch field.value {
            case .bytes(let bytes): [bytes]
            case .message(let message): message.leaves
            default: []
            }
        }
    }

    /// Changes one thing somewhere.
    mutating func mutate(_ random: inout RandomSource) {
        let leaves = leaves
        mutate(&random, leaves)
    }

    private mutating func mutate(_ random: inout RandomSource, _ leaves: [[UInt8]]) {
        guard !fields.isEmpty else { return }
        let index = random.below(fields.count)
        if case .message(var message) = fields[index].value, random.below(8) != 0 {
            message.mutate(&random, leaves)
            fields[index].value = .message(message)
            return
        }
        switch random.below(10) {
        case 0: fields.remove(at: index)
        case 1: fields.insert(fields[index], at: random.below(fields.count + 1))
        case 2: fields.swapAt(index, random.below(fields.count))
        case 3: fields[index].number = UInt64(1 + random.below(26))
        default: fields[index].value = Self.changed(fields[index].value, &random, leaves)
        }
    }

    /// Numbers where mistakes live.
    private static let edges: [UInt64] = [
        0, 1, 2, 3, 5, 7, 10, 16, 22, 63, 64, 127, 128, 255, 256, 65_535, 65_536, 1 << 20, 1 << 26, 1 << 30,
        1 << 31,
        1 << 32, 1 << 33, 1 << 53, 1 << 62, .max, .max - 1, .max - 2, .max - 3, 1 << 63, (1 << 63) - 1,
        (1 << 63) + 1,
    ]
    private static let floats: [Float] = [
        0, -0.0, 1, -1, 0.5, 1e-30, 1e30, -1e30, .nan, .infinity, -.infinity, 3e9, 255,
    ]

    private static func changed(_ value: Value, _ random: inout RandomSource, _ leaves: [[UInt8]]) -> Value {
        func number() -> UInt64 { edges[random.below(edges.count)] }
        func float() -> [UInt8] {
            let bits = floats[random.below(floats.count)].bitPattern
            return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) }
        }
        switch value {
        case .number(let old):
            return .number(
                [number(), old &+ 1, old &- 1, old ^ 1 << UInt64(random.below(64))][random.below(4)])
        case .four: return .four(float())
        case .eight(let old): return .eight(old.map { _ in UInt8(truncatingIfNeeded: random.next()) })
        case .message(let message): return .bytes(Array(message.bytes.prefix(random.below(64))))
        case .bytes(var bytes):
            switch random.below(7) {
            case 0: return .bytes(leaves.isEmpty ? [] : leaves[random.below(leaves.count)])
            case 1: return .bytes([])
            case 2: return .bytes(Array(bytes.prefix(random.below(bytes.count + 1))))
            case 3: return .bytes(bytes + bytes)
            case 4: return .bytes((0...random.below(4)).flatMap { _ in varint(number()) })
            case 5 where bytes.count >= 4:
                // One of packed floats.
                let place = random.below(bytes.count / 4) * 4
                bytes.replaceSubrange(place..<place + 4, with: float())
                return .bytes(bytes)
            default:
                guard !bytes.isEmpty else { return .bytes(float()) }
                bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
                return .bytes(bytes)
            }
        }
    }
}
