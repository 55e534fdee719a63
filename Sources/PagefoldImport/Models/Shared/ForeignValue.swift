// Where TensorFlow's numbers are in this project's order. TensorFlow keeps channels last, nodes here keep them
// first; the difference shows when a feature map is flattened.

import PagefoldCore
import PagefoldGraph

/// The result of a TensorFlow node as the network holds it.
struct TensorFlow1Value {
    /// Index of the network's node that computes it.
    var node: Int
    /// Shape of that node's result.
    var shape: Shape
    /// TensorFlow's sizes for one sample, channels last.
    var sizes: [Int]
    /// `positions[t]` is where TensorFlow's number `t` lies in the node's result; nil is the natural place: channels
    /// first for feature maps [height, width, channels], the same place otherwise.
    var positions: [Int32]?
    /// Zeros around the feature map that the next convolution has to add.
    var padding = Padding()

    /// Numbers of one sample; more than this is taken for damage.
    static let countLimit = 1 << 22

    /// The natural value of a node: a feature map, or a vector.
    init(node: Int, shape: Shape, sizes: [Int]) {
        self.node = node
        self.shape = shape
        self.sizes = sizes
    }

    /// A feature map in its natural order.
    init(node: Int, map shape: Shape) {
        self.init(node: node, shape: shape, sizes: [shape.height, shape.width, shape.channels])
    }

    /// A vector in its natural order.
    init(node: Int, vector count: Int) {
        self.init(node: node, shape: Shape(channels: count), sizes: [count])
    }

    var count: Int { shape.count }
    var isMap: Bool { sizes.count == 3 && positions == nil }
    var isVector: Bool { sizes.count == 1 }

    /// The shape that holds these sizes, channels first; nil for sizes that are not positive, too many or too large.
    static func shape(of sizes: [Int]) -> Shape? {
        guard sizes.count <= 3, sizes.allSatisfy({ $0 > 0 && $0 <= countLimit }) else { return nil }
        let shape =
            switch sizes.count {
            case 3: Shape(channels: sizes[2], height: sizes[0], width: sizes[1])
            case 2: Shape(channels: 1, height: sizes[0], width: sizes[1])
            default: Shape(channels: sizes.first ?? 1)
            }
        // Three factors of at most 2²² do not overflow when the first product is checked.
        guard shape.spatial <= countLimit, shape.count <= countLimit else { return nil }
        return shape
    }

    /// The natural places for these sizes.
    static func naturalPositions(_ sizes: [Int]) -> [Int32] {
        guard sizes.count == 3 else { return (0..<Int32(sizes.reduce(1, *))).map { $0 } }
        var positions: [Int32] = []
        positions.reserveCapacity(sizes.reduce(1, *))
        for pixel in 0..<sizes[0] * sizes[1] {
            for channel in 0..<sizes[2] { positions.append(Int32(channel * sizes[0] * sizes[1] + pixel)) }
        }
        return positions
    }

    /// Every number's place, natural or not.
    var allPositions: [Int32] { positions ?? Self.naturalPositions(sizes) }

    /// Brings one number for each of TensorFlow's last dimension into the order of the node's channels; nil if the
    /// numbers do not match the value.
    func perChannel(_ tensor: CheckpointTensor) -> [Double]? {
        if tensor.values.count == 1 { return Array(repeating: tensor.values[0], count: shape.channels) }
        guard isMap || isVector, tensor.shape.drop(while: { $0 == 1 }).elementsEqual([shape.channels]),
            tensor.shape.count <= sizes.count + 1
        else { return nil }
        guard let positions else { return tensor.values }
        var ordered = tensor.values
        for (from, to) in positions.enumerated() { ordered[Int(to)] = tensor.values[from] }
        return ordered
    }
}
