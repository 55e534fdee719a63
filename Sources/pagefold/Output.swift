// How commands speak: tables and JSON on standard output, progress on standard error. No command logic.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldExperiments
import PagefoldReport

extension CommonOptions {
    func engine() -> Engine {
        threads.map { Engine(threads: $0) } ?? .onAllProcessors()
    }
}

func printJSON(_ value: some Encodable) throws { try say(try jsonText(value)) }

/// Writes a line to standard output.
/// - Throws: `InputError` where it cannot be written, as on a full disk.
func say(_ text: String) throws {
    do { try FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8)) } catch {
        throw InputError(
            .part("standard output"), field: "writing",
            problem: "it cannot be written: \(String(cString: strerror(errno)))",
            remedy: "make room, or send it to another place")
    }
}

/// Writes a line to standard error, where that can be written.
func warn(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
}

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
