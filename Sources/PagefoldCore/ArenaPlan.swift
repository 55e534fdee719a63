// Places in one arena for values that live for some time: those that are never alive together may overlap. Everyone
// who runs programs plans with it.

/// Hands out places in an arena, in bytes.
public struct ArenaPlan: Sendable {
    private struct Taken {
        let range: Range<Int64>
        let lastUse: Int
    }

    private let alignment: Int64
    /// By rising place.
    private var live: [Taken] = []
    private var top: Int64 = 0
    /// The first byte of each value of the program that was planned; -1 for one that never has a place.
    public private(set) var values: [Int] = []

    /// - Parameter alignment: every place begins at a multiple of so many bytes.
    public init(alignment: Int) { self.alignment = Int64(alignment) }

    /// Bytes of the arena so far.
    public var byteCount: Int { Int(clamping: top) }

    /// The first gap that is free from the step that writes a value to the last one that reads it. Values are placed by
    /// rising birth.
    public mutating func place(_ bytes: Int, birth: Int, lastUse: Int) -> Int {
        live.removeAll { $0.lastUse < birth }
        var start: Int64 = 0
        var index = 0
        while index < live.count, live[index].range.lowerBound - start < Int64(bytes) {
            start = max(start, aligned(live[index].range.upperBound))
            index += 1
        }
        live.insert(Taken(range: start..<start + Int64(bytes), lastUse: lastUse), at: index)
        top = max(top, start + Int64(bytes))
        return Int(clamping: start)
    }

    /// A place behind all others, for as long as the arena lives.
    /// - Parameter alignment: where it is stricter than the plan's.
    public mutating func append(_ bytes: Int, alignment: Int = 1) -> Int {
        let unit = max(Int64(alignment), self.alignment)
        let start = (top + unit - 1) / unit * unit
        top = start + Int64(bytes)
        return Int(clamping: start)
    }

    private func aligned(_ place: Int64) -> Int64 { (place + alignment - 1) / alignment * alignment }
}

extension ArenaPlan {
    /// Places for the values of a program, first fit: inputs and states, then in the order of its steps. Answers, their
    /// scores and what becomes a state stay alive to the end. A reshape's result has the place of its operand: they are
    /// the same numbers, and no step changes a value that has been written.
    /// - Parameters:
    ///   - pools: step → max-pool's step: those that are computed together (`Program.fusedPools`). What lies between
    ///     them has no place; the pool's result is written while the step's operand is read.
    ///   - samples: computed together.
    ///   - alignment: in bytes.
    public init(_ program: Program, fusing pools: [Int: Int] = [:], samples: Int = 1, alignment: Int = 4) {
        self.init(alignment: alignment)
        var lastUse = program.lastUses()
        // The value in whose place another one lies.
        var holders = Array(program.values.indices)
        for step in program.steps where step.opcode == .reshape {
            let holder = holders[Int(step.input)]
            holders[Int(step.output)] = holder
            lastUse[holder] = max(lastUse[holder], lastUse[Int(step.output)])
        }
        let skipped = Set(pools.values)
        values = [Int](repeating: -1, count: program.values.count)
        func size(_ value: Int) -> Int {
            program.values[value].count * samples * MemoryLayout<Float>.size
        }
        for given in 0..<program.givenCount {
            values[given] = place(size(given), birth: -1, lastUse: lastUse[given])
        }
        for index in program.steps.indices where !skipped.contains(index) {
            let value = Int(program.steps[pools[index] ?? index].output)
            let holder = holders[value]
            values[value] =
                holder == value
                ? place(size(value), birth: index, lastUse: lastUse[value]) : values[holder]
        }
    }
}

extension Program {
    /// Floats of activations that the interpreter needs for one sample. Planned at each call.
    public var arenaCount: Int { ArenaPlan(self).byteCount / MemoryLayout<Float>.size }
}
