// What packing did to each network, for the table at the end; which ones it ruined, and what can be done. Values only:
// commands print them.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldPacking
public import PagefoldReport

extension PackRecord {
    /// One network before and after, each measure in its own unit.
    public struct Change: Hashable, Sendable {
        public var network: String
        /// Such as `accuracy`.
        public var measure: String
        public var before: String
        public var after: String
        public var change: String
        /// Share of the answers that are the original's; nil where answers are no classes.
        public var agreement: Double?
        /// What a quantised file's own arithmetic has; nil for others.
        public var quantised: String?
        /// Why it is ruined; nil where it is whole.
        public var ruin: String?
    }

    /// A row for each network.
    public var changes: [Change] {
        networks.map { network in
            Change(
                network: network.name, measure: network.original.unit.text, before: network.original.text,
                after: network.packed.text, change: network.packed.change(from: network.original),
                agreement: network.packed.agreement, quantised: network.quantised?.text, ruin: network.ruin)
        }
    }

    /// Names of the networks that are ruined.
    public var ruinedNetworks: [String] { networks.filter { $0.ruin != nil }.map(\.name) }

    /// A line for each network that is ruined, and what can be done.
    public var warnings: [String] {
        let lines = changes.compactMap { row in
            row.ruin.map { "\(row.network) is ruined: \($0) (\(row.before) before, \(row.after) after)" }
        }
        guard !lines.isEmpty else { return [] }
        return lines + ["more steps or a larger budget may help; --max-loss refuses such a fold"]
    }

    /// The smallest bytes that a trial of the budget search supports, in words that say no more than the trials do; nil
    /// where the budget itself is all that they support, or nothing was tried.
    public var suggestion: String? {
        let tried = (search ?? []).filter { $0.mean != nil && $0.ruined != nil }
        guard !tried.isEmpty else { return nil }
        let whole = tried.filter { $0.ruined?.isEmpty == true }
        guard let least = whole.min(by: { ($0.bytes, $1.steps) < ($1.bytes, $0.steps) }) else {
            let apart = (withoutSharing ?? [:]).sorted { $0.value < $1.value }
                .map { "\($0.value) bytes as \($0.key)" }
            return "no trial at this budget left every network whole"
                + (apart.isEmpty
                    ? ""
                    : "; without any sharing they take \(apart.joined(separator: ", ")), which was not tried")
        }
        let what =
            "\(least.format) after \(least.steps) steps, worst network "
            + String(format: "%+.2f points", 100 * (least.worst ?? 0))
        if !ruinedNetworks.isEmpty, least.verdict != Verdict.chosen.text {
            return
                "a trial left every network whole: \(what), in \(least.bytes) bytes: format: \(least.format)"
        }
        guard least.bytes < bytes * 95 / 100 else { return nil }
        return
            "the smallest budget that a trial supports is \(least.bytes) bytes (\(what)): budget: \(least.bytes)"
    }
}

extension Ruin {
    /// As warnings and records have it.
    func text(chance: Double?, unit: PackRecord.Score.Unit) -> String {
        switch self {
        case .loss:
            switch unit {
            case .accuracy: "it has lost more than 5 points of accuracy beyond what chance explains"
            case .agreement: "more than 15 of 100 answers are others, beyond what chance explains"
            case .areaUnderCurve:
                "it has lost more than 0.05 of the area under the curve beyond what chance explains"
            case .relativeError:
                "its error has grown by more than 10 % of the spread beyond what chance explains"
            }
        case .chance:
            switch unit {
            case .accuracy, .agreement:
                "it is no better than always the commonest answer"
                    + (chance.map { String(format: " (%.2f %%)", 100 * $0) } ?? "")
            case .areaUnderCurve: "it is no better than guessing (0.5)"
            case .relativeError: "its error is as large as the spread of the outputs"
            }
        }
    }
}
