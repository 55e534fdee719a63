// What a graph computes, in double precision and straight from the definitions. Shares no code with lowering,
// interpreter or kernels, so that it can judge all of them.

import Foundation
public import PagefoldCore
public import PagefoldGraph

/// Runs a network's nodes over a batch of samples.
public struct ReferenceNetwork {
    public var network: Network
    private let shapes: [Shape]

    public init(_ network: Network) throws(InputError) {
        self.network = network
        shapes = try network.shapes()
    }

    /// - Parameters:
    ///   - parameters: values of every node's parameters, by node and parameter; the network's own where nil.
    ///   - training: batch normalisation by the batch's statistics. Dropout is the identity.
    ///   - toLogits: without a closing softmax.
    /// - Returns: one answer for each sample, in CHW order.
    public func run(
        _ samples: [[Double]], parameters: [[[Double]]]? = nil, training: Bool = false, toLogits: Bool = false
    ) -> [[Double]] {
        var values: [[[Double]]] = []
        for (index, node) in network.nodes.enumerated() {
            if toLogits, index == network.nodes.count - 1, node.operation == .softmax { break }
            let weights = parameters?[index] ?? node.parameters.map { $0.values.map(Double.init) }
            if case .input = node.operation {
                values.append(samples)
            } else if case .batchNormalisation(let epsilon) = node.operation {
                values.append(normalise(values[node.inputs[0]], index, weights, Double(epsilon), training))
            } else {
                values.append(
                    samples.indices.map { s in apply(node, index, node.inputs.map { values[$0][s] }, weights)
                    })
            }
        }
        return values[values.count - 1]
    }

    /// One sample of a network with any inputs, outputs and states.
    /// - Parameter states: those before the run; those behind it afterwards.
    /// - Returns: the answers in the order of the outputs.
    public func run(inputs: [[Double]], states: inout [[Double]]) -> [[Double]] {
        let values = values(inputs: inputs, states: states, parameters: nil)
        states = network.states.map { values[$0.output] }
        return network.outputs.map { values[$0.node] }
    }

    /// What a loss sees of each output, for one sample: what is before a closing softmax. States are zeros.
    /// - Parameter parameters: as for `run`.
    public func scores(inputs: [[Double]], parameters: [[[Double]]]) -> [[Double]] {
        let zeros = network.states.map { [Double](repeating: 0, count: shapes[$0.input].count) }
        let values = values(inputs: inputs, states: zeros, parameters: parameters)
        let nodes = network.outputs.isEmpty ? [network.nodes.count - 1] : network.outputs.map(\.node)
        return nodes.map { node in
            guard network.nodes[node].operation == .softmax, shapes[node].spatial == 1 else {
                return values[node]
            }
            return values[network.nodes[node].inputs[0]]
        }
    }

    private func values(
        inputs: [[Double]], states: [[Double]], parameters: [[[Double]]]?
    ) -> [[Double]] {
        var values: [[Double]] = []
        var inputs = inputs[...]
        for (index, node) in network.nodes.enumerated() {
            let weights = parameters?[index] ?? node.parameters.map { $0.values.map(Double.init) }
            if case .input = node.operation {
                let state = network.states.firstIndex { $0.input == index }
                values.append(state.map { states[$0] } ?? inputs.removeFirst())
            } else if case .batchNormalisation(let epsilon) = node.operation {
                let samples = [values[node.inputs[0]]]
                values.append(normalise(samples, index, weights, Double(epsilon), false)[0])
            } else {
                values.append(apply(node, index, node.inputs.map { values[$0] }, weights))
            }
        }
        return values
    }

