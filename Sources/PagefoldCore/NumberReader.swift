// The numbers of a program's section one after the other, as PagefoldFold's NumberWriter writes them. Whether a program makes
// sense is not asked here (ProgramDecoding).

/// Reads what `NumberWriter` writes.
struct NumberReader {
    struct Failure: Error {
        let problem: String
        init(_ problem: String) { self.problem = problem }
    }

    private let bytes: UnsafeRawBufferPointer
    /// What the section says that is not usual.
    private(set) var form: ProgramForm = []
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

    /// A number that is a count or an index.
    /// - Parameter limit: below 2³¹, so that the number is an Int of 32 bits too.
    mutating func count(atMost limit: Int, _ what: String) throws(Failure) -> Int {
        let number = try next()
        guard number <= UInt32(limit) else { throw Failure("\(number) \(what), at most \(limit)") }
        return Int(number)
    }

    func requireEnd() throws(Failure) {
        guard position == bytes.count else { throw Failure("\(bytes.count) bytes, \(position) are due") }
    }

    /// What a program's section holds up to its ports.
    mutating func program() throws(Failure) -> Program {
        let values = try count(atMost: FoldFormat.mostValues, "values")
        let steps = try count(atMost: FoldFormat.mostValues, "steps")
        let paged = try count(atMost: FoldFormat.mostWeights, "paged weights")
        let weights = try count(atMost: FoldFormat.mostWeights, "weights")
        form = ProgramForm(rawValue: try next())
        guard form.isSubset(of: .all) else { throw Failure("unknown fields") }
        let most = FoldFormat.mostPorts
        var program = Program(
            values: [], inputs: form.contains(.inputs) ? try count(atMost: most, "inputs") : 1, steps: [],
            outputs: [], pagedCount: paged, weightCount: weights)
        if form.contains(.states) {
            for _ in 0..<(try count(atMost: most, "states")) { program.states.append(try value()) }
        }
        if form.contains(.outputs) {
            for _ in 0..<(try count(atMost: most, "outputs")) {
                program.outputs.append(ProgramOutput(value: try value(), scores: try value()))
            }
        }
        for index in 0..<values { program.values.append(try shape(index)) }
        for _ in 0..<steps {
            program.steps.append(try step(after: program.steps, given: program.givenCount))
        }
        if !form.contains(.outputs) { program.outputs = [Program.usualOutput(of: program.steps)] }
        return program
    }

    private mutating func value() throws(Failure) -> Int {
        try count(atMost: FoldFormat.mostValues, "as a value")
    }

    private mutating func shape(_ index: Int) throws(Failure) -> Shape {
        let largest = FoldFormat.largestArena
        let shape = Shape(
            channels: try count(atMost: largest, "channels"), height: try count(atMost: largest, "rows"),
            width: try count(atMost: largest, "columns"))
        guard shape.channels > 0, shape.height > 0, shape.width > 0,
            shape.height <= largest / shape.channels,
            shape.width <= largest / shape.channels / shape.height
        else { throw Failure("value \(index) has an impossible shape") }
        return shape
    }

    private mutating func step(after steps: [Step], given: Int) throws(Failure) -> Step {
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
        var step = Step(usualAt: index, in: steps, given: given)
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
