// Where a foreign graph's numbers are in this project's order. Nodes here keep channels first; formats that keep them
// last show the difference when a feature map is flattened. It knows no format.

import PagefoldCore
import PagefoldGraph

/// Where a format puts the channels of a feature map.
enum AxisOrder: Sendable {
    /// [height, width, channels], as TensorFlow and TFLite.
    case channelsLast
    /// [channels, height, width], as ONNX and the nodes here.
    case channelsFirst
}

/// The result of a foreign node as the network holds it.
struct ForeignValue {
    /// Index of the network's node that computes it.
    var node: Int
    /// Shape of that node's result.
    var shape: Shape
    /// Of the three sizes of a feature map.
    let order: AxisOrder
    /// The format's sizes for one sample.
    var sizes: [Int]
    /// `positions[t]` is where the format's number `t` lies in the node's result; nil is the natural place: channels
    /// first for feature maps, the same place otherwise.
    var positions: [Int32]?
    /// Zeros around the feature map that the next convolution has to add.
    var padding = Padding()

    /// Numbers of one sample; more than this is taken for damage.
    static let countLimit = 1 << 22

    /// The natural value of a node: a feature map, or a vector.
    init(node: Int, shape: Shape, sizes: [Int], order: AxisOrder) {
        self.node = node
        self.shape = shape
        self.sizes = sizes
        self.order = order
    }

    /// A feature map in its natural order.
    init(node: Int, map shape: Shape, order: AxisOrder) {
        let sizes =
            switch order {
            case .channelsLast: [shape.height, shape.width, shape.channels]
            case .channelsFirst: [shape.channels, shape.height, shape.width]
            }
        self.init(node: node, shape: shape, sizes: sizes, order: order)
    }

    /// A vector in its natural order.
    init(node: Int, vector count: Int, order: AxisOrder) {
        self.init(node: node, shape: Shape(channels: count), sizes: [count], order: order)
    }

    var count: Int { shape.count }
    var isMap: Bool { sizes.count == 3 && positions == nil }
    var isVector: Bool { sizes.count == 1 }

    /// The shape that holds these sizes; nil for sizes that are not positive, too many or too large.
    static func shape(of sizes: [Int], order: AxisOrder) -> Shape? {
        guard sizes.count <= 3, sizes.allSatisfy({ $0 > 0 && $0 <= countLimit }) else { return nil }
        let shape =
            switch (sizes.count, order) {
            case (3, .channelsLast): Shape(channels: sizes[2], height: sizes[0], width: sizes[1])
            case (3, .channelsFirst): Shape(channels: sizes[0], height: sizes[1], width: sizes[2])
            case (2, _): Shape(channels: 1, height: sizes[0], width: sizes[1])
            default: Shape(channels: sizes.first ?? 1)
            }
        // Three factors of at most 2²² do not overflow when the first product is checked.
        guard shape.spatial <= countLimit, shape.count <= countLimit else { return nil }
        return shape
    }

    /// The natural places for these sizes.
    static func naturalPositions(_ sizes: [Int], order: AxisOrder) -> [Int32] {
        guard sizes.count == 3, order == .channelsLast else {
            return (0..<Int32(sizes.reduce(1, *))).map { $0 }
        }
        var positions: [Int32] = []
        positions.reserveCapacity(sizes.reduce(1, *))
        for pixel in 0..<sizes[0] * sizes[1] {
            for channel in 0..<sizes[2] { positions.append(Int32(channel * sizes[0] * sizes[1] + pixel)) }
        }
        return positions
    }

    /// Every number's place, natural or not.
    var allPositions: [Int32] { positions ?? Self.naturalPositions(sizes, order: order) }

    /// The same numbers under other sizes, in the format's row-major order: of the same node, whose shape may have to
    /// follow. Nil for a feature map whose channels would have to move.
    /// Precondition: the sizes have a shape, and as many numbers.
    func reshaped(to sizes: [Int]) -> ForeignValue? {
        let places = allPositions
        var result = self
        result.sizes = sizes
        result.positions = places == Self.naturalPositions(sizes, order: order) ? nil : places
        return sizes.count != 3 || result.positions == nil ? result : nil
    }

    /// Brings one number for each channel (each of the last axis, where that is the channels') into the order of the
    /// node's channels; nil if the numbers do not match the value.
    func perChannel(_ tensor: ConstantTensor) -> [Double]? {
        if tensor.values.count == 1 { return Array(repeating: tensor.values[0], count: shape.channels) }
        let fits =
            switch order {
            case .channelsLast: tensor.shape.drop { $0 == 1 }.elementsEqual([shape.channels])
            case .channelsFirst:
                tensor.shape.count >= sizes.count && tensor.values.count == shape.channels
                    && tensor.shape.suffix(sizes.count).first == shape.channels
            }
        guard isMap || isVector, fits, tensor.shape.count <= sizes.count + 1 else { return nil }
        guard let positions else { return tensor.values }
        var ordered = tensor.values
        for (from, to) in positions.enumerated() { ordered[Int(to)] = tensor.values[from] }
        return ordered
    }

    /// Weights of a dense layer over this vector: [out][in] with inputs in the format's order becomes [out][in] with
    /// inputs in the order in which the network holds them.
    /// Precondition: the matrix has two axes and as many inputs as the value has numbers.
    func denseWeights(_ matrix: ConstantTensor) -> [Double] {
        guard let positions else { return matrix.values }
        var weights = matrix.values
        for row in stride(from: 0, to: weights.count, by: positions.count) {
            for (from, to) in positions.enumerated() { weights[row + Int(to)] = matrix.values[row + from] }
        }
        return weights
    }
}
