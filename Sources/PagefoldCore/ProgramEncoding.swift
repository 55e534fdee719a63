// A program as bytes: numbers of seven bits a byte, and of each step only what is not usual. One list of fields serves
// writing here and reading in ProgramDecoding.swift.

extension Program {
    /// The bytes of the program's section (docs/format.md, "Program").
    package func encoded() -> [UInt8] {
        var writer = NumberWriter()
        for number in [values.count, steps.count, pagedCount, weightCount, logits, output] {
            writer.append(UInt32(number))
        }
        for (shape, offset) in zip(values, arenaOffsets) {
            for number in [shape.channels, shape.height, shape.width, offset] {
                writer.append(UInt32(number))
            }
        }
        for index in steps.indices {
            var fields = FieldWriter()
            var step = steps[index]
            step.visit(&fields, usual: Step(usualAt: index, in: steps))
            writer.append(UInt32(step.opcode.rawValue))
            writer.append(fields.present)
            writer.bytes += fields.numbers.bytes
        }
        return writer.bytes
    }
}

extension Step {
    /// What a step is where its section does not say otherwise: it reads what the step before it wrote and writes the
    /// value that comes next.
    init(usualAt index: Int, in steps: [Step]) {
        self.init(
            opcode: .reshape, input: index == 0 ? 0 : steps[index - 1].output,
            output: UInt16(truncatingIfNeeded: index + 1))
    }

    /// Shows all fields but the opcode, in the order of the format.
    mutating func visit(_ fields: inout some StepFields, usual: Step) {
        fields.visit(&activationNumber, usual: usual.activationNumber)
        fields.visit(&weights, usual: usual.weights)
        fields.visit(&bias, usual: usual.bias)
        fields.visit(&scale, usual: usual.scale)
        fields.visit(&kernelHeight, usual: usual.kernelHeight)
        fields.visit(&kernelWidth, usual: usual.kernelWidth)
        fields.visit(&strideHeight, usual: usual.strideHeight)
        fields.visit(&strideWidth, usual: usual.strideWidth)
        fields.visit(&padTop, usual: usual.padTop)
        fields.visit(&padLeft, usual: usual.padLeft)
        fields.visit(&input, usual: usual.input)
        fields.visit(&secondInput, usual: usual.secondInput)
        fields.visit(&output, usual: usual.output)
        fields.visit(&alphaBits, usual: usual.alphaBits)
        fields.visit(&dilationHeight, usual: usual.dilationHeight)
        fields.visit(&dilationWidth, usual: usual.dilationWidth)
        fields.visit(&groups, usual: usual.groups)
    }

    /// Of the fields that `visit` shows.
    static let fieldCount = 17

    /// A number that is no activation leaves it as it is: the reader asks afterwards.
    private var activationNumber: UInt8 {
        get { activation.rawValue }
        set { activation = Activation(rawValue: newValue) ?? activation }
    }

    private var alphaBits: UInt32 {
        get { alpha.bitPattern }
        set { alpha = Float(bitPattern: newValue) }
    }
}

/// Who is shown the fields of a step.
protocol StepFields {
    mutating func visit<Number: FixedWidthInteger & UnsignedInteger>(_ field: inout Number, usual: Number)
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

    mutating func append(_ number: UInt32) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
