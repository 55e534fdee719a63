// A program from the bytes of a fold file, as ProgramEncoding.swift writes them. Everything that a step will touch is
// checked here, so that running a decoded program cannot leave its buffers.

extension Program {
    init(decoding bytes: UnsafeRawBufferPointer, network: Int) throws(FoldError) {
        func fail(_ problem: String) -> FoldError { FoldError("program", network: network, problem) }
        var reader = NumberReader(bytes)
        do throws(NumberReader.Failure) {
            let counts = (values: Int(try reader.next()), steps: Int(try reader.next()))
            guard counts.values > 0, counts.values <= FoldFormat.mostValues,
                counts.steps <= FoldFormat.mostValues
            else { throw NumberReader.Failure("\(counts.values) values and \(counts.steps) steps") }
            let (paged, weights) = (Int(try reader.next()), Int(try reader.next()))
            let (logits, output) = (Int(try reader.next()), Int(try reader.next()))
            var values = [Shape]()
            var offsets = [Int]()
            for index in 0..<counts.values {
                let (shape, offset) = try reader.value(index)
                values.append(shape)
                offsets.append(offset)
            }
            var steps = [Step]()
            for _ in 0..<counts.steps { steps.append(try reader.step(after: steps)) }
            try reader.requireEnd()
            self.init(
                values: values, arenaOffsets: offsets, steps: steps, logits: logits, output: output,
                pagedCount: paged, weightCount: weights)
        } catch { throw fail(error.problem) }
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

/// Reads what `NumberWriter` writes.
private struct NumberReader {
    struct Failure: Error {
        let problem: String
        init(_ problem: String) { self.problem = problem }
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() throws(Failure) -> UInt32 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < bytes.count else { throw Failure("cut short") }
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7F) << shift
            guard number <= UInt32.max else { throw Failure("a number of more than 32 bits") }
            if byte < 0x80 { return UInt32(number) }
            shift += 7
            guard shift < 35 else { throw Failure("a number of more than five bytes") }
        }
    }

    func requireEnd() throws(Failure) {
        guard position == bytes.count else { throw Failure("\(bytes.count) bytes, \(position) are due") }
    }

    /// The shape of a value and where it begins in the arena.
    mutating func value(_ index: Int) throws(Failure) -> (Shape, offset: Int) {
        let shape = Shape(channels: Int(try next()), height: Int(try next()), width: Int(try next()))
        let offset = Int(try next())
        let largest = FoldFormat.largestArena
        guard shape.channels > 0, shape.height > 0, shape.width > 0, shape.channels <= largest,
            shape.height <= largest / shape.channels,
            shape.width <= largest / shape.channels / shape.height, offset <= largest - shape.count
        else { throw Failure("value \(index) has an impossible shape") }
        return (shape, offset)
    }

    mutating func step(after steps: [Step]) throws(Failure) -> Step {
        let index = steps.count
        let code = try next()
        guard let opcode = UInt8(exactly: code).flatMap(Opcode.init) else {
            throw Failure("step \(index): unknown opcode \(code)")
        }
        let present = try next()
        guard present >> UInt32(Step.fieldCount) == 0 else { throw Failure("step \(index): unknown fields") }
        var numbers = [UInt32]()
        for _ in 0..<present.nonzeroBitCount { numbers.append(try next()) }
        if present & 1 == 1, UInt8(exactly: numbers[0]).flatMap(Activation.init) == nil {
            throw Failure("step \(index): unknown activation \(numbers[0])")
        }
        var step = Step(usualAt: index, in: steps)
        step.opcode = opcode
        var fields = FieldReader(present: present, numbers: numbers)
        step.visit(&fields, usual: step)
        guard fields.isSound else { throw Failure("step \(index): a number is too large for its field") }
        return step
    }
}

private struct FieldReader: StepFields {
    let present: UInt32
    let numbers: [UInt32]
    var isSound = true
    private var field: UInt32 = 0
    private var taken = 0

    init(present: UInt32, numbers: [UInt32]) {
        self.present = present
        self.numbers = numbers
    }

    mutating func visit<Number: FixedWidthInteger & UnsignedInteger>(_ value: inout Number, usual: Number) {
        defer { field += 1 }
        guard present >> field & 1 == 1 else { return value = usual }
        guard let number = Number(exactly: numbers[taken]) else { return isSound = false }
        value = number
        taken += 1
    }
}
