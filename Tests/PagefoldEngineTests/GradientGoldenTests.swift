// Outputs and gradients of every operation as PyTorch computes them (Goldens/make_gradient_goldens.py).

import CPagefoldKernels
import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldEngine

@Suite struct GradientGoldenTests {
    @Test(arguments: GoldenCase.all.filter { !$0.isLoss }, instructionSets)
    func operationsAgreeWithPyTorch(golden: GoldenCase, instructionSet: String) throws {
        try with(instructionSet: instructionSet) { try check(golden) }
    }

    private func check(_ golden: GoldenCase) throws {
        let built = try GoldenNetwork(golden)
        let lowered = built.lowered
        let batch = golden.inputs[0].shape[0]
        let classes = golden.output.values.count / batch
        var gradient = [Double](repeating: 0, count: lowered.weights.count)
        let plan = NetworkPlan(program: lowered.program)
        let arena = BlockArena(plans: [plan])
        for start in stride(from: 0, to: batch, by: blockSize) {
            let range = start..<min(start + blockSize, batch)
            let samples = built.samples(range)
            let mode = BlockMode(training: built.training, lanes: range.count)
            let answers = lowered.answers(samples, mode: mode)
            let expected = golden.output.values[start * classes..<range.upperBound * classes]
            #expect(relativeDifference(Array(answers.joined()), Array(expected)) < 1e-5)
            guard golden.operation != "softmax" else { continue }

            let upstream = Array(golden.upstream.samples[range])
            for (i, part) in lowered.gradient(samples, upstream: upstream, mode: mode).enumerated() {
                gradient[i] += Double(part)
            }
            // The same once more, to look at the gradients of the inputs in the arena.
            let got = lowered.inputGradients(plan, arena, samples, upstream, mode, nodes: built.inputNodes)
            for (values, due) in zip(got, golden.inputGradients) {
                let count = due.values.count / batch
                let part = due.values[start * count..<range.upperBound * count]
                #expect(relativeDifference(values, Array(part)) < 1e-5, "gradient of an input")
            }
        }
        for (parameter, due) in golden.parameterGradients.enumerated() where golden.operation != "softmax" {
            let offset = built.offsets[parameter]
            let part = gradient[offset..<offset + due.values.count].map { Float($0) }
            #expect(relativeDifference(part, due.values) < 2e-5, "gradient of \(due.name ?? "parameter")")
        }
        if let mean = golden.extra?.batchMean, let variance = golden.extra?.batchVariance {
            let offset = built.offsets[0] + 2 * mean.values.count
            let statistics = gradient[offset..<offset + 2 * mean.values.count].map { Float($0) }
            #expect(relativeDifference(statistics, mean.values + variance.values) < 1e-5)
        }
    }

    @Test(arguments: GoldenCase.all.filter(\.isLoss), instructionSets)
    func lossesAgreeWithPyTorch(golden: GoldenCase, instructionSet: String) throws {
        let batch = golden.inputs[0].shape[0]
        let classes = golden.inputs[0].shape[1]
        func block(_ tensor: GoldenTensor) -> FloatBuffer {
            let buffer = FloatBuffer(count: classes * blockSize)
            for (lane, sample) in tensor.samples.enumerated() {
                for c in 0..<classes { buffer.pointer[c * blockSize + lane] = sample[c] }
            }
            return buffer
        }
        let logits = block(golden.inputs[0])
        let teacher = golden.inputs.count > 1 ? block(golden.inputs[1]) : nil
        let gradient = FloatBuffer(count: classes * blockSize)
        let loss = FloatBuffer(count: blockSize)
        let weights = golden.attributes.weights ?? ["crossEntropy": 1, "distillation": 0]
        let labels = golden.attributes.labels! + [Int32](repeating: -1, count: blockSize - batch)
        with(instructionSet: instructionSet) {
            withExtendedLifetime((logits, teacher)) {
                pf_cross_entropy(
                    Int32(classes), Int32(batch), logits.pointer, labels,
                    teacher.map { UnsafePointer($0.pointer) },
                    golden.attributes.temperature ?? 1, weights["crossEntropy"]!, weights["distillation"]!,
                    1 / Float(batch), gradient.pointer, loss.pointer)
            }
        }
        let mean = loss.values.prefix(batch).reduce(0) { $0 + Double($1) } / Double(batch)
        #expect(abs(mean - golden.output.values[0]) < 1e-5 * max(1, abs(golden.output.values[0])))
        let rows = (0..<batch).flatMap { lane in
            (0..<classes).map { gradient.values[$0 * blockSize + lane] }
        }
        #expect(relativeDifference(rows, golden.inputGradients[0].values) < 1e-5)
    }
}

