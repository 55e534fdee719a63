// From a description to a data set: reads the files, joins them, applies the transforms.
public import PagefoldCore

extension Dataset {
    /// Loads what `description` names. `jobFile` is named in errors about the description itself.
    ///
    /// Throws InputError for missing or damaged files, files that do not belong together, labels outside
    /// `classes`, values that are not finite, and transforms that do not fit the samples.
    public static func load(
        _ description: DatasetDescription, purpose: DatasetPurpose, jobFile: String
    ) throws(InputError) -> Dataset {
        // Mistakes in the description show before minutes go into reading.
        var transforms: [Transform] = []
        for transform in description.transforms { transforms.append(try Transform(transform, file: jobFile)) }
        _ = try Augmentation(description.augmentations, seed: 0, file: jobFile)
        try description.checkFileCounts(jobFile: jobFile)

        var dataset = try read(description, &transforms, jobFile: jobFile)
        let (names, remarks) = (dataset.classNames, dataset.remarks)
        // Labels that come from files are checked file by file; this covers those that come from names.
        if let classes = description.classes {
            dataset = try dataset.validated(classes: classes, file: description.samples.first ?? jobFile)
        }
        for (transform, description) in zip(transforms, description.transforms.suffix(transforms.count)) {
            do {
                dataset = try dataset.applying(transform, purpose: purpose, file: jobFile)
            } catch { throw error.inField(description.field, of: jobFile) }
        }
        (dataset.classNames, dataset.remarks) = (names, remarks)
        return dataset
    }

    /// The samples before the transforms; those that act while files are read are taken off the list.
    private static func read(
        _ description: DatasetDescription, _ transforms: inout [Transform], jobFile: String
    ) throws(InputError) -> Dataset {
        var kinds: [SampleFileKind] = []
        for path in description.samples { kinds.append(try SampleFileKind(path)) }
        guard let kind = kinds.first, kinds.allSatisfy({ $0.isLike(kind) }) else {
            throw InputError(
                file: jobFile, field: "samples", problem: "the files are of different kinds",
                remedy: "name folders, tables or arrays, not some of each")
        }
        if kind != .table { try description.table.refuse(jobFile: jobFile) }
        switch kind {
        case .folder, .tar, .file:
            var trees: [SampleTree] = []
            for (path, kind) in zip(description.samples, kinds) { trees.append(try kind.tree(path)) }
            return try self.trees(description, trees, &transforms, jobFile: jobFile)
        case .table, .array:
            guard !description.labelsAreSpeakers else { throw DatasetDescription.noSpeakers(jobFile) }
            return kind == .table ? try tables(description, jobFile: jobFile) : try arrays(description)
        }
    }

    private static func arrays(_ description: DatasetDescription) throws(InputError) -> Dataset {
        var samples: NumericArray?
        var counts: [Int] = []
        for path in description.samples {
            let array = try ArrayFile.read(path, as: description.role(.samples))
            // A size of 0 would make the others meaningless: they are not bounded by any bytes then.
            guard array.count > 0, let count = array.shape.first else {
                throw InputError(
                    file: path, field: "shape", problem: "\(array.shape) holds no samples",
                    remedy: "give an array of samples")
            }
            counts.append(count)
            samples = try samples?.appending(array, file: path) ?? array
        }
        let file = description.samples[0]
        guard let samples else { throw DatasetDescription.noSamples(file) }
        return try Dataset(
            samples, layout: description.layout,
            labels: try labels(description, counts: counts),
            groups: try groups(description, counts: counts), file: file)
    }

    static func labels(
        _ description: DatasetDescription, counts: [Int]
    ) throws(InputError) -> [Int32]? {
        try wholeNumbers(
            try description.labelFiles(), "label", counts: counts, classes: description.classes,
            role: description.role(.labels))
    }

    static func groups(
        _ description: DatasetDescription, counts: [Int]
    ) throws(InputError) -> [Int32]? {
        switch description.groups {
        case .none: return nil
        case .byFile:
            return counts.enumerated().flatMap { number, count in
                [Int32](repeating: Int32(number), count: count)
            }
        case .files(let files): return try wholeNumbers(files, "group", counts: counts)
        }
    }

