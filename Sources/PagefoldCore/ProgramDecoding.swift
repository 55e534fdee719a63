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
                throw fail("step \(i) (\(step.opcode.spec.name)): \(problem)")
            }
            written[Int(step.output)] = true
        }
        guard written[logits], written[output] else { throw fail("its answer is never computed") }
        let bytes = ArenaPlan(self).byteCount
        guard bytes / 4 <= FoldFormat.largestArena else {
            throw fail("its values need \(bytes) bytes at a time")
        }
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
