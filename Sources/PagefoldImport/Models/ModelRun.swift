// Runs an imported network as it is, before anything is packed: plainly, one sample after the other, with states kept from
// run to run. Fast execution is PagefoldRuntime's.

import PagefoldCore
public import PagefoldGraph

/// An imported network at work.
public final class ModelRun {
    private let network: LoweredNetwork
    private var program: Program { network.program }
    private let weights: UnsafeMutablePointer<Float>
    private let arena: UnsafeMutablePointer<Float>
    private let states: UnsafeMutablePointer<Float>
    private let interpreter: Interpreter

    /// - Parameter network: whose program is valid (`Network.lowered` sees to that).
    public init(_ network: LoweredNetwork) {
        self.network = network
        let program = network.program
        // One more, so that nothing is empty.
        weights = .allocate(capacity: network.weights.count + 1)
        weights.initialize(from: network.weights, count: network.weights.count)
        let count = program.arenaCount + 1
        arena = .allocate(capacity: count)
        arena.initialize(repeating: 0, count: count)
        states = .allocate(capacity: program.stateCount + 1)
        states.initialize(repeating: 0, count: program.stateCount + 1)
        interpreter = Interpreter(
            program: program, weights: WeightView(flat: weights), arena: arena, states: states)
    }

    /// For each number of each input, and of each output, where it stands in the array outside.
    private lazy var inputPlaces = network.text.inputs.enumerated().map { index, port in
        port.outsideIndices(of: program.values[index])
    }
    private lazy var outputPlaces = zip(network.text.outputs, program.outputs).map { port, output in
        port.outsideIndices(of: program.values[output.value])
    }

    deinit {
        weights.deallocate()
        arena.deallocate()
        states.deallocate()
    }

    /// All states, one behind the other.
    public var state: [Float] { Array(UnsafeBufferPointer(start: states, count: program.stateCount)) }

    /// All states become zeros.
    public func resetState() { states.update(repeating: 0, count: program.stateCount) }

    /// Answers one sample of every input.
    /// - Parameter inputs: the numbers of each input in CHW order; precondition: as many as its shape has.
    /// - Returns: the numbers of each output in CHW order.
    public func callAsFunction(_ inputs: [[Float]]) -> [[Float]] {
        precondition(inputs.count == program.inputs, "a sample for every input")
        for (index, numbers) in inputs.enumerated() {
            precondition(numbers.count == program.values[index].count, "numbers of input \(index)")
            interpreter.input(at: index).update(from: numbers, count: numbers.count)
        }
        interpreter.run()
        return program.outputs.enumerated().map { index, output in
            Array(
                UnsafeBufferPointer(
                    start: interpreter.output(at: index), count: program.values[output.value].count))
        }
    }

    /// Answers one sample of every input, in the axes of the ports.
    /// - Parameter arrays: the numbers of each input, row-major as the file has them.
    /// - Returns: likewise those of each output.
    func answer(to arrays: [[Float]]) -> [[Float]] { outside(self(inside(arrays))) }

    /// A sample in the axes of the ports, as the program takes it: CHW order.
    func inside(_ arrays: [[Float]]) -> [[Float]] {
        zip(arrays, inputPlaces).map { array, places in places.map { array[$0] } }
    }

    /// Answers in CHW order, in the axes of the ports.
    func outside(_ answers: [[Float]]) -> [[Float]] {
        zip(answers, outputPlaces).map { answer, places in
            var array = answer
            for (number, place) in zip(answer, places) { array[place] = number }
            return array
        }
    }
}
