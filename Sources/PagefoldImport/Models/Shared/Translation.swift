// From the operations of foreign graphs, whose semantics are NumPy's, to the nodes of a network. Here are nodes, ports and
// states; operations are in the files beside this one, by family. It knows no format.

import PagefoldCore
import PagefoldGraph

/// Builds a network operation by operation.
struct Translation {
    private let name: String
    /// Names the nodes that follow: the foreign node that is being translated.
    var node = ""
    private(set) var nodes: [Node] = []
    /// Of each node's result.
    private(set) var shapes: [Shape] = []
    private var inputs: [(node: Int, port: NetworkPort)] = []
    private var outputs: [NetworkOutput] = []
    /// Nodes that read states, and what those become.
    private var states: [(input: Int, layout: AxisLayout, output: Int?)] = []
    private var names: Set<String> = []
    /// Of names that were given before: the number that the next one gets.
    private var nextNumbers: [String: Int] = [:]
    /// Numbers copied, reordered or made, so that a small file cannot ask for unbounded memory.
    private var made: NumberLimit

    /// Numbers of one value at most.
    static let countLimit = 1 << 26
    static let nodeLimit = FoldFormat.mostValues

    /// - Parameters:
    ///   - name: of the network.
    ///   - bytes: of the file; what is made grows with it, so that a small file stays small.
    init(name: String, bytes: Int = 1 << 23) {
        self.name = name
        made = NumberLimit((1 << 24) + 32 * min(bytes, 1 << 25))
    }

    // MARK: Ports and states

    /// An input of the network.
    /// - Parameters:
    ///   - port: its axes are filled in here.
    ///   - sizes: of its axes, the batch (1) among them.
    mutating func input(_ port: NetworkPort, sizes: [Int]) throws(TranslationProblem) -> TranslatedValue {
        let value = try inputNode(port.name, sizes)
        var port = port
        port.axes = Self.portAxes(value.layout, shapes[value.node])
        inputs.append((value.node, port))
        return .computed(value)
    }

    /// A state: zeros at first.
    /// - Parameter memory: its axes in the order in which they lie, the slowest first; nil: as they are.
    mutating func state(
        sizes: [Int], memory: [Int]? = nil
    ) throws(TranslationProblem) -> (handle: Int, value: TranslatedValue) {
        let value = try inputNode("state", sizes, memory: memory)
        states.append((value.node, value.layout, nil))
        return (states.count - 1, .computed(value))
    }

    /// What a state is in the next run.
    mutating func setState(_ handle: Int, to value: TranslatedValue) throws(TranslationProblem) {
        let state = states[handle]
        guard value.sizes.filter({ $0 != 1 }) == state.layout.sizes.filter({ $0 != 1 }) else {
            throw TranslationProblem("a state of \(state.layout.sizes) becomes \(value.sizes)")
        }
        let axes = state.layout.memoryAxes ?? []
        let sizes = state.layout.sizes
        let order = axes + sizes.indices.filter { !axes.contains($0) }
        let result = try ordered(try computed(try reshape(value, to: sizes)), order)
        states[handle].output = try shaped(result.node, as: shapes[state.input])
    }

    /// An output of the network.
    /// - Parameter port: its axes are filled in here.
    mutating func output(_ value: TranslatedValue, _ port: NetworkPort) throws(TranslationProblem) {
        var result = try computed(value)
        if Self.portAxes(result.layout, shapes[result.node]) == nil {
            result = try rowMajor(result)
            result.node = try shaped(result.node, as: Self.shape(of: result.sizes))
        }
        // An input or a state that is given back, and two outputs of one value, need a node of their own.
        var port = port
        port.axes = Self.portAxes(result.layout, shapes[result.node])
        outputs.append(NetworkOutput(node: result.node, port: port))
    }

    /// The network, when everything is translated.
    consuming func finish() throws(InputError) -> Network {
        guard !outputs.isEmpty else {
            throw InputError(
                file: name, field: "outputs", problem: "there is none", remedy: "give a model with an output")
        }
        var states: [NetworkState] = []
        for state in self.states {
            states.append(NetworkState(input: state.input, output: state.output ?? state.input))
        }
        return Network(
            name: name, nodes: nodes, inputs: inputs.map(\.port), outputs: outputs, states: states
        ).tidied()
    }

    private mutating func inputNode(
        _ name: String, _ sizes: [Int], memory: [Int]? = nil
    ) throws(TranslationProblem) -> ComputedValue {
        guard sizes.allSatisfy({ $0 > 0 }), Self.count(sizes) != nil else {
            throw TranslationProblem(
                "\(name) has the shape \(sizes)",
                "say the shape of one sample in the job file, with input_shape")
        }
        let order = memory ?? Array(sizes.indices)
        let shape = Self.shape(of: order.map { sizes[$0] })
        nodes.append(Node(name: unique(name), operation: .input(shape)))
        shapes.append(shape)
        return ComputedValue(node: nodes.count - 1, layout: AxisLayout(sizes, memory: order))
    }

