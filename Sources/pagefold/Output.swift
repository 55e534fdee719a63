// How commands speak: tables and JSON on standard output, progress on standard error. No command logic.

import Foundation
import PagefoldEngine
import PagefoldExperiments
import PagefoldPacking
import PagefoldReport

extension CommonOptions {
    func engine() -> Engine {
        threads.map { Engine(threads: $0) } ?? .onAllProcessors()
    }
}

func printJSON(_ value: some Encodable) throws { print(try jsonText(value)) }

/// Rows of text in columns: the first flush left, the others flush right.
struct TextTable {
    private var rows: [[String]]

    init(_ header: [String]) { rows = [header] }

    mutating func add(_ row: [String]) { rows.append(row) }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let lines = rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }.joined(separator: "  ").trimmingEnd()
        }
        let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(columns - 1, 0))
        return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}

func percent(_ share: Double?) -> String {
    share.map { String(format: "%.2f", 100 * $0) } ?? "–"
}

func points(_ difference: Double) -> String { String(format: "%+.2f", 100 * difference) }

func grouped(_ number: Int) -> String {
    var text = ""
    for (index, digit) in String(number).reversed().enumerated() {
        if index > 0 && index % 3 == 0 && digit != "-" { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}

/// Shows packing events: a bar that is redrawn on a terminal, plain lines elsewhere.
final class ProgressLine {
    private let names: [String]
    private let prefix: String
    private let drawsBar: Bool
    private var start = Date()
    private var firstStep: Int?
    private var lastDraw = Date.distantPast
    private var isTrial = false
    /// Mean accuracy at the last look.
    private var accuracy = ""

    /// - Parameter prefix: stands before each line of one of several runs at once; there is no bar then.
    init(names: [String], prefix: String = "") {
        self.names = names
        self.prefix = prefix
        drawsBar = prefix.isEmpty && isatty(STDERR_FILENO) == 1
    }

    func show(_ event: PackingEvent) {
        switch event {
        case .warned(let text): line("warning: \(text)")
        case .trying(let point):
            isTrial = true
            line(
                "trying \(point.format): \(point.frames) frames of \(point.page) weights, "
                    + String(format: "%.2f pages on a frame", point.sharing))
        case .tried(let point):
            isTrial = point.verdict == .open
            line(
                point.mean == nil
                    ? "\(point.format) is the only choice"
                    : "\(point.format) after \(point.steps) steps: mean \(points(point.mean ?? 0)), worst "
                        + "\(points(point.worst ?? 0))  \(point.verdict.text)")
        case .stage where isTrial, .matched where isTrial, .evaluated where isTrial: break
        case .stage(let stage): line(stage.text)
        case .matched(let frames, let loss):
            line("matched onto \(frames) frames, second-order loss \(String(format: "%.4g", loss))")
        case .resumed(let step): line("goes on from the checkpoint at step \(step)")
        case .stepped(let step, let total, let losses): draw(step, total, losses)
        case .evaluated(let evaluated, let isBest):
            let measures = evaluated.measures.map(\.value)
            let mean = measures.reduce(0, +) / Double(max(measures.count, 1))
            accuracy = "accuracy \(percent(mean)) %  "
            let scores = zip(names, measures).map { "\($0) \(percent($1))" }.joined(separator: ", ")
            line("step \(evaluated.step): \(scores)\(isBest ? "  (kept)" : "")")
        case .rolledBack(let step, let scale):
            line("not finite: back to step \(step), learning rate × \(scale)")
        }
    }

    func line(_ text: String) {
        let clear = drawsBar ? "\r\u{1B}[K" : ""
        FileHandle.standardError.write(Data("\(clear)\(prefix)\(text)\n".utf8))
    }

    private func draw(_ step: Int, _ total: Int, _ losses: [Float]) {
        guard drawsBar, Date().timeIntervalSince(lastDraw) > 0.2 else { return }
        if firstStep == nil || step < firstStep! {
            firstStep = step
            start = Date()
        }
        lastDraw = Date()
        let done = max(step - (firstStep ?? 0), 1)
        let left = Date().timeIntervalSince(start) / Double(done) * Double(total - step)
        let filled = total > 0 ? 24 * step / total : 24
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
        let loss = losses.reduce(0, +) / Float(max(losses.count, 1))
        let text =
            "\(bar) \(step)/\(total)  " + String(format: "loss %.3f  ", loss) + accuracy
            + String(format: "%.0f s left", left)
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8))
    }
}

/// A column that says what quantised files score in their own arithmetic, where there are such files.
struct QuantisedColumn {
    private let isShown: Bool

    init(_ scores: [PackRecord.Score?]) { isShown = scores.contains { $0 != nil } }

    var title: [String] { isShown ? ["as quantised %"] : [] }

    func cell(_ score: PackRecord.Score?) -> [String] {
        isShown ? [score.map { percent($0.measure) } ?? ""] : []
    }
}

/// A column that says what each network is measured by, where that is not the accuracy of all.
struct MeasureColumn {
    private let isShown: Bool

    init(_ units: [PackRecord.Score.Unit]) { isShown = units.contains { $0 != .accuracy } }

    var title: [String] { isShown ? ["measure"] : [] }

    func cell(_ unit: PackRecord.Score.Unit?) -> [String] {
        isShown ? [unit?.rawValue.replacing("_", with: " ") ?? ""] : []
    }
}
