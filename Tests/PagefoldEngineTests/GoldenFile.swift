// gradient_goldens.json as values; its form is described in Goldens/make_gradient_goldens.py, which wrote it.

import Foundation
import PagefoldCore
import PagefoldGraph

struct GoldenTensor: Decodable, Sendable {
    var name: String?
    var shape: [Int]
    var values: [Double]

    /// Of one sample: the first size is the batch.
    var sampleShape: Shape {
        let sizes = Array(shape.dropFirst())
        return Shape(
            channels: sizes.first ?? 1, height: sizes.count > 1 ? sizes[1] : 1,
            width: sizes.count > 2 ? sizes[2] : 1)
    }
    var floats: [Float] { values.map { Float($0) } }
    var samples: [[Float]] {
        let count = values.count / shape[0]
        return (0..<shape[0]).map { Array(floats[$0 * count..<($0 + 1) * count]) }
    }
}

struct GoldenAttributes: Decodable, Sendable {
    var stride: [Int]?
    var padding: [Int]?
    var dilation: [Int]?
    var groups: Int?
    var kernel: [Int]?
    var epsilon: Float?
    var training: Bool?
    var alpha: Float?
    var beta: Float?
    var function: String?
    var logarithm: Bool?
    var labels: [Int32]?
    var temperature: Float?
    var weights: [String: Float]?
    var nodes: [GoldenNode]?
    var axes: [Int]?
    var axis: UInt8?
    var start: Int?
    var count: Int?
    var step: Int?
    var amounts: [Int]?
    var border: String?
    var number: Float?
    var reduction: String?
    var size: Int?
    var interpolation: String?
    var transposed: Bool?
    var cell: String?
    var reversed: Bool?

    func window(height: Int, width: Int) -> Window {
        let padding = padding ?? [0, 0, 0, 0]
        return Window(
            height: height, width: width, strideHeight: stride?[0] ?? 1, strideWidth: stride?[1] ?? 1,
            padding: Padding(top: padding[0], left: padding[2], bottom: padding[1], right: padding[3]))
    }
}

struct GoldenNode: Decodable, Sendable {
    var operation: String
    var attributes: GoldenAttributes
    var inputs: [Int]
    var parameters: [Int]
}

struct GoldenExtra: Decodable, Sendable {
    var runningMean: GoldenTensor
    var runningVariance: GoldenTensor
    var batchMean: GoldenTensor?
    var batchVariance: GoldenTensor?
}

struct GoldenCase: Decodable, Sendable, CustomStringConvertible {
    var name: String
    var operation: String
    var attributes: GoldenAttributes
    var inputs: [GoldenTensor]
    var parameters: [GoldenTensor]
    var output: GoldenTensor
    var upstream: GoldenTensor
    var inputGradients: [GoldenTensor]
    var parameterGradients: [GoldenTensor]
    var extra: GoldenExtra?

    var description: String { name }
    var isLoss: Bool { operation == "crossEntropy" || operation == "distillation" }

    static let all: [GoldenCase] = {
        struct File: Decodable { var cases: [GoldenCase] }
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/gradient_goldens.json")
        guard let data = try? Data(contentsOf: path),
            let file = try? JSONDecoder().decode(File.self, from: data)
        else { fatalError("\(path.path) cannot be read") }
        return file.cases
    }()
}

extension GoldenNode {
    func lowered(_ p: [GoldenTensor], input: Shape) -> PagefoldGraph.Operation {
        let a = attributes
        switch operation {
        case "convolution":
            let shape = p[0].shape
            return .convolution(
                outputs: shape[0], window: a.window(height: shape[2], width: shape[3]),
                dilationHeight: a.dilation![0], dilationWidth: a.dilation![1], groups: a.groups!)
        case "dense": return .dense(outputs: p[0].shape[0])
        case "maxPool": return .maxPool(a.window(height: a.kernel![0], width: a.kernel![1]))
        case "averagePool": return .averagePool(a.window(height: a.kernel![0], width: a.kernel![1]))
        case "globalAveragePool": return .globalAveragePool
        case "batchNormalization": return .batchNormalisation(epsilon: a.epsilon!)
        case "relu": return .activation(.relu)
        case "relu6": return .activation(.relu6)
        case "leakyRelu": return .activation(.leakyRelu, alpha: a.alpha!)
        case "sigmoid": return .activation(.sigmoid)
        case "tanh": return .activation(.tanh)
        case "softmax": return .softmax
        case "add": return .add
        case "concatenate": return .concatenate
        case "flatten": return .reshape(Shape(channels: input.count))
        case "arithmetic":
            let operations: [String: PagefoldGraph.Operation] = [
                "add": .add, "mul": .multiply, "sub": .subtract, "div": .divide, "maximum": .maximum,
                "minimum": .minimum, "pow": .power,
            ]
            return operations[a.function!]!
        case "function":
            switch a.function! {
            case "clip": return .activation(.clip, alpha: a.alpha!, beta: a.beta!)
            case "hardSigmoid": return .function(.hardSigmoid, alpha: 1 / 6, beta: 0.5)
            case "selu": return .function(.elu, alpha: 1.673_263_2, beta: 1.050_701)
            case "elu": return .function(.elu, alpha: a.alpha!, beta: 1)
            default:
                let function = Function.allCases.first { "\($0)" == a.function! }!
                return .function(function, alpha: a.alpha ?? 0)
            }
        case "parametricRelu": return .parametricRelu
        case "softmaxAlong": return .softmaxAlong(axis: a.axis!, isLogarithm: a.logarithm!)
        case "concatenateAlong": return .concatenateAlong(axis: a.axis!)
        case "transpose":
            return .transpose(AxisPermutation.allCases.first { $0.axes == a.axes }!)
        case "slice":
            return .slice(axis: a.axis!, start: a.start!, count: a.count!, pace: a.step!)
        case "pad":
            let borders = ["constant", "reflect", "replicate", "circular"]
            return .slice(
                axis: 2, start: -a.amounts![0], count: input.width + a.amounts!.reduce(0, +),
                border: SliceBorder(rawValue: UInt8(borders.firstIndex(of: a.border!)!))!, number: a.number!)
        case "reduce":
            let kinds: [String: Reduction] = [
                "sum": .sum, "mean": .mean, "max": .maximum, "min": .minimum, "prod": .product,
            ]
            return .reduce(kinds[a.reduction!]!, axis: a.axis!)
        case "resize":
            let (from, to) = (Float(input.height), Float(a.size!))
            let isCorners = a.interpolation == "corners"
            let factor = isCorners ? (from - 1) / (to - 1) : from / to
            return .resize(
                axis: 1, size: a.size!, a.interpolation == "nearest" ? .floor : .linear, factor: factor,
                first: a.interpolation == "linear" ? factor / 2 - 0.5 : 0)
        case "matrixProduct": return .matrixProduct(isSecondTransposed: a.transposed!)
        case "embedding": return .embedding(rows: p[0].shape[0], length: p[0].shape[1])
        case "recurrent":
            let cells: [String: RecurrentForm.Cell] = ["lstm": .lstm, "gru": .gru, "plain": .plain]
            let form = RecurrentForm(cells[a.cell!]!, isReversed: a.reversed!)
            return .recurrent(form, units: p[0].shape[0] / form.gates)
        default: fatalError("\(operation) has no test yet")
        }
    }
}