/// A golden's operation as a network whose inputs have gradients.
private struct GoldenNetwork {
    let lowered: LoweredNetwork
    let training: Bool
    /// For each input of the golden, the node that holds it.
    let inputNodes: [Int]
    /// Where each parameter of the golden begins in the flat weight vector.
    let offsets: [Int]
    private let inputs: [GoldenTensor]

    init(_ golden: GoldenCase) throws {
        inputs = golden.inputs
        let nodes =
            golden.attributes.nodes
            ?? [
                GoldenNode(
                    operation: golden.operation, attributes: golden.attributes, inputs: Array(inputs.indices),
                    parameters: Array(golden.parameters.indices))
            ]
        var shape = inputs[0].sampleShape
        if inputs.count > 1 { shape = Shape(channels: inputs.reduce(0) { $0 + $1.sampleShape.count }) }
        var network = Network(name: golden.name, nodes: [Node(name: "input", operation: .input(shape))])
        // One bias for each input, so that a gradient of it is wanted; several inputs lie one behind the other in one.
        var holders = [Int]()
        var first = 0
        for input in inputs {
            let channels = input.sampleShape.channels
            var source = 0
            if inputs.count > 1 {
                network.nodes.append(
                    Node(
                        name: "part",
                        operation: .slice(axis: 0, start: first, count: input.sampleShape.count), inputs: [0])
                )
                network.nodes.append(
                    Node(
                        name: "shape", operation: .reshape(input.sampleShape),
                        inputs: [network.nodes.count - 1]))
                source = network.nodes.count - 1
            }
            network.nodes.append(
                Node(name: "holder", operation: .bias, inputs: [source], parameters: [Self.zeros(channels)]))
            holders.append(network.nodes.count - 1)
            first += input.sampleShape.count
        }
        inputNodes = holders
        var nodeOf = holders
        var training = false
        var parameterNodes = [Int: (node: Int, parameter: Int)]()
        for node in nodes {
            let input = try network.shapes()[nodeOf[node.inputs[0]]]
            var parameters = [Parameter]()
            let tensors = node.parameters.map { golden.parameters[$0] }
            let roles: [ParameterRole] =
                switch node.operation {
                case "batchNormalization": [.gamma, .beta]
                case "parametricRelu": [.slope]
                default: [.weight, .bias]
                }
            for (index, tensor) in tensors.enumerated() {
                parameters.append(
                    Parameter(
                        name: tensor.name ?? "", role: roles[index], shape: tensor.shape,
                        values: tensor.floats))
                parameterNodes[node.parameters[index]] = (network.nodes.count, index)
            }
            if node.operation == "batchNormalization" {
                training = training || node.attributes.training!
                let channels = input.channels
                let mean = golden.extra?.runningMean.floats ?? [Float](repeating: 0, count: channels)
                let variance = golden.extra?.runningVariance.floats ?? [Float](repeating: 1, count: channels)
                parameters.append(Parameter(name: "mean", role: .mean, shape: [channels], values: mean))
                parameters.append(
                    Parameter(name: "variance", role: .variance, shape: [channels], values: variance))
            }
            network.nodes.append(
                Node(
                    name: node.operation, operation: node.lowered(tensors, input: input),
                    inputs: node.inputs.map { nodeOf[$0] }, parameters: parameters))
            nodeOf.append(network.nodes.count - 1)
        }
        // A golden with one node numbers its inputs from 0; so do several nodes, of which node 0 is the input.
        lowered = try network.lowered(for: .training)
        self.training = training
        let spans = lowered.spans
        offsets = golden.parameters.indices.map { index in
            let place = parameterNodes[index]!
            return spans.first { $0.node == place.node && $0.parameter == place.parameter }!.offset
        }
    }

    private static func zeros(_ count: Int) -> Parameter {
        Parameter(name: "zeros", role: .bias, shape: [count], values: [Float](repeating: 0, count: count))
    }

    /// Samples of the joined input.
    func samples(_ range: Range<Int>) -> [[Float]] {
        range.map { index in inputs.flatMap { $0.samples[index] } }
    }
}

extension LoweredNetwork {
    /// Gradients of the values of bias nodes, as a list over samples.
    fileprivate func inputGradients(
        _ plan: NetworkPlan, _ arena: BlockArena, _ samples: [[Float]], _ upstream: [[Float]],
        _ mode: BlockMode,
        nodes: [Int]
    ) -> [[Float]] {
        _ = gradient(plan, arena, samples, upstream: upstream, mode: mode)
        return withExtendedLifetime(arena) {
            nodes.map { node in
                let offset = spans.first { $0.node == node }!.offset
                let step = program.steps.first { $0.opcode == .bias && Int($0.bias) == offset }!
                let slot = plan.slots[Int(step.output)]
                return samples.indices.flatMap { lane in
                    (0..<slot.count).map { arena.pointer[slot.gradient + $0 * blockSize + lane] }
                }
            }
        }
    }
}
