// All samples of a file or folder, preprocessed one by one as they are asked for; and what all ways of preprocessing share.

public import PagefoldCore
internal import PagefoldData

/// The samples of a file or folder as one input of a network takes them, each `[Float]` in CHW order. Samples are read at
/// once and preprocessed when they are asked for, features of sound at once.
public struct PreprocessedSamples: RandomAccessCollection, Sendable {
    private let dataset: Dataset
    private let port: NetworkPort
    private let shape: Shape

    fileprivate init(_ dataset: Dataset, _ preprocessing: Preprocessing) {
        self.dataset = dataset
        port = preprocessing.port
        shape = preprocessing.shape
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { dataset.count }

    public subscript(index: Int) -> [Float] {
        guard let sample = dataset.sample(index, for: port, shape: shape) else {
            preconditionFailure("Preprocessing.fitted looks at the shape")
        }
        return sample
    }
}

extension Preprocessing {
    /// What a raw sample is, for errors about its size.
    enum Origin { case picture, recording, numbers, table }

    /// The largest picture or recording that is read, in bytes.
    static let largestFile = 1 << 30

    /// All samples of a path: a picture, a recording, a folder or archive of them, a CSV or TSV table, or an array of one
    /// sample or many (.npy, .npz#name, IDX).
    /// - Parameters:
    ///   - label: of a table: the column that is no feature, by name or number.
    ///   - columns: of a table: those that are features, in this order; empty: all but the label. Where the network takes
    ///     several times as many numbers, a sample is so many rows.
    /// - Throws: `InputError` when the file is missing or damaged, or its samples do not fit the transforms or the network.
    public func samples(
        in path: String, label: String? = nil, columns: [String] = []
    ) throws(InputError) -> PreprocessedSamples {
        let contents = try DatasetContents(of: path)
        switch contents.kind {
        case .arrays: return try fitted(placing { () throws(InputError) in try arrays(path) }, .numbers, path)
        case .recordings: try requireSound(path)
        case .pictures, .table: break
        }
        var description = DatasetDescription(samples: [path], transforms: descriptions)
        description.table.label = label
        description.table.columns = columns
        description.channels = pictureChannels
        if contents.kind == .table {
            let features = columns.isEmpty ? contents.columns.count - (label == nil ? 0 : 1) : columns.count
            // As many rows as the network takes at once.
            if features > 0, shape.count > features, shape.count % features == 0 {
                description.table.window = shape.count / features
            }
        }
        let dataset = try placing { () throws(InputError) in
            try Dataset.load(description, purpose: .evaluation, jobFile: file)
        }
        let origins: [DatasetContents.Kind: Origin] = [.pictures: .picture, .recordings: .recording]
        return try fitted(dataset, origins[contents.kind] ?? .table, path)
    }

    private func arrays(_ path: String) throws(InputError) -> Dataset {
        var array = try ArrayFile.read(path)
        if array.count == shape.count, array.shape.first != 1 || (array.shape.count < 3 && shape.spatial > 1)
        {
            array = NumericArray(shape: [1] + array.shape, payload: array.payload)  // One sample, not a list.
        }
        // Images as files usually have them, unless only the other order fits.
        let isChannelsFirst =
            array.shape.suffix(3) == [shape.channels, shape.height, shape.width]
            && array.shape.suffix(3) != [shape.height, shape.width, shape.channels]
        let layout: Dataset.Layout = isChannelsFirst ? .channelsFirst : .channelsLast
        return try Dataset(array, layout: layout, file: path).applying(steps, file: file)
    }

    /// Channels that pictures are read with; nil: as the transforms say, or as they are stored.
    var pictureChannels: Int? {
        let isSaid = descriptions.contains { ["grey", "rgb", "bgr"].contains($0.name) }
        return !isSaid && [1, 3].contains(shape.channels) && shape.spatial > 1 ? shape.channels : nil
    }

    /// The one sample of a set.
    func only(_ origin: Origin, _ dataset: Dataset) throws(InputError) -> [Float] {
        let samples = try fitted(dataset, origin, file)
        guard samples.count == 1 else {
            throw InputError(
                file: file, field: field, problem: "the transforms make \(samples.count) samples of this one",
                remedy: "save it as a file and ask for all: samples(in:)")
        }
        return samples[0]
    }

    /// - Parameter path: of the samples; `file` where they are in memory.
    private func fitted(
        _ dataset: Dataset, _ origin: Origin, _ path: String
    ) throws(InputError) -> PreprocessedSamples {
        if dataset.isQuantised(for: port), let problem = dataset.problem(withNumbersFor: port) {
            throw InputError(
                file: path, field: field, problem: problem,
                remedy: "give the original's own \(port.element.name)s, or numbers that its input has: "
                    + "(n − \(port.zeroPoint)) · \(port.scale)")
        }
        guard dataset.shape.count == shape.count else {
            let sizes = port.axes(of: shape).map { "\($0.size)" }.joined(separator: "×")
            let after = steps.isEmpty ? " without transforms" : " after preprocessing"
            throw InputError(
                file: path, field: field, problem: "takes \(sizes), a sample is \(dataset.shape)\(after)",
                remedy: remedy(origin))
        }
        return PreprocessedSamples(dataset, self)
    }

    private func remedy(_ origin: Origin) -> String {
        switch origin {
        case .picture:
            namesOptions
                ? "bring it to that size: --transforms \"resize height=H width=W\""
                : "bring pictures to that size, or pack the network with a resize among its transforms"
        case .table:
            namesOptions
                ? "choose features with --columns, or leave a column out with --label"
                : "choose other columns as features, or name the label's column"
        case .recording, .numbers: "give samples of that size"
        }
    }

    /// - Throws: `InputError` when recordings of any length do not become samples.
    func requireSound(_ path: String) throws(InputError) {
        guard steps.first?.takesRecordings != true else { return }
        throw InputError(
            file: path, field: field,
            problem: steps.isEmpty
                ? "no transforms are recorded that make samples of recordings"
                : "the first transform, \(descriptions[0].name), takes no recordings",
            remedy: "compute the features and give them as numbers, "
                + "or pack the network with mfcc, logmel or waveform as its first transform")
    }

    /// Errors about the fold file get the network's name.
    func placing<T>(_ work: () throws(InputError) -> T) throws(InputError) -> T {
        do { return try work() } catch { throw error.inside(field, of: file) }
    }
}

extension InputError {
    /// An error about a file as one about its part.
    func inside(_ part: String, of file: String) -> InputError {
        guard source == .file(file), !field.hasPrefix(part) else { return self }
        return InputError(file: file, field: "\(part): \(field)", problem: problem, remedy: remedy)
    }
}
