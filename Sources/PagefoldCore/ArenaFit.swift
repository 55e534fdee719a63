// Places in one small arena for values that live for some time: those that are never alive together may overlap.

/// A value's size, the step that writes it and the last step that reads it.
package struct Lifetime {
    package let count: Int
    package let birth: Int
    package let lastUse: Int

    package init(count: Int, birth: Int, lastUse: Int) {
        self.count = count
        self.birth = birth
        self.lastUse = lastUse
    }
}

/// Where each value begins: the first gap that it fits into, in the order in which values are written.
/// - Parameter values: by rising birth.
package func firstFit(_ values: [Lifetime]) -> [Int] {
    var offsets = [Int]()
    var live: [(lastUse: Int, range: Range<Int>)] = []
    for value in values {
        live.removeAll { $0.lastUse < value.birth }
        live.sort { $0.range.lowerBound < $1.range.lowerBound }
        var start = 0
        for taken in live {
            if taken.range.lowerBound - start >= value.count { break }
            start = max(start, taken.range.upperBound)
        }
        offsets.append(start)
        live.append((value.lastUse, start..<start + value.count))
    }
    return offsets
}

extension Program {
    /// For each value the last step that reads it; 0 where none does.
    package func lastUses() -> [Int] {
        var lastUse = [Int](repeating: 0, count: values.count)
        for (index, step) in steps.enumerated() {
            lastUse[Int(step.input)] = index
            if step.secondInput != Step.none16 { lastUse[Int(step.secondInput)] = index }
        }
        return lastUse
    }
}
