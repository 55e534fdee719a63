// What a fold file tells about a network beside its program: its name, and its inputs and outputs as the world outside sees
// them. Nothing here is needed to run it.

/// A named input or output of a network.
public struct NetworkPort: Hashable, Sendable {
    /// An axis of the array that the original file takes or gives.
    public struct Axis: Hashable, Sendable {
        /// The axis of a value that it belongs to. Raw values are part of the fold file's format.
        public enum Kind: UInt8, Sendable, CaseIterable {
            case channels = 0
            case height = 1
            case width = 2
        }
        public var size: Int
        public var kind: Kind

        public init(_ size: Int, _ kind: Kind) {
            self.size = size
            self.kind = kind
        }
    }

    /// What a number is outside. Raw values are part of the fold file's format.
    public enum Element: UInt8, Sendable, CaseIterable {
        case float32 = 0
        case int8 = 1
        case uint8 = 2
        case int16 = 3
        case int32 = 4

        /// For commands and records.
        public var name: String {
            switch self {
            case .float32: "float32"
            case .int8: "int8"
            case .uint8: "uint8"
            case .int16: "int16"
            case .int32: "int32"
            }
        }
    }

    /// What the numbers of an output say. Raw values are part of the fold file's format.
    public enum Meaning: UInt8, Sendable, CaseIterable {
        /// One score or probability a class: the largest is the answer.
        case classes = 0
        /// Quantities.
        case numbers = 1
        /// The first input again, as an autoencoder gives it back.
        case reconstruction = 2
        /// What only the application knows how to read: boxes, embeddings, scores of its own.
        case raw = 3

        /// For commands and records.
        public var name: String {
            switch self {
            case .classes: "classes"
            case .numbers: "numbers"
            case .reconstruction: "reconstruction"
            case .raw: "raw"
            }
        }
    }

    /// Not empty, and not that of another input (or output) of the network.
    public var name: String
    /// The shape outside without the batch, and the order of its axes; nil: channels, height, width, or channels alone
    /// where the others are 1. Axes of one kind multiply, the first is the slowest.
    public var axes: [Axis]?
    public var element: Element
    /// A whole number n outside is (n − zeroPoint) · scale; 1 and 0 with float32.
    public var scale: Float
    public var zeroPoint: Int
    /// Of an output; an input has `.classes`, which says nothing.
    public var meaning: Meaning
    /// Of an input: names of the transforms that turn a raw sample into it: "scale divisor=255".
    public var preprocessing: String
    /// Of an output: one name for each number, or fewer.
    public var labels: [String]

    public init(
        name: String, axes: [Axis]? = nil, element: Element = .float32, scale: Float = 1, zeroPoint: Int = 0,
        meaning: Meaning = .classes, preprocessing: String = "", labels: [String] = []
    ) {
        self.name = name
        self.axes = axes
        self.element = element
        self.scale = scale
        self.zeroPoint = zeroPoint
        self.meaning = meaning
        self.preprocessing = preprocessing
        self.labels = labels
    }
}

extension NetworkPort {
    /// Axes of an array outside at most.
    public static let mostAxes = 8

    /// What an input or output is called where the graph has no name: "input", "input2", …
    public static func usualName(_ index: Int, isInput: Bool) -> String {
        (isInput ? "input" : "output") + (index == 0 ? "" : "\(index + 1)")
    }

    /// The axes outside of a value that has this port.
    public func axes(of shape: Shape) -> [Axis] { axes ?? Self.usualAxes(shape) }

    package static func usualAxes(_ shape: Shape) -> [Axis] {
        shape.spatial == 1
            ? [Axis(shape.channels, .channels)]
            : [Axis(shape.channels, .channels), Axis(shape.height, .height), Axis(shape.width, .width)]
    }

    /// What makes this no port of a value of this shape, or nil.
    func problem(of shape: Shape) -> String? {
        if let axes {
            guard axes.count <= Self.mostAxes else { return "has \(axes.count) axes" }
            for (kind, due) in [
                (Axis.Kind.channels, shape.channels), (.height, shape.height), (.width, shape.width),
            ] {
                let size = axes.reduce(FileSize(1)) { $1.kind == kind ? $0 * $1.size : $0 }
                guard size.value == due else { return "has axes that do not make \(shape)" }
            }
        }
        guard scale.isFinite, scale > 0 else { return "has scale \(scale)" }
        guard element != .float32 || (scale == 1 && zeroPoint == 0) else { return "scales floats" }
        guard element.range.contains(zeroPoint) else { return "has zero point \(zeroPoint)" }
        return nil
    }

    /// For each number of a value in CHW order, where it stands in the array outside.
    /// - Parameter shape: of the value.
    public func outsideIndices(of shape: Shape) -> [Int] {
        let axes = axes(of: shape)
        return (0..<shape.count).map { index in
            var rest = [index / shape.spatial, index / shape.width % shape.height, index % shape.width]
            var place = 0
            var step = 1
            // From the fastest axis outside: it is the fastest of its kind, too.
            for axis in axes.reversed() {
                place += rest[Int(axis.kind.rawValue)] % axis.size * step
                rest[Int(axis.kind.rawValue)] /= axis.size
                step *= axis.size
            }
            return place
        }
    }
}

extension NetworkPort.Element {
    /// Zero points that it can have: all its numbers; 0 alone for floats.
    public var range: ClosedRange<Int> {
        switch self {
        case .float32: 0...0
        case .int8: -128...127
        case .uint8: 0...255
        case .int16: -32_768...32_767
        case .int32: Int(Int32.min)...Int(Int32.max)
        }
    }
}

/// What a fold file tells about a network beside its program: its name and its ports.
public struct NetworkText: Hashable, Sendable {
    public var name: String
    /// One for each input of the program.
    public var inputs: [NetworkPort]
    /// One for each output of the program.
    public var outputs: [NetworkPort]

    public init(name: String, inputs: [NetworkPort], outputs: [NetworkPort]) {
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
    }

    /// One input and one output under their usual names.
    /// - Parameter classes: one name for each number of the answer, or none.
    public init(name: String, preprocessing: String = "", classes: [String] = []) {
        self.init(
            name: name,
            inputs: [
                NetworkPort(name: NetworkPort.usualName(0, isInput: true), preprocessing: preprocessing)
            ],
            outputs: [NetworkPort(name: NetworkPort.usualName(0, isInput: false), labels: classes)])
    }

    /// Whether there is exactly one input and one output.
    public var hasSinglePorts: Bool { inputs.count == 1 && outputs.count == 1 }
    /// Of the first input.
    public var preprocessing: String { inputs[0].preprocessing }
    /// Of the first output.
    public var classes: [String] { outputs[0].labels }

    /// What makes this no text of a program, or nil.
    package func problem(with program: Program) -> String? {
        guard inputs.count == program.inputs, outputs.count == program.outputs.count else {
            return "\(inputs.count) inputs and \(outputs.count) outputs"
        }
        for (ports, kind) in [(inputs, "input"), (outputs, "output")] {
            var names = Set<String>()
            for port in ports where port.name.isEmpty || !names.insert(port.name).inserted {
                return "\(kind) \"\(port.name)\" has no name of its own"
            }
        }
        for (port, value) in zip(
            inputs + outputs, Array(0..<program.inputs) + program.outputs.map { $0.value })
        {
            if let problem = port.problem(of: program.values[value]) { return "\(port.name) \(problem)" }
        }
        return nil
    }
}
