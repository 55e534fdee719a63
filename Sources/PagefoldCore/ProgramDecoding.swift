// A program from the bytes of a fold file. Everything that a step will touch is checked here, so that running a
// decoded program cannot leave its buffers.

extension Program {
    init(decoding bytes: UnsafeRawBufferPointer, network: Int) throws(FoldError) {
        func fail(_ problem: String) -> FoldError { FoldError("program", network: network, problem) }
        guard bytes.count >= FoldFormat.programHeaderSize else { throw fail("cut short") }
        let valueCount = Int(bytes.number(0, UInt32.self))
        let stepCount = Int(bytes.number(4, UInt32.self))
        guard valueCount > 0, valueCount <= FoldFormat.mostValues, stepCount <= FoldFormat.mostValues else {
            throw fail("\(valueCount) values and \(stepCount) steps")
        }
        let size =
            FoldFormat.programHeaderSize + valueCount * FoldFormat.valueSize + stepCount * FoldFormat.stepSize
        guard bytes.count == size else { throw fail("\(bytes.count) bytes, \(size) are due") }

        var values = [Shape]()
        var offsets = [Int]()
        var position = FoldFormat.programHeaderSize
        for i in 0..<valueCount {
            let shape = Shape(
                channels: Int(bytes.number(position, UInt32.self)),
                height: Int(bytes.number(position + 4, UInt32.self)),
                width: Int(bytes.number(position + 8, UInt32.self)))
            let offset = Int(bytes.number(position + 12, UInt32.self))
            let largest = FoldFormat.largestArena
            guard shape.channels > 0, shape.height > 0, shape.width > 0, shape.channels <= largest,
                shape.height <= largest / shape.channels,
                shape.width <= largest / shape.channels / shape.height, offset <= largest - shape.count
            else { throw fail("value \(i) has an impossible shape") }
            values.append(shape)
            offsets.append(offset)
            position += FoldFormat.valueSize
        }
        var steps = [Step]()
        for i in 0..<stepCount {
            guard let opcode = Opcode(rawValue: bytes[position]) else {
                throw fail("step \(i): unknown opcode")
            }
            guard let activation = Activation(rawValue: bytes[position + 1]) else {
                throw fail("step \(i): unknown activation")
            }
            var step = Step(
                opcode: opcode, input: bytes.number(position + 2, UInt16.self),
                output: bytes.number(position + 6, UInt16.self))
            step.activation = activation
            step.secondInput = bytes.number(position + 4, UInt16.self)
            step.weights = bytes.number(position + 8, UInt32.self)
            step.bias = bytes.number(position + 12, UInt32.self)
            step.scale = bytes.number(position + 16, UInt32.self)
            step.alpha = Float(bitPattern: bytes.number(position + 20, UInt32.self))
            step.kernelHeight = bytes[position + 24]
            step.kernelWidth = bytes[position + 25]
            step.strideHeight = bytes[position + 26]
            step.strideWidth = bytes[position + 27]
            step.padTop = bytes[position + 28]
            step.padLeft = bytes[position + 29]
            step.dilationHeight = bytes[position + 30]
            step.dilationWidth = bytes[position + 31]
            step.groups = bytes.number(position + 32, UInt16.self)
            steps.append(step)
            position += FoldFormat.stepSize
        }
        self.init(
            values: values, arenaOffsets: offsets, steps: steps, logits: Int(bytes.number(16, UInt32.self)),
            output: Int(bytes.number(20, UInt32.self)), pagedCount: Int(bytes.number(8, UInt32.self)),
            weightCount: Int(bytes.number(12, UInt32.self)))
        do { try validate() } catch { throw fail(error.problem) }
    }

