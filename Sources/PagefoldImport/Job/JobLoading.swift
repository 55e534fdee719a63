// From a job's network to its weights and samples in memory.

public import PagefoldCore
public import PagefoldData
public import PagefoldEngine

/// Part of a data set, with random changes when it is trained on.
public struct DatasetPart: SampleSource {
    public let dataset: Dataset
    /// Samples of the data set that belong to this part.
    public let indices: [Int]
    private let augmentation: Augmentation

    init(_ dataset: Dataset, indices: [Int], augmentation: Augmentation) {
        self.dataset = dataset
        self.indices = indices
        self.augmentation = augmentation
    }

    /// All samples of a data set, without random changes.
    package init(_ dataset: Dataset) {
        self.init(
            dataset, indices: Array(0..<dataset.count), augmentation: Augmentation(steps: [], seed: 0))
    }

    /// All samples of the data set in their order, without random changes.
    public var whole: DatasetPart {
        DatasetPart(
            dataset, indices: Array(0..<dataset.count), augmentation: Augmentation(steps: [], seed: 0))
    }

    public var count: Int { indices.count }
    public var shape: Shape { dataset.shape }

    public func copySample(_ index: Int, variant: UInt64?, into target: UnsafeMutableBufferPointer<Float>) {
        dataset.copySample(indices[index], into: target)
        guard let variant, !augmentation.steps.isEmpty else { return }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: target.count) { scratch in
            augmentation.apply(to: target, shape: dataset.shape, counter: variant, scratch: scratch) {
                dataset.copySample(indices[Int($0 % UInt64(indices.count))], into: $1)
            }
        }
    }

    public func label(_ index: Int) -> Int32 { dataset.labels?[indices[index]] ?? -1 }
}

extension JobNetwork {
    /// The split is the same for every seed: a network that `train` made on one part of the samples must not be judged
    /// by `pack` on that part.
    static let splitSeed: UInt64 = 1

    /// Names of the classes in the order of their labels: the job's, else those that the training samples tell by folders
    /// or texts, else those of the test samples; empty where nothing has names.
    public func classNames(jobFile: String) throws(InputError) -> [String] {
        guard classes.isEmpty, let data = train ?? test else { return classes }
        return try data.discoveredClassNames(jobFile: jobFile)
    }

    /// Training and validation samples.
    /// - Throws: `InputError` naming the file that is missing, damaged or does not fit.
    public func loadTraining(
        jobFile: String, seed: UInt64
    ) throws(InputError) -> (training: DatasetPart, validation: DatasetPart) {
        guard let train else {
            throw error(
                of: jobFile, problem: "has no training data",
                remedy: "add data: {train: {samples: FILE, labels: FILE}}")
        }
        let names = try classNames(jobFile: jobFile)
        let dataset = try load(
            train.naming(names, found: classes.isEmpty), "data.train", purpose: .training, jobFile: jobFile)
        let augmentation = try Augmentation(train.augmentations, seed: seed, file: jobFile)
        if augmentation.mixes, dataset.labels?.contains(where: { $0 >= 0 }) == true {
            throw error(
                "data.augmentations.mix", of: jobFile, problem: "a mixed sample has no class",
                remedy: "leave mix or the labels out")
        }
        switch validation {
        case .fraction(let fraction):
            let split = Split(of: dataset, validationFraction: fraction, seed: Self.splitSeed)
            return (
                DatasetPart(dataset, indices: split.training, augmentation: augmentation),
                DatasetPart(dataset, indices: split.validation, augmentation: augmentation)
            )
        case .files(let files):
            let held = try load(
                files.naming(names, found: classes.isEmpty, like: train, jobFile: jobFile), "data.validation",
                purpose: .evaluation, jobFile: jobFile)
            return (
                DatasetPart(dataset, indices: Array(0..<dataset.count), augmentation: augmentation),
                DatasetPart(held, indices: Array(0..<held.count), augmentation: augmentation)
            )
        }
    }

    /// The test samples, or nil when the job names none.
    public func loadTest(jobFile: String) throws(InputError) -> DatasetPart? {
        guard let test else { return nil }
        let names = try classNames(jobFile: jobFile)
        let dataset = try load(
            test.naming(names, found: classes.isEmpty, like: train, jobFile: jobFile), "data.test",
            purpose: .evaluation, jobFile: jobFile)
        let none = try Augmentation([], seed: 0, file: jobFile)
        return DatasetPart(dataset, indices: Array(0..<dataset.count), augmentation: none)
    }

    /// - Parameter key: of the description in the job file, for errors.
    private func load(
        _ description: DatasetDescription, _ key: String, purpose: DatasetPurpose, jobFile: String
    ) throws(InputError) -> Dataset {
        do { return try Dataset.load(description, purpose: purpose, jobFile: jobFile) } catch {
            throw placing(error, description, key, jobFile: jobFile)
        }
    }

    /// An error about data as one about the key of the job file that names them.
    private func placing(
        _ error: InputError, _ description: DatasetDescription, _ key: String, jobFile: String
    ) -> InputError {
        if error.source == .file(jobFile) {
            // Transforms know their place; the rest is about the description.
            let isPlaced = error.field.hasPrefix(field())
            return self.error(
                isPlaced ? String(error.field.dropFirst(field("").count + 2)) : "\(key).\(error.field)",
                of: jobFile, problem: error.problem, remedy: error.remedy)
        }
        let lists = [
            ("samples", description.samples), ("labels", description.labels),
            ("groups", description.groups.files),
        ]
        var named = key
        for (part, files) in lists {
            // Members of archives and files in folders are named by the beginning of their path.
            guard let index = files.firstIndex(where: { error.file.hasPrefix(FileLocation($0).path) }) else {
                continue
            }
            named = "\(key).\(part)" + (files.count > 1 ? "[\(index)]" : "")
            break
        }
        let what = error.field == "file" ? "\(error.file) " : "\(error.file): \(error.field): "
        return self.error(named, of: jobFile, problem: what + error.problem, remedy: error.remedy)
    }

    /// The preprocessing that a fold file tells to those who run the network.
    public var preprocessing: String {
        (train ?? test)?.transforms.map(\.text).joined(separator: "; ") ?? ""
    }
}

extension DatasetDescription.Groups {
    fileprivate var files: [String] {
        if case .files(let files) = self { return files }
        return []
    }
}

extension DatasetDescription {
    /// With names for the classes, and for the features of a table.
    /// - Parameters:
    ///   - found: the job does not give them.
    ///   - other: samples whose features these have too.
    fileprivate func naming(
        _ names: [String], found: Bool, like other: DatasetDescription? = nil, jobFile: String = ""
    ) throws(InputError) -> DatasetDescription {
        var result = self
        result.classNames = names
        result.classNamesAreFound = found
        if let other { result.features = try other.discoveredFeatures(jobFile: jobFile) }
        return result
    }
}
