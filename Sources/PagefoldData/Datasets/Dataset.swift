// Samples with their labels, in memory, handed out one at a time. Reading files into it is DatasetLoading's.
public import PagefoldCore

/// Samples of one shape with, where known, a label and a group for each.
///
/// Samples stay in the element type of their file; cheap transforms are kept as a list and applied whenever a
/// sample is copied out, so that a set of 60,000 images of 28×28 bytes takes 47 MB.
public struct Dataset: Sendable {
    /// Order of the values of one sample in `samples`.
    public enum Layout: Sendable, Equatable {
        /// Channels, height, width.
        case channelsFirst
        /// Height, width, channels: images as files usually have them.
        case channelsLast
    }

    /// Values of all samples, one sample after the other, each in the order of `layout`.
    public let samples: NumericArray.Payload
    public let layout: Layout
    /// Shape of every sample as it is handed out, after the access transforms.
    public let shape: Shape
    /// Shape of every sample in `samples`.
    let storedShape: Shape
    /// Number of samples.
    public let count: Int
    /// Class of each sample, or nil when the set is unlabelled.
    public let labels: [Int32]?
    /// Track, person, speaker or fold of each sample: samples of one group resemble each other, so a split
    /// must not part them. Nil when samples are independent.
    public let groups: [Int32]?
    /// Index of the recording of which each sample is a part, or nil when a sample is a whole one.
    /// Samples of one origin stay on one side of a split.
    public let origins: [Int32]?
    /// Transforms applied by `copySample`, in order.
    public let accessTransforms: [AccessTransform]
    /// Names of the classes, in the order of their labels, where the files tell them: folders, texts in a column.
    public internal(set) var classNames: [String] = []
    /// What the user should know of the files: some were left out, say. Whole sentences with the file's name.
    public internal(set) var remarks: [String] = []

    init(
        samples: NumericArray.Payload, layout: Layout, shape storedShape: Shape, count: Int,
        labels: [Int32]?, groups: [Int32]?, origins: [Int32]?, accessTransforms: [AccessTransform] = []
    ) {
        precondition(samples.count == count * storedShape.count)
        precondition([labels, groups, origins].allSatisfy { $0 == nil || $0?.count == count })
        self.samples = samples
        self.layout = layout
        self.storedShape = storedShape
        self.shape = accessTransforms.reduce(storedShape) { shape, transform in
            guard let next = transform.shape(from: shape) else {
                preconditionFailure("Dataset.applying checks that transforms fit")
            }
            return next
        }
        self.count = count
        self.labels = labels
        self.groups = groups
        self.origins = origins
        self.accessTransforms = accessTransforms
    }

    /// A data set of an array whose first dimension counts the samples.
    ///
    /// `[N, H, W]` has one channel; `[N, H, W, C]` and `[N, C, H, W]` are told apart by `layout`; `[N, F]`
    /// has F channels of 1×1. Throws InputError for other ranks, when there is no sample, when a sample holds
    /// NaN or infinity (named by its index), or when labels or groups are not one for each sample.
    public init(
        _ array: NumericArray, layout: Layout = .channelsLast, labels: [Int32]? = nil,
        groups: [Int32]? = nil, origins: [Int32]? = nil, file: String
    ) throws(InputError) {
        let sizes = array.shape
        let shape: Shape
        guard !sizes.contains(0) else {
            throw InputError(
                file: file, field: "shape", problem: "\(sizes) holds no sample", remedy: "give a full file")
        }
        switch (sizes.count, layout) {
        case (2, _): shape = Shape(channels: sizes[1], height: 1, width: 1)
        case (3, _): shape = Shape(channels: 1, height: sizes[1], width: sizes[2])
        case (4, .channelsFirst):
            shape = Shape(channels: sizes[1], height: sizes[2], width: sizes[3])
        case (4, .channelsLast):
            shape = Shape(channels: sizes[3], height: sizes[1], width: sizes[2])
        default:
            throw InputError(
                file: file, field: "shape", problem: "\(sizes) has \(sizes.count) dimensions",
                remedy: "give [N, features], [N, height, width] or [N, height, width, channels]")
        }
        for (name, values) in [("labels", labels), ("groups", groups), ("origins", origins)] {
            guard let values, values.count != sizes[0] else { continue }
            throw InputError(
                file: file, field: name, problem: "\(values.count) \(name) for \(sizes[0]) samples",
                remedy: "give the files that belong together, in the same order")
        }
        if case .f32(let values) = array.payload, let bad = firstNotFinite(values) {
            throw InputError(
                file: file, field: "sample \(bad / shape.count)",
                problem: "value \(bad % shape.count) is \(values[bad])", remedy: "remove or repair the sample"
            )
        }
        self.init(
            samples: array.payload, layout: layout, shape: shape, count: sizes[0],
            labels: labels, groups: groups, origins: origins)
    }

    /// Writes sample `index` as floats in CHW order, with the access transforms applied.
    /// Preconditions: `index` is in `0 ..< count` and the target holds exactly `shape.count` values.
    public func copySample(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) {
        precondition(index >= 0 && index < count && target.count == shape.count)
        guard let first = accessTransforms.firstIndex(where: \.isImage) else {
            copyStored(index, into: target)
            for transform in accessTransforms { transform.apply(to: target, shape: shape) }
            return
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: storedShape.count) { stored in
            copyStored(index, into: stored)
            for transform in accessTransforms[..<first] { transform.apply(to: stored, shape: storedShape) }
            Dataset.finish(stored, storedShape, accessTransforms[first...], into: target)
        }
    }

