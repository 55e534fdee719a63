// Where each value of a program lives in one small arena: values that are never alive together may overlap.

import PagefoldCore

extension Program {
    /// Plans the arena, first fit in the order of the steps. Answer and logits stay alive to the end.
    mutating func planArena() {
        var lastUse = [Int](repeating: 0, count: values.count)
        for (index, step) in steps.enumerated() {
            lastUse[Int(step.input)] = index
            if step.secondInput != Step.none16 { lastUse[Int(step.secondInput)] = index }
        }
        lastUse[output] = steps.count
        lastUse[logits] = steps.count

        var offsets = [Int](repeating: 0, count: values.count)
        var live: [(value: Int, range: Range<Int>)] = [(0, 0..<values[0].count)]
        for (index, step) in steps.enumerated() {
            let output = Int(step.output)
            live.removeAll { lastUse[$0.value] < index }
            live.sort { $0.range.lowerBound < $1.range.lowerBound }
            var start = 0
            for taken in live {
                if taken.range.lowerBound - start >= values[output].count { break }
                start = max(start, taken.range.upperBound)
            }
            offsets[output] = start
            live.append((output, start..<start + values[output].count))
        }
        arenaOffsets = offsets
    }
}