    private func apply(_ node: Node, _ index: Int, _ x: [[Double]], _ w: [[Double]]) -> [Double] {
        let out = shapes[index]
        if case .constant = node.operation { return w[0] }
        let inShape = shapes[node.inputs[0]]
        switch node.operation {
        case .convolution(_, let window, let dilationHeight, let dilationWidth, let groups):
            return convolution(x[0], inShape, out, w, window, (dilationHeight, dilationWidth), groups)
        case .dense(let outputs):
            return (0..<outputs).map { o in
                x[0].indices.reduce(w.count > 1 ? w[1][o] : 0) { $0 + w[0][o * x[0].count + $1] * x[0][$1] }
            }
        case .bias: return x[0].indices.map { x[0][$0] + w[0][$0 / inShape.spatial] }
        case .maxPool(let window): return pool(x[0], inShape, out, window) { $0.max()! }
        case .averagePool(let window):
            return pool(x[0], inShape, out, window) { $0.reduce(0, +) / Double($0.count) }
        case .globalAveragePool:
            return (0..<inShape.channels).map { c in
                x[0][c * inShape.spatial..<(c + 1) * inShape.spatial].reduce(0, +) / Double(inShape.spatial)
            }
        case .activation(let activation, let alpha, let beta):
            return x[0].map { activated($0, activation, Double(alpha), Double(beta)) }
        case .softmax: return Self.softmax(x[0], inShape, axis: 0, isLogarithm: false)
        case .add, .multiply, .subtract, .divide, .maximum, .minimum, .power, .less, .equal, .mask:
            return Self.combined(node.operation, x, node.inputs.map { shapes[$0] }, out)!
        case .function(let function, let alpha, let beta):
            return x[0].map { Self.applied(function, $0, Double(alpha), Double(beta)) }
        case .parametricRelu:
            return x[0].indices.map { x[0][$0] > 0 ? x[0][$0] : w[0][$0 / inShape.spatial] * x[0][$0] }
        case .softmaxAlong(let axis, let isLogarithm):
            return Self.softmax(x[0], inShape, axis: axis, isLogarithm: isLogarithm)
        case .concatenate: return Array(x.joined())
        case .concatenateAlong(let axis): return Self.joined(x, node.inputs.map { shapes[$0] }, axis: axis)
        case .reshape, .dropout: return x[0]
        case .input, .batchNormalisation, .constant: fatalError("handled by run")
        case .transpose, .slice, .reduce, .resize, .matrixProduct:
            return Self.moved(node.operation, x, node.inputs.map { shapes[$0] }, out)!
        case .embedding(let rows, let length): return Self.embedded(x[0], w[0], rows, length)
        case .recurrent(let form, let units):
            return ReferenceRecurrent(form, units, inShape, w).run(x[0], first: x.count > 1 ? x[1] : nil)
        }
    }

    private func activated(_ x: Double, _ activation: Activation, _ alpha: Double, _ beta: Double) -> Double {
        switch activation {
        case .none: x
        case .relu: max(x, 0)
        case .relu6: min(max(x, 0), 6)
        case .leakyRelu: x > 0 ? x : alpha * x
        case .sigmoid: 1 / (1 + exp(-x))
        case .tanh: tanh(x)
        case .clip: min(max(x, alpha), beta)
        }
    }

    private func convolution(
        _ x: [Double], _ inShape: Shape, _ out: Shape, _ w: [[Double]], _ window: Window,
        _ dilation: (height: Int, width: Int), _ groups: Int
    ) -> [Double] {
        let inputs = inShape.channels / groups
        var y = [Double]()
        for o in 0..<out.channels {
            for row in 0..<out.height {
                for column in 0..<out.width {
                    var sum = w.count > 1 ? w[1][o] : 0
                    for c in 0..<inputs {
                        for ky in 0..<window.height {
                            for kx in 0..<window.width {
                                let iy = row * window.strideHeight + ky * dilation.height - window.padding.top
                                let ix =
                                    column * window.strideWidth + kx * dilation.width - window.padding.left
                                guard iy >= 0, iy < inShape.height, ix >= 0, ix < inShape.width else {
                                    continue
                                }
                                let channel = o / (out.channels / groups) * inputs + c
                                sum +=
                                    w[0][((o * inputs + c) * window.height + ky) * window.width + kx]
                                    * x[(channel * inShape.height + iy) * inShape.width + ix]
                            }
                        }
                    }
                    y.append(sum)
                }
            }
        }
        return y
    }

    private func pool(
        _ x: [Double], _ inShape: Shape, _ out: Shape, _ window: Window, _ reduce: ([Double]) -> Double
    ) -> [Double] {
        var y = [Double]()
        for c in 0..<out.channels {
            for row in 0..<out.height {
                for column in 0..<out.width {
                    var seen = [Double]()
                    for ky in 0..<window.height {
                        for kx in 0..<window.width {
                            let iy = row * window.strideHeight + ky - window.padding.top
                            let ix = column * window.strideWidth + kx - window.padding.left
                            guard iy >= 0, iy < inShape.height, ix >= 0, ix < inShape.width else { continue }
                            seen.append(x[(c * inShape.height + iy) * inShape.width + ix])
                        }
                    }
                    y.append(reduce(seen))
                }
            }
        }
        return y
    }

    private func normalise(
        _ x: [[Double]], _ index: Int, _ w: [[Double]], _ epsilon: Double, _ training: Bool
    ) -> [[Double]] {
        let shape = shapes[index]
        var y = x
        for c in 0..<shape.channels {
            let range = c * shape.spatial..<(c + 1) * shape.spatial
            let all = x.flatMap { $0[range] }
            var (mean, variance) = (w[2][c], w[3][c])
            if training {
                mean = all.reduce(0, +) / Double(all.count)
                variance = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
            }
            for s in x.indices {
                for i in range {
                    y[s][i] = (x[s][i] - mean) / (variance + epsilon).squareRoot() * w[0][c] + w[1][c]
                }
            }
        }
        return y
    }
}