    /// Applies the rest of the transforms, whose first changes the shape; each of those needs a place of its own.
    private static func finish(
        _ sample: UnsafeMutableBufferPointer<Float>, _ shape: Shape,
        _ transforms: ArraySlice<AccessTransform>, into target: UnsafeMutableBufferPointer<Float>
    ) {
        guard case .image(let image)? = transforms.first, let next = image.shape(from: shape) else { return }
        let rest = transforms.dropFirst()
        let end = rest.firstIndex(where: \.isImage)
        func apply(to result: UnsafeMutableBufferPointer<Float>) {
            image.apply(UnsafeBufferPointer(sample), shape: shape, to: result)
            for transform in rest[..<(end ?? rest.endIndex)] { transform.apply(to: result, shape: next) }
        }
        guard let end else { return apply(to: target) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: next.count) { result in
            apply(to: result)
            finish(result, next, rest[end...], into: target)
        }
    }

    /// Writes the sample as it lies in memory, as floats in CHW order.
    private func copyStored(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) {
        switch samples {
        case .u8(let values): copy(values, index, into: target) { Float($0) }
        case .i32(let values): copy(values, index, into: target) { Float($0) }
        case .f32(let values): copy(values, index, into: target) { $0 }
        }
    }

    /// Sample `index` as an array: see `copySample`.
    public func sample(_ index: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: shape.count) { buffer, initialized in
            buffer.initialize(repeating: 0)
            copySample(index, into: UnsafeMutableBufferPointer(rebasing: buffer[..<shape.count]))
            initialized = shape.count
        }
    }

    @inline(__always)
    private func copy<T>(
        _ values: [T], _ index: Int, into target: UnsafeMutableBufferPointer<Float>, _ convert: (T) -> Float
    ) {
        let size = storedShape.count
        let channels = storedShape.channels
        values.withUnsafeBufferPointer { all in
            let source = UnsafeBufferPointer(rebasing: all[(index * size)..<((index + 1) * size)])
            guard layout == .channelsLast, channels > 1 else {
                for position in 0..<size { target[position] = convert(source[position]) }
                return
            }
            let pixels = size / channels
            for channel in 0..<channels {
                for pixel in 0..<pixels {
                    target[channel * pixels + pixel] = convert(source[pixel * channels + channel])
                }
            }
        }
    }

    /// The samples at `indices`, in that order, as a set of their own.
    /// Precondition: every index is in `0 ..< count`.
    public func selecting(_ indices: [Int]) -> Dataset {
        let size = storedShape.count
        func select<T>(_ values: [T]) -> [T] {
            var result: [T] = []
            result.reserveCapacity(indices.count * size)
            for index in indices { result += values[(index * size)..<((index + 1) * size)] }
            return result
        }
        let selected: NumericArray.Payload
        switch samples {
        case .u8(let values): selected = .u8(select(values))
        case .i32(let values): selected = .i32(select(values))
        case .f32(let values): selected = .f32(select(values))
        }
        return Dataset(
            samples: selected, layout: layout, shape: storedShape, count: indices.count,
            labels: labels.map { labels in indices.map { labels[$0] } },
            groups: groups.map { groups in indices.map { groups[$0] } },
            origins: origins.map { origins in indices.map { origins[$0] } },
            accessTransforms: accessTransforms)
    }

    /// The same set after checking that every label is in `0 ..< classes`.
    /// Throws InputError naming the first sample whose label is not. An unlabelled set passes.
    public func validated(classes: Int, file: String) throws(InputError) -> Dataset {
        try Dataset.checkClasses(labels ?? [], classes, file: file)
        return self
    }

    /// Throws InputError naming the first label outside `0 ..< classes`; nil leaves labels unchecked.
    static func checkClasses(_ labels: [Int32], _ classes: Int?, file: String) throws(InputError) {
        guard let classes, let bad = labels.firstIndex(where: { $0 < 0 || Int($0) >= classes }) else {
            return
        }
        throw InputError(
            file: file, field: "label \(bad)",
            problem: "is \(labels[bad]) where the network has classes 0 to \(classes - 1)",
            remedy: "give the labels of this network's task")
    }

    /// This set with one more transform on every access. Precondition: it fits the samples' shape.
    func adding(_ transform: AccessTransform) -> Dataset {
        Dataset(
            samples: samples, layout: layout, shape: storedShape, count: count, labels: labels,
            groups: groups, origins: origins, accessTransforms: accessTransforms + [transform])
    }
}

/// Index of the first NaN or infinity.
func firstNotFinite(_ values: [Float]) -> Int? {
    values.withUnsafeBufferPointer { buffer in
        // Summing zeros made of each value needs no branch; NaN or infinity times zero is NaN.
        var sum: Float = 0
        for value in buffer { sum += value * 0 }
        return sum == 0 ? nil : buffer.firstIndex { !$0.isFinite }
    }
}
