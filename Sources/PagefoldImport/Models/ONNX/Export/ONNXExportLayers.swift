// Layers with weights and windows as ONNX nodes, and the table of all steps.

import PagefoldCore

extension ONNXExport {
    /// Adds what a step becomes.
    /// - Throws: what ONNX has no words for.
    mutating func add(_ step: Step, _ index: Int) throws(StepProblem) {
        let x = name(Int(step.input))
        let second = step.secondInput == Step.none16 ? "" : name(Int(step.secondInput))
        let result: String
        switch step.opcode {
        case .convolution: result = convolution(step, x)
        case .dense: result = dense(step, x)
        case .bias:
            let channels = operand(step).channels
            result = add("Add", [x, floats(weights(step.bias, channels), [channels, 1, 1], "bias")])
        case .maxPool: result = pool(step, x, "MaxPool")
        case .averagePool: result = pool(step, x, "AveragePool")
        case .globalAveragePool: result = add("GlobalAveragePool", [x])
        case .batchNormalisation: result = batchNormalisation(step, x)
        case .activation, .dropout: result = x
        case .softmax:
            result = add(step.mode == 1 ? "LogSoftmax" : "Softmax", [x]) {
                $0.int("axis", 1 + Int(step.axis))
            }
        case .add: result = add("Add", [x, second])
        case .multiply: result = add("Mul", [x, second])
        case .subtract: result = add("Sub", [x, second])
        case .divide: result = add("Div", [x, second])
        case .maximum: result = add("Max", [x, second])
        case .minimum: result = add("Min", [x, second])
        case .power: result = add("Pow", [x, second])
        case .less: result = cast(add("Less", [x, second]), to: 1)
        case .equal: result = cast(add("Equal", [x, second]), to: 1)
        case .mask:
            let isTaken = add("Not", [add("Equal", [second, number(0)])])
            result = add("Where", [isTaken, x, number(0)])
        case .concatenate: result = add("Concat", [x, second]) { $0.int("axis", 1 + Int(step.axis)) }
        case .reshape: result = reshaped(x, Self.sizes(self.result(step)))
        case .function: result = try function(step, x)
        case .constant: result = constant(step)
        case .transpose: result = try transpose(step, x)
        case .slice: result = try slice(step, x)
        case .reduce: result = try reduce(step, x)
        case .matrixProduct:
            let right =
                step.mode == 1 ? add("Transpose", [second]) { $0.ints("perm", [0, 1, 3, 2]) } : second
            result = add("MatMul", [x, right])
        case .resize: result = try resize(step, x)
        case .embedding: result = embedding(step, x)
        case .recurrent: result = try recurrent(step, x, second)
        case .parametricRelu:
            let channels = operand(step).channels
            result = add("PRelu", [x, floats(weights(step.weights, channels), [channels, 1, 1], "slope")])
        }
        setResult(step, activated(step, result))
    }

    /// The step's activation, where it has one.
    private mutating func activated(_ step: Step, _ x: String) -> String {
        guard step.opcode.spec.fields.contains(.activation) else { return x }
        switch step.activation {
        case .none: return x
        case .relu: return add("Relu", [x])
        case .relu6: return add("Clip", [x, number(0), number(6)])
        case .leakyRelu: return add("LeakyRelu", [x]) { $0.float("alpha", step.alpha) }
        case .sigmoid: return add("Sigmoid", [x])
        case .tanh: return add("Tanh", [x])
        case .clip: return add("Clip", [x, number(step.alpha), number(step.beta)])
        }
    }

    /// Padding as ONNX has it: above, left, below, right. What reaches less far than the operand has none there.
    private func pads(_ step: Step) -> [Int] {
        let (x, y) = (operand(step), result(step))
        func behind(
            _ size: Int, _ out: Int, _ kernel: UInt8, _ stride: UInt8, _ dilation: UInt8, _ pad: UInt8
        ) -> Int {
            max(0, (out - 1) * Int(stride) + (Int(kernel) - 1) * Int(dilation) + 1 - size - Int(pad))
        }
        return [
            Int(step.padTop), Int(step.padLeft),
            behind(
                x.height, y.height, step.kernelHeight, step.strideHeight, step.dilationHeight, step.padTop),
            behind(x.width, y.width, step.kernelWidth, step.strideWidth, step.dilationWidth, step.padLeft),
        ]
    }

    private static func setWindow(_ node: inout ONNXNodeProto, _ step: Step, _ pads: [Int]) {
        node.ints("kernel_shape", [Int(step.kernelHeight), Int(step.kernelWidth)])
        node.ints("strides", [Int(step.strideHeight), Int(step.strideWidth)])
        node.ints("pads", pads)
    }

    /// The rows and columns that the step has, where ONNX gives more.
    private mutating func cut(_ value: String, to shape: Shape, _ step: Step) -> String {
        let x = operand(step)
        let pads = pads(step)
        func places(_ size: Int, _ low: Int, _ high: Int, _ kernel: UInt8, _ stride: UInt8, _ dilation: UInt8)
            -> Int
        {
            (size + low + high - (Int(kernel) - 1) * Int(dilation) - 1) / Int(stride) + 1
        }
        let rows = places(
            x.height, pads[0], pads[2], step.kernelHeight, step.strideHeight, step.dilationHeight)
        let columns = places(
            x.width, pads[1], pads[3], step.kernelWidth, step.strideWidth, step.dilationWidth)
        guard rows != shape.height || columns != shape.width else { return value }
        return add("Slice", [value, list([0, 0]), list([shape.height, shape.width]), list([2, 3])])
    }

    private mutating func convolution(_ step: Step, _ x: String) -> String {
        let (inputs, shape) = (operand(step).channels / Int(step.groups), result(step))
        let sizes = [shape.channels, inputs, Int(step.kernelHeight), Int(step.kernelWidth)]
        var operands = [x, floats(weights(step.weights, sizes.reduce(1, *)), sizes, "weight")]
        if step.bias != Step.none32 {
            operands.append(floats(weights(step.bias, shape.channels), [shape.channels], "bias"))
        }
        let pads = pads(step)
        let value = add("Conv", operands) {
            Self.setWindow(&$0, step, pads)
            $0.ints("dilations", [Int(step.dilationHeight), Int(step.dilationWidth)])
            $0.int("group", Int(step.groups))
        }
        return cut(value, to: shape, step)
    }

    private mutating func dense(_ step: Step, _ x: String) -> String {
        let (inputs, outputs) = (operand(step).count, result(step).channels)
        let flat = reshaped(x, [inputs])
        var operands = [flat, floats(weights(step.weights, inputs * outputs), [outputs, inputs], "weight")]
        if step.bias != Step.none32 {
            operands.append(floats(weights(step.bias, outputs), [outputs], "bias"))
        }
        let value = add("Gemm", operands) { $0.int("transB", 1) }
        return reshaped(value, [outputs, 1, 1])
    }

    private mutating func pool(_ step: Step, _ x: String, _ operation: String) -> String {
        let pads = pads(step)
        let value = add(operation, [x]) { Self.setWindow(&$0, step, pads) }
        return cut(value, to: result(step), step)
    }

    private mutating func batchNormalisation(_ step: Step, _ x: String) -> String {
        let channels = operand(step).channels
        var operands = [x]
        for (index, name) in ["gamma", "beta", "mean", "variance"].enumerated() {
            operands.append(
                floats(weights(step.weights + UInt32(index * channels), channels), [channels], name))
        }
        return add("BatchNormalization", operands) { $0.float("epsilon", step.alpha) }
    }
}
