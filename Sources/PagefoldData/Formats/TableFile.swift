// A table in a text file: cells between commas, semicolons or tabs, quoted as RFC 4180 says. What columns mean is
// TableLayout's.
import PagefoldCore

/// The cells of a CSV or TSV file, as texts that still lie in the file.
struct TableFile {
    /// Where the cells of a row lie, and its line in the file, from 1.
    struct Row {
        let line: Int
        let cells: ArraySlice<Range<Int>>
    }

    /// Names of the columns; empty where the file has no header.
    let header: [String]
    /// All rows but the header; as many cells in each.
    let rows: [Row]
    let columnCount: Int
    private let bytes: [UInt8]
    let separator: UInt8
    let file: String

    /// Whether the name is that of a table, gzipped or not.
    static func isTable(_ path: String) -> Bool {
        let name = path.lowercased()
        return [".csv", ".tsv", ".csv.gz", ".tsv.gz"].contains { name.hasSuffix($0) }
    }

    /// Reads a file's content (expanded). Throws InputError naming the line where the rows differ in length, where a
    /// quote does not end, or where there is no row.
    /// - Parameter hasHeader: nil: where some cell of the first row is no number and the one below it is.
    init(_ content: [UInt8], hasHeader: Bool?, file: String) throws(InputError) {
        // Excel on Windows puts a mark in front, and may write UTF-16.
        guard !content.starts(with: [0xff, 0xfe]), !content.starts(with: [0xfe, 0xff]) else {
            throw InputError(
                file: file, field: "text", problem: "it is UTF-16", remedy: "save it as UTF-8 CSV")
        }
        let start = content.hasBytes([0xef, 0xbb, 0xbf]) ? 3 : 0
        bytes = content
        self.file = file
        separator = TableFile.separator(of: content[start...])
        let (cells, ends) = try TableFile.split(content, from: start, separator, file: file)
        guard let first = ends.first else {
            throw InputError(
                file: file, field: "rows", problem: "it has none", remedy: "give a table with samples")
        }
        columnCount = first.end
        var rows: [Row] = []
        rows.reserveCapacity(ends.count)
        var begin = 0
        for (end, line) in ends {
            guard end - begin == columnCount else {
                throw InputError(
                    file: file, field: "line \(line)",
                    problem: "has \(end - begin) cells where line \(ends[0].line) has \(columnCount)",
                    remedy: "give each row as many cells")
            }
            rows.append(Row(line: line, cells: cells[begin..<end]))
            begin = end
        }
        func text(_ range: Range<Int>) -> String { TableFile.text(content, range) }
        let comma = separator != UInt8(ascii: ",")
        let isHeader =
            hasHeader
            ?? (rows.count > 1
                && zip(rows[0].cells, rows[1].cells).contains {
                    TableFile.number(text($0), comma) == nil && TableFile.number(text($1), comma) != nil
                })
        header = isHeader ? rows[0].cells.map(text) : []
        self.rows = isHeader ? Array(rows.dropFirst()) : rows
        guard !self.rows.isEmpty else {
            throw InputError(
                file: file, field: "rows", problem: "it has a header and no rows",
                remedy: "give a table with samples")
        }
    }

    /// The text of a cell, quotes taken away, without spaces around it.
    func text(_ row: Row, _ column: Int) -> String {
        TableFile.text(bytes, row.cells[row.cells.startIndex + column])
    }

    /// The number in a cell. Throws InputError naming line and column where it is none.
    func number(_ row: Row, _ column: Int) throws(InputError) -> Float {
        let text = text(row, column)
        let number = TableFile.number(text, separator != UInt8(ascii: ","))
        guard let number, number.isFinite else {
            throw InputError(
                file: file, field: "line \(row.line), column \(name(of: column))",
                problem: text.isEmpty ? "is empty" : "\"\(text.prefix(40))\" is no finite number",
                remedy: text.isEmpty || number != nil || text.lowercased() == "nan"
                    ? "fill in the number, or remove the row"
                    : "give a number, or name the columns that are features: columns: [a, b]; "
                        + "a column of text can be label or group")
        }
        return number
    }

    /// A column as messages name it.
    func name(of column: Int) -> String {
        header.isEmpty ? "\(column)" : "\(column) (\"\(header[column])\")"
    }

