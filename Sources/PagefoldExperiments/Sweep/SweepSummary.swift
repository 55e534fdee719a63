// What a sweep says at its end, for people and for machines. The whole story of each run is in its record.

import Foundation
import PagefoldReport

/// All runs of a sweep, one line each.
struct SweepSummary: Codable {
    struct Run: Codable {
        var name: String
        var parameters: [String: String]
        /// Path of the record.
        var record: String
        var bytes: Int?
        /// Float32 bytes of the originals for one byte of the fold file.
        var ratio: Double?
        /// Points of accuracy over the networks with labels: on test samples where they were looked at, else on
        /// validation samples.
        var meanDifference: Double?
        var worstDifference: Double?
        /// The lowest among networks without labels, 0 … 1.
        var leastAgreement: Double?
        var seconds: Double?
        /// Why there is nothing else.
        var error: String?

        /// From the run's record.
        init(_ run: SweepRun) {
            name = run.name
            parameters = run.parameters
            record = run.record
            switch run.outcome() {
            case .packed(let record):
                bytes = record.bytes
                ratio = record.ratio
                meanDifference = record.meanDifference
                worstDifference = record.worstDifference
                leastAgreement = record.leastAgreement
                seconds = record.seconds
            case .failed(let failure): error = failure.error
            case nil: error = "there is no record"
            }
        }
    }
    var command: [String]
    var folder: String
    var runs: [Run]

    var failures: Int { runs.count { $0.error != nil } }

    var text: String {
        func number(_ value: Double?, _ format: String) -> String {
            value.map { String(format: format, $0) } ?? "–"
        }
        var table = TextTable(["run", "bytes", "ratio", "mean", "worst", "agreement %", "seconds"])
        for run in runs {
            table.add([
                run.name, run.bytes.map(grouped) ?? "–", number(run.ratio, "%.2fx"),
                number(run.meanDifference, "%+.2f"), number(run.worstDifference, "%+.2f"),
                percent(run.leastAgreement), number(run.seconds, "%.0f"),
            ])
        }
        let errors = runs.compactMap { run in run.error.map { "\(run.name): \($0)" } }
        let count = "\(runs.count - errors.count) of \(runs.count) runs have records in \(folder)"
        return ([table.text] + errors + [count]).joined(separator: "\n")
    }
}