    /// The numbers of several files, one after the other; nil for no files.
    private static func wholeNumbers(
        _ files: [String], _ what: String, counts: [Int], classes: Int? = nil, role: ArrayRole? = nil
    ) throws(InputError) -> [Int32]? {
        guard !files.isEmpty else { return nil }
        var result: [Int32] = []
        for (path, count) in zip(files, counts) {
            let numbers = try ArrayFile.read(path, as: role).wholeNumbers(what, file: path)
            guard numbers.count == count else {
                throw InputError(
                    file: path, field: what, problem: "\(numbers.count) numbers for \(count) samples",
                    remedy: "give the files that belong together, in the same order")
            }
            try checkClasses(numbers, classes, file: path)
            result += numbers
        }
        return result
    }
}

extension DatasetDescription {
    /// What an array that is not named is for.
    func role(_ content: ArrayRole.Content) -> ArrayRole {
        switch part {
        case .training?: ArrayRole(.training, content)
        case .validation?: ArrayRole(.validation, content)
        case .test?: ArrayRole(.test, content)
        case nil: ArrayRole(nil, content)
        }
    }

    /// The files of labels; the archives of samples, where they have arrays of labels beside those that were meant.
    func labelFiles() throws(InputError) -> [String] {
        guard labels.isEmpty, takesLabels, !labelsAreSpeakers else { return labels }
        for path in samples {
            guard FileLocation(path).member == nil, path.lowercased().hasSuffix(".npz") else { return [] }
            let archive = try NumPyArchive(FileBytes.read(path), file: path)
            guard archive.names.count > 1, archive.names.name(of: role(.labels)) != nil else { return [] }
        }
        return samples
    }

    static func noSamples(_ file: String) -> InputError {
        InputError(
            file: file, field: "samples", problem: "no file is named", remedy: "name at least one file")
    }

    /// Checks that there are as many files of labels and groups as of samples.
    func checkFileCounts(jobFile: String) throws(InputError) {
        guard !samples.isEmpty else { throw DatasetDescription.noSamples(jobFile) }
        var lists = [("labels", labels)]
        if case .files(let files) = groups { lists.append(("groups", files)) }
        for (name, files) in lists where files.count != samples.count && (name == "groups" || !files.isEmpty)
        {
            throw InputError(
                file: jobFile, field: name, problem: "\(files.count) files for \(samples.count) of samples",
                remedy: "name one for each, in the same order")
        }
    }
}

extension FileLocation {
    /// Whether the name is that of a tar archive.
    var isTar: Bool {
        [".tar", ".tar.gz", ".tgz"].contains { path.lowercased().hasSuffix($0) }
    }
}

extension NumericArray {
    /// This array with another one's samples after its own. Throws InputError (naming `file`, the other
    /// one's) when element types or sample shapes differ.
    func appending(_ other: NumericArray, file: String) throws(InputError) -> NumericArray {
        let payload: Payload?
        switch (self.payload, other.payload) {
        case (.u8(let mine), .u8(let more)): payload = .u8(mine + more)
        case (.i32(let mine), .i32(let more)): payload = .i32(mine + more)
        case (.f32(let mine), .f32(let more)): payload = .f32(mine + more)
        default: payload = nil
        }
        guard let payload, let mine = shape.first, let more = other.shape.first,
            shape.dropFirst() == other.shape.dropFirst()
        else {
            throw InputError(
                file: file, field: "shape",
                problem: "\(other.shape) or its element type does not go with the files before it, \(shape)",
                remedy: "give files of one kind")
        }
        return NumericArray(shape: [mine + more] + shape.dropFirst(), payload: payload)
    }
}

extension InputError {
    /// An error of a transform, in the field that names the transform.
    fileprivate func inField(_ field: String, of file: String) -> InputError {
        guard source == .file(file) else { return self }
        return InputError(
            file: file, field: field,
            problem: self.field.hasPrefix("sample") ? "\(self.field): \(problem)" : problem, remedy: remedy)
    }
}
