// Measures in words, each in its own unit: what tables and progress say.

import Foundation
public import PagefoldReport

extension PackRecord.Score {
    /// Such as `98.72 %`, `0.912`, `3.10 % of the spread`.
    public var text: String {
        switch unit {
        case .accuracy, .agreement: String(format: "%.2f %%", 100 * measure)
        case .areaUnderCurve: String(format: "%.3f", measure)
        case .relativeError: String(format: "%.2f %% of the spread", 100 * measure)
        }
    }

    /// The difference from before, such as `−0.28 points`; more error has a plus.
    public func change(from before: PackRecord.Score) -> String {
        let difference = measure - before.measure
        return switch unit {
        case .accuracy, .agreement: String(format: "%+.2f points", 100 * difference)
        case .areaUnderCurve: String(format: "%+.3f", difference)
        case .relativeError: String(format: "%+.2f %% of the spread", 100 * difference)
        }
    }
}

extension PackRecord.Score.Unit {
    /// What tables call it.
    public var text: String {
        switch self {
        case .accuracy: "accuracy"
        case .agreement: "agreement"
        case .areaUnderCurve: "area under the curve"
        case .relativeError: "error"
        }
    }
}
