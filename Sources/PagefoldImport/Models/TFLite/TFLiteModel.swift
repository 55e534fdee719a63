// A TFLite file as values: subgraphs, tensors, operators, with all references checked. What an operator means, and what a
// tensor holds, are read elsewhere.

import PagefoldCore

/// A tensor as the file describes it.
struct TFLiteTensor: Sendable {
    var name: String
    /// As stored: 1 stands for an axis that is open.
    var sizes: [Int]
    /// −1 for an axis that is open; empty where the file does not say.
    var signature: [Int]
    var type: TFLiteType
    /// Index of the buffer with its numbers; 0 for none.
    var buffer: Int
    var quantisation: TFLiteQuantisation?
    /// Whether it lives from one run to the next.
    var isVariable: Bool
    var sparsity: TFLiteSparsity?
}

/// How whole numbers stand for others: (n − zeroPoint) · scale.
struct TFLiteQuantisation: Sendable {
    /// One for all, or one for each place along `axis`.
    var scales: [Float]
    var zeroPoints: [Int]
    var axis: Int
    /// By blocks or along several axes, which is not read.
    var isIntricate: Bool
}

/// How the numbers of a sparse tensor lie: a tree of dense and compressed axes.
struct TFLiteSparsity: Sendable {
    struct Axis: Sendable {
        var isCompressed: Bool
        var denseSize: Int
        var segments: [Int]
        var indices: [Int]
    }
    /// Axes in the order of the tree; behind the tensor's own come those within blocks.
    var order: [Int]
    /// For each axis within blocks, the tensor's axis.
    var blockAxes: [Int]
    var axes: [Axis]
}

/// One operator of a subgraph.
struct TFLiteOperator: Sendable {
    /// Its place in the subgraph.
    var index: Int
    /// Of `TFLiteCode`; numbers beyond are operators that are not known here.
    var code: Int
    /// Of a custom operator.
    var customName: String
    /// Tensors; −1 for one that is left out.
    var inputs: [Int]
    var outputs: [Int]
    var options: TFLiteOptions
    /// Of a custom operator, in the file.
    var customOptions: Range<Int>

    /// What messages call it: "CONV_2D", "CUSTOM Name".
    var name: String {
        code == TFLiteCode.custom.rawValue ? "CUSTOM \(customName)" : TFLiteCode.name(code)
    }
}

struct TFLiteSubgraph: Sendable {
    var name: String
    var tensors: [TFLiteTensor]
    var inputs: [Int]
    var outputs: [Int]
    var operators: [TFLiteOperator]
}

/// Names of a subgraph's inputs and outputs as those who call it know them.
struct TFLiteSignature: Sendable {
    var key: String
    var subgraph: Int
    /// By tensor.
    var inputs: [Int: String]
    var outputs: [Int: String]
}

/// A TFLite file.
struct TFLiteModel: Sendable {
    let file: String
    let bytes: [UInt8]
    let subgraphs: [TFLiteSubgraph]
    /// Where each buffer lies in the file.
    let buffers: [Range<Int>]
    let signatures: [TFLiteSignature]

    /// - Parameter file: names it in errors.
    /// - Throws: `InputError` for damage, with its place.
    init(_ bytes: [UInt8], file: String) throws(InputError) {
        var decoding = TFLiteDecoding(bytes: bytes, file: file)
        self.file = file
        self.bytes = bytes
        let root = try decoding.at("model") { _ throws(FlatBufferDamage) in
            try FlatBuffer(bytes: bytes).root()
        }
        let version = try decoding.at("version") { _ throws(FlatBufferDamage) in try root.number(0, UInt32(0))
        }
        guard version == 3 else {
            throw InputError(
                file: file, field: "version", problem: "is \(version), 3 is read",
                remedy: "convert the network again, with a TensorFlow of this decade")
        }
        buffers = try decoding.buffers(root)
        let codes = try decoding.codes(root)
        subgraphs = try decoding.subgraphs(root, codes: codes, buffers: buffers.count)
        signatures = try decoding.signatures(root, subgraphs)
    }

    static func damage(_ file: String, _ place: String, _ text: String) -> InputError {
        InputError(
            file: file, field: place, problem: "the file is damaged: \(text)",
            remedy: "copy or download it again")
    }
}