    // MARK: Nodes

    /// Appends a node and answers its number.
    mutating func append(
        _ operation: Operation, _ inputs: [Int], _ parameters: [Parameter] = []
    ) throws(TranslationProblem) -> Int {
        guard nodes.count < Self.nodeLimit else {
            throw TranslationProblem("the network has more than \(Self.nodeLimit) steps", "split the network")
        }
        let shape: Shape
        do throws(StepProblem) {
            shape = try operation.shape(on: inputs.map { shapes[$0] })
        } catch { throw TranslationProblem(error.text) }
        nodes.append(Node(name: unique(node), operation: operation, inputs: inputs, parameters: parameters))
        shapes.append(shape)
        return nodes.count - 1
    }

    /// A parameter of the node that is appended next.
    mutating func parameter(
        _ role: ParameterRole, _ shape: [Int], _ values: [Double]
    ) throws(TranslationProblem) -> Parameter {
        try take(values.count)
        var floats = [Float](repeating: 0, count: values.count)
        for (i, value) in values.enumerated() {
            floats[i] = Self.finite(value)
            guard floats[i].isFinite else { throw TranslationProblem("weight \(i) is \(value)") }
        }
        return Parameter(name: "\(node)/\(role.rawValue)", role: role, shape: shape, values: floats)
    }

    /// Numbers that only stand for infinity in a graph become the largest float; NaN stays.
    static func finite(_ value: Double) -> Float {
        let largest = Double(Float.greatestFiniteMagnitude)
        return Float(min(max(value, -largest), largest))
    }

    /// Counts numbers that are made, so that a small file cannot ask for unbounded memory.
    mutating func take(_ count: Int) throws(TranslationProblem) {
        guard made.take(count) else {
            throw TranslationProblem(
                "the network grows beyond \(made.limit) numbers", "the file is damaged; copy it again")
        }
    }

    private mutating func unique(_ name: String) -> String {
        let base = name.isEmpty ? "node" : name
        var candidate = base
        var number = nextNumbers[base] ?? 2
        while !names.insert(candidate).inserted {
            candidate = "\(base)/\(number)"
            number += 1
        }
        nextNumbers[base] = number
        return candidate
    }

    // MARK: Sizes

    /// The product of sizes; nil where it is 0 or too large.
    static func count(_ sizes: [Int]) -> Int? {
        var product = 1
        for size in sizes {
            guard size > 0, size <= countLimit, product <= countLimit / size else { return nil }
            product *= size
        }
        return product
    }

    /// Row-major sizes as channels, height and width: the first axis that is not 1, then what lies between, then the last.
    static func shape(of sizes: [Int]) -> Shape {
        let real = sizes.filter { $0 != 1 }
        guard let first = real.first else { return Shape(channels: 1) }
        return switch real.count {
        case 1: Shape(channels: first)
        case 2: Shape(channels: first, height: real[1])
        default:
            Shape(channels: first, height: real[1..<real.count - 1].reduce(1, *), width: real[real.count - 1])
        }
    }

    /// How the array outside lies in a node's result; nil where axes cannot say it.
    static func portAxes(_ layout: AxisLayout, _ shape: Shape) -> [NetworkPort.Axis]? {
        // Without the batch in front.
        let sizes = layout.sizes
        let skipped = sizes.count > 1 && sizes[0] == 1 ? 1 : 0
        guard sizes.count - skipped <= NetworkPort.mostAxes, let axes = layout.memoryAxes else { return nil }
        // Each side of the node's shape takes whole axes, in their order in memory.
        var kinds = [NetworkPort.Axis.Kind](repeating: .width, count: sizes.count)
        var rest = [shape.channels, shape.height, shape.width]
        var side = 0
        for axis in axes {
            while side < 3, rest[side] == 1 { side += 1 }
            guard side < 3, rest[side] % sizes[axis] == 0 else { return nil }
            rest[side] /= sizes[axis]
            kinds[axis] = [.channels, .height, .width][side]
        }
        guard rest == [1, 1, 1] else { return nil }
        let result = (skipped..<sizes.count).map { NetworkPort.Axis(sizes[$0], kinds[$0]) }
        // The first axis of a kind outside must be the slowest inside.
        for kind in NetworkPort.Axis.Kind.allCases {
            let outside = (skipped..<sizes.count).filter { sizes[$0] != 1 && kinds[$0] == kind }
            guard outside == axes.filter({ kinds[$0] == kind }) else { return nil }
        }
        return result
    }
}
