// Gradients through the networks of ONNX's node tests, which no table of ours was made for: the plan's backward pass against
// differences of the reference in double precision.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@testable import PagefoldImport

@Suite(.enabled(if: !ONNXNodeCase.names.isEmpty, "no shared node tests here"))
struct ONNXGradientTests {
    /// Along a random direction in each parameter. The numbers of a test are moved a little, as many of them stand where
    /// functions bend or jump.
    @Test(arguments: ONNXEngineTests.whole) func gradientsAreDifferences(_ name: String) throws {
        let test = try #require(ONNXNodeCase.all[name])
        let network = try test.network().withBiasBehindInputs
        var random = RandomSource(seed: 5)
        let sample = try PortRun(network).sample([test.inputs[0].value.values]).map { numbers in
            numbers.map { $0 + random.uniform(0.005, 0.05) }
        }
        let engines = try EngineAnswers(network)
        let factors = engines.scoreCounts.enumerated().map { randomNumbers($1, seed: UInt64($0) + 1) }
        let (gradient, spans) = engines.gradient([sample], factors: [factors])

        #expect(!engines.isFinite(sample) || gradient.allSatisfy(\.isFinite))
        // The reference takes its time.
        guard engines.work < 20_000 else { return }
        let reference = try ReferenceNetwork(network)
        let inputs = sample.map { $0.map(Double.init) }
        let parameters = network.nodes.map { $0.parameters.map { $0.values.map(Double.init) } }
        func loss(_ parameters: [[[Double]]]) -> Double {
            zip(reference.scores(inputs: inputs, parameters: parameters), factors).reduce(0) { sum, output in
                sum + zip(output.0, output.1).reduce(0) { $0 + $1.0 * Double($1.1) }
            }
        }
        let middle = loss(parameters)
        for span in spans {
            let role = network.nodes[span.node].parameters[span.parameter].role
            // These are not trained.
            if role == .mean || role == .variance || role == .constant { continue }
            let direction = randomNumbers(span.count, seed: UInt64(span.offset) + 7).map(Double.init)
            func slope(_ step: Double) -> Double {
                var moved = parameters
                for (index, part) in direction.enumerated() {
                    moved[span.node][span.parameter][index] += step * part
                }
                return (loss(moved) - middle) / step
            }
            let slopes = [slope(-1e-6), slope(1e-6)].sorted()
            // Roots of numbers below zero.
            guard slopes.allSatisfy({ $0.isFinite }) else { continue }
            let part = gradient[span.offset..<span.offset + span.count]
            let got = zip(part, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
            let size = zip(part, direction).reduce(0) { $0 + abs(Double($1.0) * $1.1) }
            let room = 1e-4 * max(size, 1) + 1e-3 * abs(slopes[0])
            #expect(
                got > slopes[0] - room && got < slopes[1] + room,
                "\(role) of node \(span.node): \(got), between \(slopes) is due")
        }
    }
}

extension Network {
    /// The same with a bias of zeros behind each input, so that all that depends on an input has a gradient.
    fileprivate var withBiasBehindInputs: Network {
        get throws {
            let shapes = try shapes()
            var changed = self
            changed.nodes = []
            var places: [Int] = []
            for (index, node) in nodes.enumerated() {
                var node = node
                node.inputs = node.inputs.map { places[$0] }
                changed.nodes.append(node)
                if case .input = node.operation, !states.contains(where: { $0.input == index }) {
                    let zeros = Parameter(
                        name: "\(node.name)/bias", role: .bias, shape: [shapes[index].channels],
                        values: [Float](repeating: 0, count: shapes[index].channels))
                    changed.nodes.append(
                        Node(
                            name: "\(node.name) with bias", operation: .bias,
                            inputs: [changed.nodes.count - 1], parameters: [zeros]))
                }
                places.append(changed.nodes.count - 1)
            }
            for index in outputs.indices { changed.outputs[index].node = places[outputs[index].node] }
            changed.states = states.map { NetworkState(input: places[$0.input], output: places[$0.output]) }
            return changed
        }
    }
}
