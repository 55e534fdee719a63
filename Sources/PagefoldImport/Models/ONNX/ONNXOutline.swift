// A look over the bytes of an ONNX file before they are decoded: a message costs two bytes in a file and hundreds in
// memory, so messages are counted first. It keeps nothing.

/// Counts the messages and texts of a file by the schema in Protos.
struct ONNXOutline {
    /// Messages and texts together. A decoded one takes about 200 bytes.
    static let mostParts = 1 << 20
    /// Messages inside each other.
    static let mostDepth = 90

    enum Problem: Error { case damaged, tooManyParts, tooDeep }

    enum Kind {
        case model, function, graph, node, attribute, tensor, sparse, port, type, tensorType, shape
        /// A message without messages in it, or a text.
        case leaf

        /// What stands in a field of this kind of message; nil where it is skipped or is a list of numbers.
        func kind(ofField number: UInt64) -> Kind? {
            switch (self, number) {
            case (.model, 7): .graph
            case (.model, 8): .leaf
            case (.model, 25): .function
            case (.function, 4), (.function, 5), (.function, 9): .leaf
            case (.function, 7): .node
            case (.function, 11): .attribute
            case (.graph, 1): .node
            case (.graph, 5): .tensor
            case (.graph, 11), (.graph, 12), (.graph, 13): .port
            case (.graph, 15): .sparse
            case (.node, 1), (.node, 2): .leaf
            case (.node, 5): .attribute
            case (.attribute, 5): .tensor
            case (.attribute, 6): .graph
            case (.attribute, 9): .leaf
            case (.attribute, 22): .sparse
            case (.tensor, 13): .leaf
            case (.sparse, 1), (.sparse, 2): .tensor
            case (.port, 2): .type
            case (.type, 1): .tensorType
            case (.tensorType, 2): .shape
            case (.shape, 1): .leaf
            default: nil
            }
        }
    }

    private var parts = 0

    /// - Throws: why the bytes are not decoded.
    static func check(_ bytes: [UInt8]) throws(Problem) {
        var outline = ONNXOutline()
        try outline.walk(bytes[...], .model, depth: 0)
    }

    private mutating func walk(_ bytes: ArraySlice<UInt8>, _ kind: Kind, depth: Int) throws(Problem) {
        guard depth <= Self.mostDepth else { throw .tooDeep }
        var reader = CheckpointBytes(bytes)
        while reader.remaining > 0 {
            guard let tag = reader.varint() else { throw .damaged }
            switch tag & 7 {
            case 0: guard reader.varint() != nil else { throw .damaged }
            case 1: guard reader.take(8) != nil else { throw .damaged }
            case 5: guard reader.take(4) != nil else { throw .damaged }
            case 2:
                guard let length = reader.varint(), let content = reader.take(length) else { throw .damaged }
                guard let inner = kind.kind(ofField: tag >> 3) else { continue }
                parts += 1
                guard parts <= Self.mostParts else { throw .tooManyParts }
                if inner != .leaf { try walk(content, inner, depth: depth + 1) }
            // Groups are of another age; ONNX has none.
            default: throw .damaged
            }
        }
    }
}
