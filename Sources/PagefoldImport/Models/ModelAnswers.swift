// An imported network on arrays as people have them: in the axes of its ports, one sample or many, whole numbers where a
// port is quantised. What runs is ModelRun.

public import PagefoldCore
import PagefoldData
public import PagefoldGraph

/// The answers of an imported network to the samples of a file.
public struct ModelAnswers: Sendable {
    /// All answers of one output.
    public struct Output: Sendable {
        public var port: NetworkPort
        /// Samples, then the axes of the port.
        public var shape: [Int]
        /// Row-major.
        public var values: [Float]
        /// Whether they are probabilities: a softmax closes the network there.
        public var isProbability: Bool
    }
    public var count: Int
    public var outputs: [Output]

    /// Runs the network on all samples of a file, in their order. States go from one sample to the next.
    /// - Parameters:
    ///   - network: the original, lowered for inference.
    ///   - path: `.npy`, `.npz` or IDX; for several inputs an `.npz` file with arrays of their names.
    /// - Throws: `InputError` naming the array that is missing or has another shape.
    public init(_ network: LoweredNetwork, input path: String) throws(InputError) {
        let program = network.program
        var inputs: [[[Float]]] = []
        for (index, port) in network.text.inputs.enumerated() {
            let array = try Self.array(of: port, among: network.text.inputs, path)
            inputs.append(try Self.samples(array, port, program.values[index], path))
        }
        let count = inputs.map(\.count).min() ?? 0
        guard inputs.allSatisfy({ $0.count == count }) else {
            throw InputError(
                file: path, field: "samples", problem: "its arrays have \(inputs.map(\.count)) samples",
                remedy: "give as many of each input")
        }
        self.init(network, count: count) { run, sample in run.answer(to: inputs.map { $0[sample] }) }
    }

    /// Runs the network on samples of its only input, in their order.
    /// - Parameter samples: each in CHW order; precondition: as many numbers as the input has.
    public init(_ network: LoweredNetwork, samples: [[Float]]) {
        self.init(network, count: samples.count) { run, sample in run.outside(run([samples[sample]])) }
    }

    private init(_ network: LoweredNetwork, count: Int, _ answers: (ModelRun, Int) -> [[Float]]) {
        let program = network.program
        let run = ModelRun(network)
        outputs = zip(network.text.outputs, program.outputs).map { port, output in
            Output(
                port: port, shape: [count] + port.axes(of: program.values[output.value]).map(\.size),
                values: [],
                isProbability: output.value != output.scores)
        }
        self.count = count
        for sample in 0..<count {
            for (index, answer) in answers(run, sample).enumerated() {
                outputs[index].values += answer
            }
        }
    }

    private static func array(
        of port: NetworkPort, among ports: [NetworkPort], _ path: String
    ) throws(InputError) -> NumericArray {
        let location = FileLocation(path)
        let bytes = try FileBytes.read(location.path)
        guard ZipArchive.isZip(bytes) else {
            guard ports.count == 1 else {
                throw InputError(
                    file: path, field: "inputs", problem: "the network has \(ports.count)",
                    remedy: "give an .npz file with the arrays \(ports.map(\.name).joined(separator: ", "))")
            }
            return try ArrayFile.read(path)
        }
        let archive = try NumPyArchive(bytes, file: location.path)
        // A single input may have any name in an archive of one array.
        let isOnly = ports.count == 1 && (location.member != nil || archive.names.count == 1)
        return try archive.array(named: isOnly ? location.member : port.name)
    }

    /// The samples of an array, each in the axes of the port.
    private static func samples(
        _ array: NumericArray, _ port: NetworkPort, _ shape: Shape, _ path: String
    ) throws(InputError) -> [[Float]] {
        let sizes = port.axes(of: shape).map(\.size)
        let isSample = array.shape.filter { $0 != 1 } == sizes.filter { $0 != 1 }
        let isList = array.shape.dropFirst().filter { $0 != 1 } == sizes.filter { $0 != 1 }
        guard isSample || isList, array.count > 0 else {
            throw InputError(
                file: path, field: port.name, problem: "its shape is \(array.shape)",
                remedy: "give \(sizes), or many of them: [N] + \(sizes)")
        }
        var isWhole = true
        if case .f32 = array.payload { isWhole = false }
        let (scale, zeroPoint) =
            isWhole && port.element != .float32 ? (port.scale, Float(port.zeroPoint)) : (1, 0)
        let numbers = array.floats
        if let index = numbers.firstIndex(where: { !$0.isFinite }) {
            throw InputError(
                file: path, field: port.name, problem: "number \(index) is \(numbers[index])",
                remedy: "remove or repair the sample")
        }
        return stride(from: 0, to: numbers.count, by: shape.count).map { first in
            numbers[first..<first + shape.count].map { ($0 - zeroPoint) * scale }
        }
    }
}
