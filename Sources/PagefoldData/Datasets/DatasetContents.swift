// What a path holds, told in a moment: kinds, classes, counts and sizes from names and headers. Nothing is decoded as a whole.
public import PagefoldCore

/// What `Dataset.load` would find at a path.
public struct DatasetContents: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case pictures = "pictures", recordings = "recordings", table = "table", arrays = "arrays"
    }

    /// One array of a file.
    public struct Array: Sendable, Equatable {
        /// In an archive; empty for the array of a file.
        public var name: String
        public var shape: [Int]
    }

    /// A column of a table.
    public struct Column: Sendable, Equatable {
        /// Empty where there is no header.
        public var name: String
        /// Whether about 1,000 rows from the whole table have finite numbers there.
        public var isNumeric: Bool
        /// Different texts in about 1,000 rows from the whole table.
        public var distinct: Int
    }

    public var path: String
    public var kind: Kind
    /// Pictures, recordings or rows of a table, or the samples of the only array; of several arrays the largest count.
    public var count = 0
    /// Names of the classes in the order of their labels; empty where nothing tells them.
    public var classes: [String] = []
    /// Samples of each class.
    public var classCounts: [Int] = []
    /// Of the first sample: height, width and channels of a picture; samples and channels of a recording; columns of a
    /// row; the array's shape without its first size.
    public var firstShape: [Int] = []
    /// Samples a second of the first recording.
    public var sampleRate: Int?
    /// Whether names of recordings are CLASS_SPEAKER_INDEX.wav: labels and groups come from them.
    public var isNamed = false
    public var columns: [Column] = []
    public var hasHeader = false
    public var arrays: [Array] = []
    /// Files that are left out, because they are no samples.
    public var skipped: [String] = []

    /// Looks at a file or folder.
    ///
    /// Throws InputError where nothing is there, or where it is nothing that can be samples.
    public init(of path: String) throws(InputError) {
        self.path = path
        let kind = try SampleFileKind(path)
        switch kind {
        case .folder, .tar, .file:
            self.kind = .pictures
            try look(into: try kind.tree(path))
        case .table:
            self.kind = .table
            try look(into: try TableFile(FileBytes.read(path), hasHeader: nil, file: path))
        case .array:
            self.kind = .arrays
            try lookForArrays()
        }
    }

    /// Whether a path holds arrays, and no pictures, recordings or table. Throws InputError where nothing is there.
    public static func holdsArrays(_ path: String) throws(InputError) -> Bool {
        try SampleFileKind(path) == .array
    }

    private mutating func look(into tree: SampleTree) throws(InputError) {
        kind = tree.kind == .pictures ? .pictures : .recordings
        count = tree.entries.count
        classes = tree.classes.names
        let counts = Dictionary(grouping: tree.entries) { $0.className ?? "" }.mapValues(\.count)
        classCounts = classes.map { counts[$0] ?? 0 }
        skipped = tree.skipped
        let first = tree.entries[0]
        let (bytes, name) = (try tree.content(of: first), tree.name(of: first))
        switch tree.kind {
        case .pictures:
            let header = try PictureHeader(bytes, file: name)
            firstShape = [header.height, header.width, header.isGrey ? 1 : 3]
        case .recordings:
            let recording = try WAVFile(bytes, file: name)
            firstShape = [recording.channels.first?.count ?? 0, recording.channels.count]
            sampleRate = recording.sampleRate
            if let named = try Recordings.named(tree) {
                isNamed = true
                classes = ClassNames(found: named.labels.map { "\($0)" }).names
                classCounts = classes.map { name in named.labels.count { "\($0)" == name } }
            }
        }
    }

    private mutating func look(into table: TableFile) throws(InputError) {
        count = table.rows.count
        hasHeader = !table.header.isEmpty
        firstShape = [table.columnCount]
        let rows = stride(from: 0, to: count, by: max(1, count / 1_000)).map { table.rows[$0] }
        columns = (0..<table.columnCount).map { column in
            let texts = Set(rows.map { table.text($0, column) })
            return Column(
                name: hasHeader ? table.header[column] : "",
                isNumeric: rows.allSatisfy { (try? table.number($0, column)) != nil }, distinct: texts.count)
        }
    }

    private mutating func lookForArrays() throws(InputError) {
        let location = FileLocation(path)
        let bytes = try FileBytes.read(location.path)
        if ZipArchive.isZip(bytes) {
            let archive = try NumPyArchive(bytes, file: location.path)
            for name in archive.names where location.member == nil || location.member == name {
                arrays.append(Array(name: name, shape: try archive.shape(of: name)))
            }
        } else {
            let shape =
                NumPyFile.isNumPy(bytes)
                ? try NumPyFile.shape(bytes, file: path) : try ArrayFile.read(path).shape
            arrays = [Array(name: "", shape: shape)]
        }
        count = arrays.compactMap(\.shape.first).max() ?? 0
        if arrays.count == 1 { firstShape = arrays[0].shape.dropFirst().map { $0 } }
    }
}

extension DatasetDescription {
    /// The array of an archive's names that is meant for the samples or labels of a part where none is named; nil where
    /// there is none, or several.
    public static func arrayName(among names: [String], labels: Bool, part: Part) -> String? {
        var description = DatasetDescription(samples: [])
        description.part = part
        return names.name(of: description.role(labels ? .labels : .samples))
    }
}
