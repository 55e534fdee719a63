// What the columns and rows of tables are, as a job file says. Reading the cells is TableFile's.
public import PagefoldCore

/// How a table becomes samples: one a row, or one a window of rows.
public struct TableLayout: Sendable, Equatable {
    /// Column of the label: its name, or its number from 0 (−1: the last).
    public var label: String?
    /// Column of the group.
    public var group: String?
    /// Columns that are features, in this order; empty: all others.
    public var columns: [String] = []
    /// Rows of a sample; nil: each row is one.
    public var window: Int?
    /// Rows from one window to the next; nil: `window`.
    public var stride: Int?
    /// Whether the first row has names; nil: where it has a text above a number.
    public var hasHeader: Bool?

    public init() {}

    /// Throws InputError where something is said that only tables have.
    func refuse(jobFile: String) throws(InputError) {
        let said: [(String, Bool)] = [
            ("label", label != nil), ("group", group != nil), ("columns", !columns.isEmpty),
            ("window", window != nil),
            ("stride", stride != nil), ("header", hasHeader != nil),
        ]
        guard let (key, _) = said.first(where: \.1) else { return }
        throw InputError(
            file: jobFile, field: key, problem: "the samples are no tables",
            remedy: "leave it out, or name .csv or .tsv files (also .gz)")
    }
}

/// A table as samples, before labels have numbers.
struct TableSamples {
    /// Samples × (rows of a window ×) columns.
    let array: NumericArray
    /// Of each sample.
    let labels: [String]?
    let groups: [String]?

    init(_ table: TableFile, _ layout: TableLayout, jobFile: String) throws(InputError) {
        func place(_ name: String?, _ key: String) throws(InputError) -> Int? {
            guard let name else { return nil }
            return try table.column(name, field: key, jobFile: jobFile)
        }
        let label = try place(layout.label, "label")
        let group = try place(layout.group, "group")
        var columns: [Int] = []
        for name in layout.columns {
            columns.append(try table.column(name, field: "columns", jobFile: jobFile))
        }
        if columns.isEmpty { columns = (0..<table.columnCount).filter { $0 != label && $0 != group } }
        guard !columns.isEmpty else {
            throw InputError(
                file: table.file, field: "columns", problem: "no column is left for features",
                remedy: "give a table with more columns than label and group")
        }
        func texts(_ column: Int?, _ what: String) throws(InputError) -> [String]? {
            guard let column else { return nil }
            var result: [String] = []
            for row in table.rows {
                let text = table.text(row, column)
                guard !text.isEmpty else {
                    throw InputError(
                        file: table.file, field: "line \(row.line), column \(table.name(of: column))",
                        problem: "the \(what) is empty", remedy: "fill it in, or remove the row")
                }
                result.append(text)
            }
            return result
        }
        let rowLabels = try texts(label, "label")
        let rowGroups = try texts(group, "group")
        let starts = try TableSamples.starts(table, layout, rowLabels, rowGroups, jobFile: jobFile)
        let rows = layout.window ?? 1
        guard let count = NumericArray.elementCount(of: [starts.count, rows, columns.count, 4]),
            count <= Inflate.defaultCap
        else {
            throw InputError(
                file: jobFile, field: "window",
                problem: "makes more than \(Inflate.defaultCap) bytes of \(table.file)",
                remedy: "choose a longer stride")
        }
        var numbers: [Float] = []
        numbers.reserveCapacity(table.rows.count * columns.count)
        for row in table.rows { for column in columns { numbers.append(try table.number(row, column)) } }
        if layout.window == nil {
            array = NumericArray(shape: [starts.count, columns.count], payload: .f32(numbers))
        } else {
            var values: [Float] = []
            values.reserveCapacity(count / 4)
            for start in starts { values += numbers[start * columns.count..<(start + rows) * columns.count] }
            array = NumericArray(shape: [starts.count, rows, columns.count], payload: .f32(values))
        }
        labels = rowLabels.map { labels in starts.map { labels[$0] } }
        groups = rowGroups.map { groups in starts.map { groups[$0] } }
    }

    /// The first rows of all samples: no window crosses a change of label or group.
    private static func starts(
        _ table: TableFile, _ layout: TableLayout, _ labels: [String]?, _ groups: [String]?, jobFile: String
    ) throws(InputError) -> [Int] {
        let count = table.rows.count
        guard let window = layout.window else { return Array(0..<count) }
        var starts: [Int] = []
        var (begin, longest) = (0, 0)
        for end in 1...count {
            let goesOn = end < count && labels?[end] == labels?[begin] && groups?[end] == groups?[begin]
            if goesOn { continue }
            starts += Swift.stride(from: begin, through: end - window, by: layout.stride ?? window)
            longest = max(longest, end - begin)
            begin = end
        }
        guard !starts.isEmpty else {
            throw InputError(
                file: jobFile, field: "window",
                problem:
                    "is \(window) rows, and \(table.file) has at most \(longest) of one label and group in a row",
                remedy: "choose a shorter window")
        }
        return starts
    }
}

extension TableFile {
    /// The features by their names, in the order of the samples; empty without a header, or where names are there twice.
    func features(_ layout: TableLayout, jobFile: String) throws(InputError) -> [String] {
        guard !header.isEmpty, Set(header).count == header.count else { return [] }
        if !layout.columns.isEmpty { return layout.columns }
        var others: Set<Int> = []
        if let label = layout.label { others.insert(try column(label, field: "label", jobFile: jobFile)) }
        if let group = layout.group { others.insert(try column(group, field: "group", jobFile: jobFile)) }
        return header.indices.filter { !others.contains($0) }.map { header[$0] }
    }

    /// Columns in another order are taken by their names; columns of other names may mean anything.
    func checkFeatures(_ names: [String]) throws(InputError) {
        guard let missing = names.first(where: { !header.contains($0) }) else { return }
        throw InputError(
            file: file, field: "columns",
            problem:
                "it has no \"\(missing)\", which other samples of the network have; its columns are \(ClassNames.list(header))",
            remedy:
                "let the headers agree, name the features with 'columns', or say header: false where there is none"
        )
    }
}

extension DatasetDescription {
    /// The features of its tables by their names; empty where the samples are no tables, or have no names.
    ///
    /// Throws InputError where a table cannot be read.
    public func discoveredFeatures(jobFile: String) throws(InputError) -> [String] {
        guard table.columns.isEmpty, let path = samples.first, TableFile.isTable(path) else { return [] }
        return try TableFile(FileBytes.read(path), hasHeader: table.hasHeader, file: path)
            .features(table, jobFile: jobFile)
    }
}
