// Ports from the bytes of a fold file: their numbers stand at the end of a program's section, their words in the text.

/// Fields of a port that are not usual. Raw values are bits of a number in the file.
package struct PortForm: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let axes = PortForm(rawValue: 1)
    package static let element = PortForm(rawValue: 2)
    package static let meaning = PortForm(rawValue: 4)
    fileprivate static let all: PortForm = [.axes, .element, .meaning]
}

extension NumberReader {
    /// The ports of a program that has been read, without their words.
    mutating func ports(of program: Program) throws(Failure) -> (
        inputs: [NetworkPort], outputs: [NetworkPort]
    ) {
        var ports = (inputs: [NetworkPort](), outputs: [NetworkPort]())
        for index in 0..<program.inputs {
            ports.inputs.append(try port(NetworkPort.usualName(index, isInput: true), isInput: true))
        }
        for index in program.outputs.indices {
            ports.outputs.append(try port(NetworkPort.usualName(index, isInput: false), isInput: false))
        }
        return ports
    }

    private mutating func port(_ name: String, isInput: Bool) throws(Failure) -> NetworkPort {
        var port = NetworkPort(name: name)
        guard form.contains(.ports) else { return port }
        let fields = PortForm(rawValue: try next())
        guard fields.isSubset(of: .all), !isInput || !fields.contains(.meaning) else {
            throw Failure("port \(name): unknown fields")
        }
        if fields.contains(.axes) {
            var axes = [NetworkPort.Axis]()
            for _ in 0..<(try count(atMost: NetworkPort.mostAxes, "axes")) {
                let size = try count(atMost: FoldFormat.largestArena, "as the size of an axis")
                axes.append(NetworkPort.Axis(size, try code("axis")))
            }
            port.axes = axes
        }
        if fields.contains(.element) {
            port.element = try code("element")
            port.scale = Float(bitPattern: try next())
            // Counted from the smallest number of its type.
            let zero = try next()
            guard let place = Int32(exactly: Int64(zero) + Int64(port.element.range.lowerBound)) else {
                throw Failure("port \(name): zero point \(zero)")
            }
            port.zeroPoint = Int(place)
        }
        if fields.contains(.meaning) { port.meaning = try code("meaning") }
        return port
    }

    private mutating func code<Code: RawRepresentable<UInt8>>(_ what: String) throws(Failure) -> Code {
        let number = try next()
        guard let code = UInt8(exactly: number).flatMap(Code.init) else {
            throw Failure("unknown \(what) \(number)")
        }
        return code
    }
}

extension NetworkText {
    /// Takes the words of a section of text to ports whose numbers have been read.
    init(
        decoding bytes: UnsafeRawBufferPointer, inputs: [NetworkPort], outputs: [NetworkPort], network: Int
    ) throws(FoldError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FoldError("text", network: network, "not UTF-8")
        }
        // By bytes: to a string, a carriage return and a line feed are one character.
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map(Substring.init)
        guard lines.count <= 1 + inputs.count + outputs.count else {
            throw FoldError(
                "text", network: network, "\(lines.count) lines for \(inputs.count + outputs.count) ports")
        }
        self.init(name: String(lines[0]), inputs: inputs, outputs: outputs)
        for (index, line) in lines.dropFirst().enumerated() {
            let words = line.utf8.split(separator: 0x09, omittingEmptySubsequences: false).map {
                String(Substring($0))
            }
            if index < inputs.count {
                guard words.count <= 2 else {
                    throw FoldError("text", network: network, "input \(index) has \(words.count) words")
                }
                if !words[0].isEmpty { self.inputs[index].name = words[0] }
                if words.count == 2 { self.inputs[index].preprocessing = words[1] }
            } else {
                if !words[0].isEmpty { self.outputs[index - inputs.count].name = words[0] }
                self.outputs[index - inputs.count].labels = Array(words.dropFirst())
            }
        }
    }
}
