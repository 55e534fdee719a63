// When a packed network counts as ruined: a rule for each measure, beyond what chance explains. What is told of it is
// PagefoldExperiments's.

public import PagefoldEngine

/// Why a network counts as ruined (docs/job-file.md, "When a network is ruined").
public enum Ruin: Hashable, Sendable {
    /// It has lost more than `Ruin.mostLoss`, and two standard errors of the difference beyond that.
    case loss
    /// It is no better than one that knows nothing, and its original is.
    case chance

    /// Five points, as `Measure.gain` counts: of accuracy; hundredths of the area under the curve; 10 % of the outputs'
    /// spread; 15 points of agreement, where there are no labels.
    public static let mostLoss = 0.05
    /// Standard errors that chance is allowed.
    static let errors = 2.0
}

extension Measure {
    /// What a network has that knows nothing of its samples: the share of the commonest label, half of the area under the
    /// curve, an error as large as the spread; nil for agreement, where nobody knows it.
    /// - Parameter labels: of the samples looked at; −1 stands for none.
    public static func chance(_ unit: Unit, labels: some Sequence<Int32>) -> Double? {
        switch unit {
        case .accuracy:
            var counts: [Int32: Int] = [:]
            for label in labels where label >= 0 { counts[label, default: 0] += 1 }
            let all = counts.values.reduce(0, +)
            return counts.values.max().map { Double($0) / Double(all) }
        case .areaUnderCurve: return 0.5
        case .relativeError: return 1
        case .agreement: return nil
        }
    }

    /// Whether it falls short of chance, or is above it by no more than chance explains.
    /// - Parameter errors: standard errors that are allowed.
    public func isNoBetter(than chance: Double, errors: Double = 2) -> Bool {
        unit.isBetterHigher
            ? value <= chance + errors * standardError : value >= chance - errors * standardError
    }

    /// Why a packed network with this measure is ruined; nil where it is whole.
    /// - Parameters:
    ///   - baseline: what it is compared with.
    ///   - chance: nil: not known.
    public func ruin(from baseline: Measure, chance: Double?) -> Ruin? {
        let error = (gainError * gainError + baseline.gainError * baseline.gainError).squareRoot()
        if -gain(over: baseline) > Ruin.mostLoss + Ruin.errors * error { return .loss }
        guard let chance, isNoBetter(than: chance, errors: 0), !baseline.isNoBetter(than: chance) else {
            return nil
        }
        return .chance
    }
}

extension PackingTask {
    /// What a network has on the validation samples that knows nothing.
    func chance(_ unit: Measure.Unit, looks: Looks) -> Double? {
        Measure.chance(unit, labels: spread(looks.samples, of: validation.count).lazy.map(validation.label))
    }
}
