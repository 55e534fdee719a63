// The inputs and outputs of a TFLite network as values: sizes of open axes, whole numbers outside, what outputs say and what
// their numbers are called.

import PagefoldCore
import PagefoldData
import PagefoldGraph

extension TFLitePorts {
    func error(_ field: String, _ problem: TranslationProblem) -> InputError {
        InputError(file: model.file, field: field, problem: problem.text, remedy: problem.remedy)
    }

    /// The sizes of an input: open axes are 1, or as the options say.
    fileprivate func sizes(_ port: Port) throws(InputError) -> [Int] {
        let tensor = graph.tensors[port.tensor]
        var sizes = tensor.sizes
        let open = tensor.signature.indices.filter { tensor.signature[$0] == -1 }
        // An axis that is open is the batch where it is the first of several.
        let batch = sizes.count > 1 ? 1 : 0
        for axis in open where axis < batch { sizes[axis] = 1 }
        let within = open.filter { $0 >= batch }
        guard !within.isEmpty, let given = options.sizes(of: port.name) else { return sizes }
        let isFitting =
            given.count == sizes.count - batch
            && (batch..<sizes.count).allSatisfy { within.contains($0) || given[$0 - batch] == sizes[$0] }
        guard isFitting else {
            throw InputError(
                file: model.file, field: "input \(port.name)",
                problem: "has the sizes \(tensor.signature), input_shape \(given) does not fit",
                remedy: "give all \(sizes.count - batch) sizes of one sample, in the file's order")
        }
        for axis in within { sizes[axis] = given[axis - batch] }
        return sizes
    }

    /// What a port's numbers are outside.
    fileprivate func outside(_ port: Port) throws(InputError) -> NetworkPort {
        let tensor = graph.tensors[port.tensor]
        var result = NetworkPort(name: port.name)
        switch tensor.type {
        case .float32, .float16, .float64, .bfloat16: return result
        case .int8: result.element = .int8
        case .uint8, .bool: result.element = .uint8
        case .int16: result.element = .int16
        case .int32, .int64, .uint32, .uint16: result.element = .int32
        default:
            throw InputError(
                file: model.file, field: port.name,
                problem: "holds no numbers that are read here (\(tensor.type))",
                remedy: "leave it outside with input: or output:")
        }
        guard let scale = tensor.scale else { return result }
        result.scale = Float(scale)
        result.zeroPoint = tensor.zeroPoint
        guard result.element.range.contains(result.zeroPoint), result.scale > 0 else {
            throw TFLiteModel.damage(model.file, port.name, "its zero point is \(result.zeroPoint)")
        }
        return result
    }
}

extension TFLiteTranslation {
    mutating func declareInputs(_ ports: TFLitePorts) throws(InputError) {
        for port in ports.inputs {
            let tensor = ports.graph.tensors[port.tensor]
            // A handle of a variable that the caller would own.
            if tensor.type == .resource {
                frame.values[port.tensor] = TFLiteValue(variable: "input \(port.name)")
                continue
            }
            let outside = try ports.outside(port)
            let sizes = try ports.sizes(port)
            do throws(TranslationProblem) {
                guard sizes.count <= Self.mostAxes else {
                    throw TranslationProblem("has \(sizes.count) axes")
                }
                translation.node = port.name
                var value = TFLiteValue(try translation.input(outside, sizes: sizes))
                if case .computed(var computed) = value.value, let element = tensor.type.element,
                    element.isInteger, tensor.scale == nil
                {
                    computed.elementType = element
                    value.value = .computed(computed)
                }
                frame.values[port.tensor] = try bounded(value, by: tensor)
            } catch { throw ports.error("input \(port.name)", error) }
        }
    }

    mutating func declareOutputs(_ ports: TFLitePorts) throws(InputError) {
        let labels = TFLiteLabels.lists(in: ports.model)
        for port in ports.outputs {
            var outside = try ports.outside(port)
            do throws(TranslationProblem) {
                let value = try value(of: port.tensor)
                outside.meaning = meaning(port, value, ports)
                let count = value.sizes.reduce(1, *)
                if ports.outputs.count == 1, count > 1, let list = labels.first(where: { $0.count == count })
                {
                    outside.labels = list
                    outside.meaning = .classes
                }
                translation.node = port.name
                try translation.output(value.value, outside)
            } catch { throw ports.error("output \(port.name)", error) }
        }
    }

    func finish(_ file: String) throws(InputError) -> Network {
        do { return try translation.finish() } catch {
            throw InputError(file: file, field: error.field, problem: error.problem, remedy: error.remedy)
        }
    }

    // MARK: What an output says

    private func meaning(
        _ port: TFLitePorts.Port, _ value: TFLiteValue, _ ports: TFLitePorts
    ) -> NetworkPort.Meaning {
        let count = value.sizes.last ?? 1
        guard ports.outputs.count == 1 else { return .raw }
        let end = lastOperator(before: port.tensor)
        let isProbability = end == .softmax || end == .logSoftmax
        if isShapeOfInput(value, ports), !isProbability, value.sizes.contains(where: { $0 > 1 }) {
            return .reconstruction
        }
        guard value.sizes.dropLast().allSatisfy({ $0 == 1 }) else { return .raw }
        if isProbability { return count > 1 ? .classes : .raw }
        if count == 1 { return end == .logistic || end == .tanh ? .raw : .numbers }
        // Scores without a softmax are usual; vectors of unit length, and boxes from a feature map, are none.
        let isVector = value.sizes.count <= 2 && count <= 1001
        return isVector && end != .l2Normalization && end != .tanh && end != .argMax ? .classes : .raw
    }

    private func isShapeOfInput(_ value: TFLiteValue, _ ports: TFLitePorts) -> Bool {
        ports.inputs.count == 1 && frame.values[ports.inputs[0].tensor]?.sizes == value.sizes
    }

    /// What computes a tensor, but for steps that keep every number.
    private func lastOperator(before tensor: Int) -> TFLiteCode? {
        var tensor = tensor
        for _ in 0..<8 {
            guard let maker = frame.makers[tensor] else { return nil }
            let op = frame.graph.operators[maker]
            let code = TFLiteCode(rawValue: op.code)
            switch code {
            case .reshape, .squeeze, .expandDims, .quantize, .dequantize:
                guard let input = op.inputs.first, input >= 0 else { return code }
                tensor = input
            default: return code
            }
        }
        return nil
    }
}

/// Names of classes that tools append to a file: texts in a zip archive, one name a line.
enum TFLiteLabels {
    private static let longest = 1 << 20

    static func lists(in model: TFLiteModel) -> [[String]] {
        guard let archive = try? ZipArchive(model.bytes, file: model.file), archive.members.count <= 64 else {
            return []
        }
        return archive.members.compactMap { member in
            guard member.name.lowercased().hasSuffix(".txt"), member.size <= longest,
                let content = try? archive.content(of: member, cap: longest),
                let text = String(validating: content, as: UTF8.self)
            else { return nil }
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(
                String.init)
            return Array(lines.reversed().drop { $0.isEmpty }.reversed())
        }
    }
}