    /// Checks that every step reads values that exist and weights that are there.
    /// - Throws: `FoldError` naming the step.
    public func validate() throws(FoldError) {
        func fail(_ problem: String) -> FoldError { FoldError("program", problem) }
        guard pagedCount <= weightCount else { throw fail("more paged weights than weights") }
        guard logits < values.count, output < values.count else { throw fail("its answer is not a value") }
        var written = [Bool](repeating: false, count: values.count)
        written[0] = true
        for (i, step) in steps.enumerated() {
            guard Int(step.input) < values.count, written[Int(step.input)] else {
                throw fail("step \(i) reads value \(step.input), which is not computed yet")
            }
            guard Int(step.output) < values.count, !written[Int(step.output)] else {
                throw fail("step \(i) writes value \(step.output), which is not free")
            }
            if let problem = step.problem(values: values, weightCount: weightCount, written: written) {
                throw fail("step \(i): \(problem)")
            }
            written[Int(step.output)] = true
        }
        guard written[logits], written[output] else { throw fail("its answer is never computed") }
    }
}

extension Step {
    /// What is wrong with this step among these values, or nil.
    fileprivate func problem(values: [Shape], weightCount: Int, written: [Bool]) -> String? {
        let x = values[Int(input)]
        let y = values[Int(output)]
        func lacks(_ offset: UInt32, _ count: Int) -> Bool {
            Int(offset) > weightCount || count > weightCount - Int(offset)
        }
        guard alpha.isFinite else { return "its attribute is not finite" }
        guard secondInput == Step.none16 || opcode == .add || opcode == .concatenate else {
            return "has a second operand that it does not read"
        }
        guard kernelHeight > 0, kernelWidth > 0, strideHeight > 0, strideWidth > 0, dilationHeight > 0,
            dilationWidth > 0, groups > 0
        else { return "a window, stride, dilation or group of 0" }
        if bias != Step.none32 && lacks(bias, y.channels) { return "its bias lies outside the weights" }
        if scale != Step.none32 && (!opcode.isWeighted || lacks(scale, y.channels)) {
            return "its scale lies outside the weights"
        }
        switch opcode {
        case .convolution:
            let groups = Int(groups)
            guard x.channels % groups == 0, y.channels % groups == 0 else { return "groups do not divide" }
            let (count, over) = y.channels.multipliedReportingOverflow(
                by: x.channels / groups * Int(kernelHeight) * Int(kernelWidth))
            if over || lacks(weights, count) { return "its weights lie outside" }
        case .dense:
            guard y.spatial == 1 else { return "a dense result is a vector" }
            let (count, over) = y.count.multipliedReportingOverflow(by: x.count)
            if over || lacks(weights, count) { return "its weights lie outside" }
        case .bias:
            guard x == y, bias != Step.none32 else { return "needs a bias and equal shapes" }
        case .maxPool, .averagePool:
            guard x.channels == y.channels else { return "a pool keeps channels" }
            guard padTop < kernelHeight, padLeft < kernelWidth,
                reaches(x.height, y.height, strideHeight, padTop),
                reaches(x.width, y.width, strideWidth, padLeft)
            else { return "a window lies outside the image" }
        case .globalAveragePool:
            guard y == Shape(channels: x.channels) else { return "its result is one number a channel" }
        case .batchNormalisation:
            guard x == y, alpha >= 0, !lacks(weights, 4 * x.channels) else { return "needs four vectors" }
        case .activation, .softmax, .dropout:
            guard x == y else { return "keeps its shape" }
            if opcode == .softmax && x.spatial != 1 { return "softmax is over a vector" }
        case .reshape:
            guard x.count == y.count else { return "a reshape keeps the count" }
        case .add, .concatenate:
            guard Int(secondInput) < values.count, written[Int(secondInput)] else {
                return "its second operand is not computed yet"
            }
            let z = values[Int(secondInput)]
            if opcode == .add {
                guard x == y, z == y else { return "operands of add have one shape" }
            } else {
                guard x.height == y.height, z.height == y.height, x.width == y.width, z.width == y.width,
                    x.channels + z.channels == y.channels
                else { return "operands of concatenate differ in more than channels" }
            }
        }
        return nil
    }

    /// Every window of a pool holds at least one pixel.
    private func reaches(_ input: Int, _ output: Int, _ stride: UInt8, _ pad: UInt8) -> Bool {
        let (last, over) = (output - 1).multipliedReportingOverflow(by: Int(stride))
        return !over && last - Int(pad) < input
    }
}
