// Parting a training set into training and validation. The test set is a file of its own and never parted.
import PagefoldCore

/// Indices of the samples to train on and to validate with, each in rising order.
public struct Split: Sendable, Equatable {
    public let training: [Int]
    public let validation: [Int]

    /// Takes about `validationFraction` of the samples for validation, the same ones for the same seed.
    ///
    /// All samples of a group (`groups`, else `origins`) stay on one side. When every group holds one class
    /// only (or there are no groups), each class gives its share; otherwise groups are drawn from one pot.
    /// As long as there are two groups and the fraction is above 0, neither side is empty.
    /// Precondition: the fraction is in `0 ..< 1`.
    public init(of dataset: Dataset, validationFraction: Double, seed: UInt64) {
        precondition((0..<1).contains(validationFraction))
        let parts = Split.parts(of: dataset)
        var generator = RandomSource(seed: seed)
        var validation: [Int] = []
        var chosen: Set<Int> = []
        if validationFraction > 0, parts.count > 1 {
            for stratum in Split.strata(parts, labels: dataset.labels) {
                chosen.formUnion(Split.draw(stratum, of: parts, validationFraction, &generator))
            }
            // Small strata may all round to nothing, or to everything.
            if chosen.isEmpty { chosen.insert(generator.below(parts.count)) }
            if chosen.count == parts.count { chosen.remove(generator.below(parts.count)) }
        }
        for part in chosen { validation += parts[part] }
        validation.sort()
        let held = Set(validation)
        self.validation = validation
        training = (0..<dataset.count).filter { !held.contains($0) }
    }

    /// Sample indices of each group, in the order of first appearance.
    private static func parts(of dataset: Dataset) -> [[Int]] {
        guard let keys = dataset.groups ?? dataset.origins else { return (0..<dataset.count).map { [$0] } }
        var place: [Int32: Int] = [:]
        var parts: [[Int]] = []
        for (index, key) in keys.enumerated() {
            if let part = place[key] {
                parts[part].append(index)
            } else {
                place[key] = parts.count
                parts.append([index])
            }
        }
        return parts
    }

    /// The parts of each class, or one stratum of all when a part holds several classes.
    private static func strata(_ parts: [[Int]], labels: [Int32]?) -> [[Int]] {
        guard let labels else { return [Array(parts.indices)] }
        var byClass: [Int32: [Int]] = [:]
        for (number, part) in parts.enumerated() {
            let label = labels[part[0]]
            guard part.allSatisfy({ labels[$0] == label }) else { return [Array(parts.indices)] }
            byClass[label, default: []].append(number)
        }
        return byClass.keys.sorted().compactMap { byClass[$0] }
    }

    /// Shuffles a stratum and takes parts as long as each brings the number of samples nearer to the target.
    private static func draw(
        _ stratum: [Int], of parts: [[Int]], _ fraction: Double, _ generator: inout RandomSource
    ) -> [Int] {
        var shuffled = stratum
        shuffled = generator.permutation(stratum.count).map { stratum[$0] }
        let total = stratum.reduce(0) { $0 + parts[$1].count }
        let target = fraction * Double(total)
        var taken = 0
        return shuffled.filter { part in
            let size = parts[part].count
            guard Double(taken) + Double(size) / 2 <= target else { return false }
            taken += size
            return true
        }
    }
}