    /// A column by its name, else by its number from 0, else from the end: −1 is the last.
    func column(_ name: String, field: String, jobFile: String) throws(InputError) -> Int {
        let places = header.indices.filter { header[$0] == name }
        if places.count == 1 { return places[0] }
        if places.isEmpty, let number = Int(name), (-columnCount..<columnCount).contains(number) {
            return number < 0 ? columnCount + number : number
        }
        let names = header.isEmpty ? "it has no header" : "its columns are \(ClassNames.list(header))"
        throw InputError(
            file: jobFile, field: field,
            problem: places.count > 1
                ? "\(file) has \(places.count) columns \"\(name)\""
                : "\(file) has no column \"\(name)\": \(names)",
            remedy: "write one of its names, or a number from 0 to \(columnCount - 1)")
    }

    /// Decimal numbers alone: Swift would take 0x10 and inf too.
    private static func number(_ text: String, _ allowsComma: Bool) -> Float? {
        var text = text
        if allowsComma, !text.contains("."), text.count(where: { $0 == "," }) == 1 {
            text = text.replacing(",", with: ".")
        }
        guard
            text.utf8.allSatisfy({
                (0x30...0x39).contains($0) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].contains($0)
            })
        else { return nil }
        return Float(text)
    }

    private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        let trimmed = trimmed(bytes, range)
        guard trimmed.count > 1, bytes[trimmed.lowerBound] == quote else {
            return String(decoding: bytes[trimmed], as: UTF8.self)
        }
        let inside = String(
            decoding: bytes[trimmed.lowerBound + 1..<trimmed.upperBound - 1], as: UTF8.self)
        return inside.replacing("\"\"", with: "\"")
    }

    private static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, bytes[lower] == 0x20 || bytes[lower] == 0x09 { lower += 1 }
        while lower < upper, bytes[upper - 1] == 0x20 || bytes[upper - 1] == 0x09 { upper -= 1 }
        return lower..<upper
    }

    private static let quote = UInt8(ascii: "\"")

    /// Which of tab, semicolon and comma is most often in the first line.
    private static func separator(of content: ArraySlice<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in content {
            if byte == quote { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == 0x0a || byte == 0x0d { break }
            if [0x09, 0x2c, 0x3b].contains(byte) { counts[byte, default: 0] += 1 }
        }
        return [0x09, 0x3b, 0x2c].max { (counts[$0] ?? 0) < (counts[$1] ?? 0) } ?? 0x2c
    }

    /// All cells, and for each row that is not empty the number of cells up to its end, and its line.
    private static func split(
        _ bytes: [UInt8], from start: Int, _ separator: UInt8, file: String
    ) throws(InputError) -> (cells: [Range<Int>], ends: [(end: Int, line: Int)]) {
        var cells: [Range<Int>] = []
        var ends: [(end: Int, line: Int)] = []
        var (begin, rowBegin) = (start, start)
        var (line, rowLine) = (1, 1)
        var openedAt: Int?
        func endRow(at place: Int) {
            // A line of nothing but spaces is no row.
            if cells.count > (ends.last?.end ?? 0) || !trimmed(bytes, rowBegin..<place).isEmpty {
                cells.append(begin..<place)
                ends.append((cells.count, rowLine))
            }
        }
        for (place, byte) in bytes.enumerated().dropFirst(start) {
            if byte == quote,
                openedAt != nil || trimmed(bytes, begin..<place).isEmpty || bytes[place - 1] == quote
            {
                openedAt = openedAt == nil ? line : nil
            } else if byte == 0x0a || byte == 0x0d {
                // A line feed after a carriage return ends the same line.
                let isSecond = byte == 0x0a && place > start && bytes[place - 1] == 0x0d
                if openedAt == nil, !isSecond { endRow(at: place) }
                if !isSecond { line += 1 }
                if openedAt == nil { (begin, rowBegin, rowLine) = (place + 1, place + 1, line) }
            } else if byte == separator, openedAt == nil {
                cells.append(begin..<place)
                begin = place + 1
            }
        }
        if let openedAt {
            throw InputError(
                file: file, field: "line \(openedAt)", problem: "a quote begins here and does not end",
                remedy: "close it, or leave out a single quote mark")
        }
        if rowBegin < bytes.count { endRow(at: bytes.count) }
        return (cells, ends)
    }
}
