// From tables to a data set: files joined, texts numbered.
import PagefoldCore

extension Dataset {
    static func tables(_ description: DatasetDescription, jobFile: String) throws(InputError) -> Dataset {
        let layout = description.table
        guard layout.label == nil || description.labels.isEmpty else {
            throw InputError(
                file: jobFile, field: "label", problem: "there are files of labels too",
                remedy: "name a column, or files, not both")
        }
        if layout.group != nil, description.groups != .none {
            throw InputError(
                file: jobFile, field: "group", problem: "there are 'groups' too",
                remedy: "name a column, or files, not both")
        }
        var array: NumericArray?
        var counts: [Int] = []
        var labels: [[String]] = []
        var groups: [String] = []
        var columns: [String] = []
        for path in description.samples {
            let table = try TableFile(FileBytes.read(path), hasHeader: layout.hasHeader, file: path)
            var layout = layout
            if columns.isEmpty { columns = description.features }
            if layout.columns.isEmpty, !table.header.isEmpty, !columns.isEmpty {
                try table.checkFeatures(columns)
                layout.columns = columns
            }
            columns = try table.features(layout, jobFile: jobFile)
            let samples = try TableSamples(table, layout, jobFile: jobFile)
            counts.append(samples.array.shape[0])
            if let more = samples.labels { labels.append(more) }
            groups += samples.groups ?? []
            array = try array?.appending(samples.array, file: path) ?? samples.array
        }
        guard let array else { throw DatasetDescription.noSamples(jobFile) }
        let (numbers, names) = try self.numbers(of: labels, description)
        let fileLabels = try self.labels(description, counts: counts)
        let fileGroups = try self.groups(description, counts: counts)
        var result = try Dataset(
            array, layout: description.layout, labels: numbers ?? fileLabels,
            groups: layout.group == nil ? fileGroups : places(groups), file: description.samples[0])
        result.classNames = names
        if layout.group == nil, description.groups == .none, let window = layout.window,
            (layout.stride ?? window) < window
        {
            result.remarks.append(
                "\(description.samples[0]): windows overlap, and parts of one may be in training and in validation; name the column "
                    + "of a group, or give validation files")
        }
        return result
    }

    /// The numbers of labels; whole numbers are classes by themselves, unless the names of classes are numbers too.
    private static func numbers(
        of labels: [[String]], _ description: DatasetDescription
    ) throws(InputError) -> (numbers: [Int32]?, names: [String]) {
        guard !labels.isEmpty else { return (nil, []) }
        let all = labels.joined()
        let wholes = all.map(wholeLabel)
        if !wholes.contains(nil), !description.classNames.contains(where: { Float($0) != nil }) {
            let numbers = wholes.compactMap { $0 }
            if !description.classNames.isEmpty {
                let count = description.classNames.count
                if let bad = numbers.firstIndex(where: { $0 < -1 || Int($0) >= count }) {
                    throw InputError(
                        file: description.samples[0], field: "label",
                        problem: "of sample \(bad) is \(numbers[bad]), and there are \(count) classes",
                        remedy: "give labels from 0 to \(count - 1), or as many names")
                }
            }
            return (numbers, [])
        }
        let classes =
            description.classNames.isEmpty
            ? ClassNames(found: all) : description.givenClassNames
        guard classes.names.count <= 65_536 else {
            throw InputError(
                file: description.samples[0], field: "label",
                problem: "has \(classes.names.count) different texts",
                remedy: "name the column of the class")
        }
        var result: [Int32] = []
        for (texts, path) in zip(labels, description.samples) {
            let numbers = try classes.numbers(
                of: ClassNames(found: texts).names, what: "the labels", file: path)
            result += texts.map { numbers[$0] ?? -1 }
        }
        return (result, classes.names)
    }

    /// The number that a label is by itself; 3.0 is one too: programs write columns of whole numbers so. Where one label of
    /// a column is none, all are names: one rule for those who number labels and those who look for names.
    static func wholeLabel(_ text: String) -> Int32? {
        Int32(text) ?? (text.contains(".") ? Float(text).flatMap { Int32(exactly: $0) } : nil)
    }

    /// Groups numbered in the order in which they come.
    private static func places(_ groups: [String]) -> [Int32] {
        var place: [String: Int32] = [:]
        return groups.map { group in
            let number = place[group] ?? Int32(place.count)
            place[group] = number
            return number
        }
    }
}
