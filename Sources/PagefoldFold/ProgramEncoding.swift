// A program as bytes: numbers of seven bits a byte, and of each step only what is not usual. PagefoldCore's
// ProgramDecoding.swift reads them; both take the fields of a step from its StepFields.swift.

package import PagefoldCore

extension Program {
    /// The bytes of the program's section (docs/format.md, "Program").
    /// - Parameter text: whose ports' numbers stand behind the steps.
    package func encoded(with text: NetworkText) -> [UInt8] {
        precondition(
            text.inputs.count == inputs && text.outputs.count == outputs.count,
            "a port for each input and output")
        let hasUsualOutput = outputs == [Self.usualOutput(of: steps)]
        let ports =
            zip(text.inputs, (0..<inputs).map { values[$0] }).map { $0.numbers(of: $1) }
            + zip(text.outputs, outputs.map { values[$0.value] }).map { $0.numbers(of: $1) }
        let hasUsualPorts = ports.allSatisfy { $0 == [0] }
        var form: ProgramForm = []
        if inputs != 1 { form.insert(.inputs) }
        if !states.isEmpty { form.insert(.states) }
        if !hasUsualOutput { form.insert(.outputs) }
        if !hasUsualPorts { form.insert(.ports) }

        var writer = NumberWriter()
        writer.append([values.count, steps.count, pagedCount, weightCount, Int(form.rawValue)])
        if inputs != 1 { writer.append([inputs]) }
        if !states.isEmpty { writer.append([states.count] + states) }
        if !hasUsualOutput { writer.append([outputs.count] + outputs.flatMap { [$0.value, $0.scores] }) }
        for shape in values { writer.append([shape.channels, shape.height, shape.width]) }
        for index in steps.indices {
            var fields = FieldWriter()
            var step = steps[index]
            step.visit(&fields, usual: Step(usualAt: index, in: steps, given: givenCount))
            writer.append(UInt32(step.opcode.rawValue))
            writer.append(fields.present)
            writer.bytes += fields.numbers.bytes
        }
        if !hasUsualPorts { for numbers in ports { for number in numbers { writer.append(number) } } }
        return writer.bytes
    }
}

extension NetworkPort {
    /// What is not usual about a port of a value, led by the fields that are there.
    fileprivate func numbers(of shape: Shape) -> [UInt32] {
        var fields: PortForm = []
        var numbers = [UInt32]()
        if let axes, axes != Self.usualAxes(shape) {
            fields.insert(.axes)
            numbers.append(UInt32(axes.count))
            for axis in axes { numbers += [UInt32(axis.size), UInt32(axis.kind.rawValue)] }
        }
        if element != .float32 {
            fields.insert(.element)
            let zero = UInt32(zeroPoint - element.range.lowerBound)
            numbers += [UInt32(element.rawValue), scale.bitPattern, zero]
        }
        if meaning != .classes {
            fields.insert(.meaning)
            numbers.append(UInt32(meaning.rawValue))
        }
        return [fields.rawValue] + numbers
    }
}

extension NetworkText {
    /// The text's section: a line for the name and one for each port, without empty ones at the end.
    package var encoded: String {
        var lines = [oneLine(name)]
        for (index, port) in inputs.enumerated() {
            let name = port.name == NetworkPort.usualName(index, isInput: true) ? "" : port.name
            lines.append(line([name] + (port.preprocessing.isEmpty ? [] : [port.preprocessing])))
        }
        for (index, port) in outputs.enumerated() {
            let name = port.name == NetworkPort.usualName(index, isInput: false) ? "" : port.name
            lines.append(line([name] + port.labels))
        }
        while lines.count > 1, lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private func line(_ words: [String]) -> String {
        words.map {
            oneLine($0).split(separator: "\t", omittingEmptySubsequences: false).joined(separator: " ")
        }
        .joined(separator: "\t")
    }

    private func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}

private struct FieldWriter: StepFields {
    /// Bit i: field i is there.
    var present: UInt32 = 0
    var numbers = NumberWriter()
    private var field: UInt32 = 0

    mutating func visit<Number: FixedWidthInteger & UnsignedInteger>(_ value: inout Number, usual: Number) {
        if value != usual {
            present |= 1 << field
            numbers.append(UInt32(value))
        }
        field += 1
    }
}

/// Numbers of seven bits a byte, the lowest first; the highest bit of a byte says that more follow (LEB128).
struct NumberWriter {
    var bytes = [UInt8]()

    mutating func append(_ numbers: [Int]) { for number in numbers { append(UInt32(number)) } }

    mutating func append(_ number: UInt32) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
