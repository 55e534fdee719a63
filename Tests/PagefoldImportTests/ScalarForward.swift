// The slowest forward pass there is: plain loops in double precision, the oracle for imported networks. It is not
// the project's interpreter and shares no code with it.

import Foundation
import PagefoldCore
import PagefoldGraph

/// A value of one sample in CHW order.
struct ScalarMap {
    var shape: Shape
    var values: [Double]

    subscript(_ c: Int, _ y: Int, _ x: Int) -> Double {
        get { values[(c * shape.height + y) * shape.width + x] }
        set { values[(c * shape.height + y) * shape.width + x] = newValue }
    }
}

/// The results of all nodes for one input in CHW order.
func scalarForward(_ network: Network, _ input: [Double]) -> [ScalarMap] {
    var results: [ScalarMap] = []
    for node in network.nodes {
        results.append(scalarNode(node, node.inputs.map { results[$0] }, input))
    }
    return results
}

private func scalarNode(_ node: Node, _ operands: [ScalarMap], _ input: [Double]) -> ScalarMap {
    func parameter(_ role: ParameterRole) -> [Double]? {
        node.parameters.first { $0.role == role }.map { $0.values.map { Double($0) } }
    }
    switch node.operation {
    case .input(let shape): return ScalarMap(shape: shape, values: input)
    case .convolution(let outputs, let window, let dilationHeight, let dilationWidth, let groups):
        return convolution(
            operands[0], parameter(.weight)!, parameter(.bias), outputs, window,
            (dilationHeight, dilationWidth), groups)
    case .dense(let outputs):
        let weights = parameter(.weight)!
        let x = operands[0].values
        let bias = parameter(.bias)
        let y = (0..<outputs).map { o in
            x.indices.reduce(bias?[o] ?? 0) { $0 + weights[o * x.count + $1] * x[$1] }
        }
        return ScalarMap(shape: Shape(channels: outputs), values: y)
    case .bias:
        let bias = parameter(.bias)!
        return channelwise(operands[0]) { $1 + bias[$0] }
    case .batchNormalisation(let epsilon):
        let (gamma, beta) = (parameter(.gamma)!, parameter(.beta)!)
        let (mean, variance) = (parameter(.mean)!, parameter(.variance)!)
        return channelwise(operands[0]) { c, x in
            (x - mean[c]) / (variance[c] + Double(epsilon)).squareRoot() * gamma[c] + beta[c]
        }
    case .maxPool(let window): return pool(operands[0], window) { $0.max() ?? 0 }
    case .averagePool(let window): return pool(operands[0], window) { $0.reduce(0, +) / Double($0.count) }
    case .globalAveragePool:
        let x = operands[0]
        let means = (0..<x.shape.channels).map { c in
            x.values[c * x.shape.spatial..<(c + 1) * x.shape.spatial].reduce(0, +) / Double(x.shape.spatial)
        }
        return ScalarMap(shape: Shape(channels: means.count), values: means)
    case .activation(let activation, let alpha, let beta):
        return channelwise(operands[0]) { _, x in
            switch activation {
            case .none: x
            case .relu: max(0, x)
            case .relu6: min(6, max(0, x))
            case .leakyRelu: x < 0 ? Double(alpha) * x : x
            case .sigmoid: 1 / (1 + exp(-x))
            case .tanh: tanh(x)
            case .clip: min(max(x, Double(alpha)), Double(beta))
            }
        }
    case .softmax:
        let top = operands[0].values.max() ?? 0
        let powers = operands[0].values.map { exp($0 - top) }
        let sum = powers.reduce(0, +)
        return ScalarMap(shape: operands[0].shape, values: powers.map { $0 / sum })
    case .add:
        return ScalarMap(
            shape: operands[0].shape, values: zip(operands[0].values, operands[1].values).map { $0 + $1 })
    case .concatenate:
        var shape = operands[0].shape
        shape.channels += operands[1].shape.channels
        return ScalarMap(shape: shape, values: operands[0].values + operands[1].values)
    case .reshape(let shape): return ScalarMap(shape: shape, values: operands[0].values)
    case .dropout: return operands[0]
    default: fatalError("no importer makes \(node.operation)")
    }
}

private func channelwise(_ x: ScalarMap, _ function: (Int, Double) -> Double) -> ScalarMap {
    var y = x
    for c in 0..<x.shape.channels {
        for i in c * x.shape.spatial..<(c + 1) * x.shape.spatial { y.values[i] = function(c, x.values[i]) }
    }
    return y
}

private func places(_ size: Int, _ low: Int, _ high: Int, _ extent: Int, _ stride: Int) -> Int {
    (size + low + high - extent) / stride + 1
}

private func convolution(
    _ x: ScalarMap, _ weights: [Double], _ bias: [Double]?, _ outputs: Int, _ w: Window,
    _ dilation: (Int, Int),
    _ groups: Int
) -> ScalarMap {
    let height = places(
        x.shape.height, w.padding.top, w.padding.bottom, (w.height - 1) * dilation.0 + 1, w.strideHeight)
    let width = places(
        x.shape.width, w.padding.left, w.padding.right, (w.width - 1) * dilation.1 + 1, w.strideWidth)
    let inputs = x.shape.channels / groups
    let shape = Shape(channels: outputs, height: height, width: width)
    var y = ScalarMap(shape: shape, values: [Double](repeating: 0, count: shape.count))
    for o in 0..<outputs {
        let first = o / (outputs / groups) * inputs
        for row in 0..<height {
            for column in 0..<width {
                var sum = bias?[o] ?? 0
                for i in 0..<inputs {
                    for a in 0..<w.height {
                        let r = row * w.strideHeight - w.padding.top + a * dilation.0
                        guard (0..<x.shape.height).contains(r) else { continue }
                        for b in 0..<w.width {
                            let c = column * w.strideWidth - w.padding.left + b * dilation.1
                            guard (0..<x.shape.width).contains(c) else { continue }
                            sum +=
                                weights[((o * inputs + i) * w.height + a) * w.width + b] * x[first + i, r, c]
                        }
                    }
                }
                y[o, row, column] = sum
            }
        }
    }
    return y
}

private func pool(_ x: ScalarMap, _ w: Window, _ function: ([Double]) -> Double) -> ScalarMap {
    let shape = Shape(
        channels: x.shape.channels,
        height: places(x.shape.height, w.padding.top, w.padding.bottom, w.height, w.strideHeight),
        width: places(x.shape.width, w.padding.left, w.padding.right, w.width, w.strideWidth))
    var y = ScalarMap(shape: shape, values: [Double](repeating: 0, count: shape.count))
    for c in 0..<shape.channels {
        for row in 0..<shape.height {
            for column in 0..<shape.width {
                var seen: [Double] = []
                for r in row * w.strideHeight - w.padding.top..<row * w.strideHeight - w.padding.top
                    + w.height
                where (0..<x.shape.height).contains(r) {
                    for k in column * w.strideWidth - w.padding.left..<column * w.strideWidth - w.padding.left
                        + w.width
                    where (0..<x.shape.width).contains(k) { seen.append(x[c, r, k]) }
                }
                y[c, row, column] = function(seen)
            }
        }
    }
    return y
}
