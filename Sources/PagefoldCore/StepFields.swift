// The fields of a step in the order of the file format: one list for writing and for reading.

extension Step {
    /// What a step is where its section does not say otherwise: it reads what the step before it wrote and writes the
    /// value that comes next.
    /// - Parameter given: values that no step writes.
    package init(usualAt index: Int, in steps: [Step], given: Int) {
        self.init(
            opcode: .reshape, input: index == 0 ? 0 : steps[index - 1].output,
            output: UInt16(truncatingIfNeeded: given + index))
    }

    /// Shows all fields but the opcode, in the order of the format.
    package mutating func visit(_ fields: inout some StepFields, usual: Step) {
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
        fields.visit(&mode, usual: usual.mode)
        fields.visit(&axis, usual: usual.axis)
        fields.visit(&betaBits, usual: usual.betaBits)
        fields.visit(&startBits, usual: usual.startBits)
        fields.visit(&paceBits, usual: usual.paceBits)
        fields.visit(&rows, usual: usual.rows)
    }

    /// Of the fields that `visit` shows.
    package static let fieldCount = 23

    /// A number that is no activation leaves it as it is: the reader asks afterwards.
    private var activationNumber: UInt8 {
        get { activation.rawValue }
        set { activation = Activation(rawValue: newValue) ?? activation }
    }

    private var alphaBits: UInt32 {
        get { alpha.bitPattern }
        set { alpha = Float(bitPattern: newValue) }
    }

    private var betaBits: UInt32 {
        get { beta.bitPattern }
        set { beta = Float(bitPattern: newValue) }
    }

    private var startBits: UInt32 {
        get { UInt32(bitPattern: start) }
        set { start = Int32(bitPattern: newValue) }
    }

    private var paceBits: UInt32 {
        get { UInt32(bitPattern: pace) }
        set { pace = Int32(bitPattern: newValue) }
    }
}

/// Who is shown the fields of a step.
package protocol StepFields {
    mutating func visit<Number: FixedWidthInteger & UnsignedInteger>(_ field: inout Number, usual: Number)
}
