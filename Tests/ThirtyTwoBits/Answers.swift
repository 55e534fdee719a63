// Reads a fold file where Int has 32 bits: as it is, and with every byte of its tables, programs and texts forged.

/// - Returns: a checksum over what all networks answer to made-up samples; 0 where the file is refused.
@_cdecl("pagefold_answers")
public func answers(_ start: UnsafeRawPointer, _ count: Int) -> UInt32 {
    guard let reader = try? FoldReader(UnsafeRawBufferPointer(start: start, count: count)) else { return 0 }
    var sum = CRC32C()
    for network in reader.networks {
        let program = network.program
        guard program.arenaCount < 1 << 18, program.stateCount < 1 << 12, program.steps.count < 64 else {
            continue
        }
        let arena = UnsafeMutablePointer<Float>.allocate(capacity: program.arenaCount + 1)
        let states = UnsafeMutablePointer<Float>.allocate(capacity: program.stateCount + 1)
        states.initialize(repeating: 0, count: program.stateCount + 1)
        let interpreter = Interpreter(
            program: program, weights: network.weights, arena: arena, states: states)
        for input in 0..<program.inputs {
            for i in 0..<program.values[input].count {
                interpreter.input(at: input)[i] = Float(i * 7 % 11) / 11
            }
        }
        interpreter.run()
        for output in 0..<program.outputs.count {
            let bytes = UnsafeRawBufferPointer(
                start: interpreter.output(at: output),
                count: 4 * program.values[program.outputs[output].value].count)
            sum.update(bytes)
        }
        arena.deallocate()
        states.deallocate()
    }
    return sum.value | 1
}

@_cdecl("pagefold_checksum")
public func checksum(_ start: UnsafeRawPointer, _ count: Int) -> UInt32 {
    CRC32C.checksum(UnsafeRawBufferPointer(start: start, count: count))
}
