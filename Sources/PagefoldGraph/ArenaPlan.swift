// Where each value of a program lives in the arena of one sample.

import PagefoldCore

extension Program {
    /// Plans the arena, first fit in the order of the steps. Answer and logits stay alive to the end.
    mutating func planArena() {
        var lastUse = lastUses()
        lastUse[output] = steps.count
        lastUse[logits] = steps.count
        let order = [0] + steps.map { Int($0.output) }
        let offsets = firstFit(
            order.enumerated().map { place, value in
                Lifetime(count: values[value].count, birth: place - 1, lastUse: lastUse[value])
            })
        arenaOffsets = [Int](repeating: 0, count: values.count)
        for (value, offset) in zip(order, offsets) { arenaOffsets[value] = offset }
    }
}
