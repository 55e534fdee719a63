// The transforms of samples by name: which there are, their parameters, and their use on a data set.
public import PagefoldCore

/// A pure change of samples. Cheap ones are applied at each access, features once, at load.
public enum Transform: Sendable, Equatable {
    case access(AccessTransform)
    case waveform(Waveform)
    case logmel(LogMel)
    case mfcc(MFCC)
    case logmelSegments(LogmelSegments)
    case fourierWindows(FourierWindows)

    /// Names a job file may use.
    public static let names = [
        "scale", "standardise", "l2norm", "resize", "crop", "grey", "rgb", "bgr", "waveform", "logmel",
        "mfcc",
        "logmel_segments_delta", "fft_windows",
    ]

    /// Reads a description. Throws InputError (naming `file`, the job file) when the name is unknown, a
    /// parameter is unknown, missing or out of range.
    public init(_ description: TransformDescription, file: String) throws(InputError) {
        var reader = ParameterReader(description, file: file)
        switch description.name {
        case "scale":
            let divisor = try reader.number("divisor", default: 255, in: 1e-30...1e30)
            self = .access(.scale(divisor: Float(divisor)))
        case "standardise":
            let (mean, deviation) = (try reader.list("mean"), try reader.list("deviation"))
            guard deviation.allSatisfy({ $0 > 0 }) else {
                throw InputError(
                    file: file, field: "\(reader.field).deviation", problem: "is not above 0",
                    remedy: "give standard deviations")
            }
            self = .access(.standardise(mean: mean, deviation: deviation))
        case "l2norm": self = .access(.l2norm)
        case "resize":
            let height = try reader.whole("height", default: nil, in: 1...4_096)
            let width = try reader.whole("width", default: nil, in: 1...4_096)
            self = .access(.image(.resize(height: height, width: width)))
        case "crop":
            let height = try reader.whole("height", default: nil, in: 1...4_096)
            let width = try reader.whole("width", default: nil, in: 1...4_096)
            let fits = try reader.whole("fit", default: 0, in: 0...1) == 1
            self = .access(.image(.crop(height: height, width: width, fits: fits)))
        case "bgr": self = .access(.image(.bgr))
        case "waveform": self = .waveform(try Waveform(&reader))
        case "logmel": self = .logmel(try LogMel(&reader, file: file))
        case "grey": self = .access(.image(.grey))
        case "rgb": self = .access(.image(.rgb))
        case "mfcc": self = .mfcc(try MFCC(&reader, file: file))
        case "logmel_segments_delta": self = .logmelSegments(try LogmelSegments(&reader, file: file))
        case "fft_windows":
            var windows = FourierWindows()
            windows.intervals = try reader.whole("intervals", default: windows.intervals, in: 1...4_096)
            windows.points = try reader.whole("points", default: windows.points, in: 1...4_096)
            self = .fourierWindows(windows)
        default:
            throw InputError(
                file: file, field: description.field, problem: "'\(description.name)' is unknown",
                remedy: Spelling.remedy(for: description.name, among: Transform.names))
        }
        try reader.finish()
    }
}

extension MFCC {
    fileprivate init(_ reader: inout ParameterReader, file: String) throws(InputError) {
        self.init()
        sampleRate = try reader.whole("sample_rate", default: sampleRate, in: 1...1_000_000)
        frameLength = try reader.whole("frame_length", default: frameLength, in: 1...65_536)
        hop = try reader.whole("hop", default: hop, in: 1...65_536)
        fftSize = try reader.whole("fft_size", default: fftSize, in: 2...65_536)
        melBands = try reader.whole("mel_bands", default: melBands, in: 1...1_024)
        frames = try reader.whole("frames", default: frames, in: 1...16_384)
        first = try reader.whole("first", default: first, in: 0...1_023)
        coefficients = try reader.whole("coefficients", default: coefficients, in: 1...1_024)
        guard fftSize & (fftSize - 1) == 0, frameLength <= fftSize, first + coefficients <= melBands else {
            throw InputError(
                file: file, field: reader.field, problem: "the sizes do not fit together",
                remedy: "let fft_size be a power of two of at least frame_length, "
                    + "and mel_bands at least first + coefficients")
        }
    }
}

extension LogmelSegments {
    fileprivate init(_ reader: inout ParameterReader, file: String) throws(InputError) {
        self.init()
        frames = try reader.whole("frames", default: frames, in: 1...65_536)
        hop = try reader.whole("hop", default: hop, in: 1...65_536)
        deltaWidth = try reader.whole("delta_width", default: deltaWidth, in: 3...65_535)
        silence = Float(try reader.number("silence", default: Double(silence), in: -1e6...1e6))
        unit = Float(try reader.number("unit", default: Double(unit), in: 1e-6...1e6))
        zero = Float(try reader.number("zero", default: Double(zero), in: -1e6...1e6))
        guard deltaWidth % 2 == 1, deltaWidth <= frames else {
            throw InputError(
                file: file, field: "\(reader.field).delta_width", problem: "is \(deltaWidth)",
                remedy: "give an odd number of at most frames (\(frames))")
        }
    }
}

/// What a data set is loaded for: silent segments are left out of training only.
public enum DatasetPurpose: Sendable {
    case training, evaluation
}

extension Dataset {
    /// This set after `transform`. Throws InputError (naming `file`) when the samples do not have the shape
    /// that the transform needs.
    public func applying(
        _ transform: Transform, purpose: DatasetPurpose, file: String
    ) throws(InputError) -> Dataset {
        switch transform {
        case .access(let access):
            if case .standardise(let mean, let deviation) = access {
                let counts = [mean.count, deviation.count]
                guard counts.allSatisfy({ $0 == 1 || $0 == shape.channels }) else {
                    throw mismatch("standardise", file, "1 or \(counts.max() ?? 1) channels")
                }
            }
            guard let result = access.shape(from: shape) else {
                if case .image(.crop(let height, let width, _)) = access {
                    throw mismatch("crop", file, "at least \(height) × \(width) pixels (or fit: true)")
                }
                let name = access == .image(.grey) ? "grey" : access == .image(.rgb) ? "rgb" : "bgr"
                throw mismatch(name, file, "1 or 3 channels")
            }
            try Dataset.checkFeatureSize(1, result, file: file)
            return adding(access)
        case .mfcc(let mfcc): return try heard(by: mfcc, file: file)
        case .logmel(let logmel): return try heard(by: logmel, file: file)
        case .waveform(let waveform): return try heard(by: waveform, file: file)
        case .fourierWindows(let windows):
            guard shape.channels == 1 else { throw mismatch("fft_windows", file, "[time, channels]") }
            let transform = FourierTransform(size: windows.points)
            return try mapping(to: windows.shape(channels: shape.width), file: file) {
                windows.features(
                    of: $0, time: shape.height, channels: shape.width, transform: transform)
            }
        case .logmelSegments(let segments):
            guard shape.channels == 1, shape.width >= segments.frames else {
                throw mismatch("logmel_segments_delta", file, "[bands, at least \(segments.frames) frames]")
            }
            return try segmented(segments, dropsSilence: purpose == .training, file: file)
        }
    }

    private func heard(by features: some SoundFeatures, file: String) throws(InputError) -> Dataset {
        guard shape.count == max(shape.channels, shape.height, shape.width) else {
            throw mismatch(features.name, file, "one dimension")
        }
        return try mapping(to: features.shape, file: file) { features.features(of: CollectionOfOne($0)) }
    }

    private func mismatch(_ name: String, _ file: String, _ needed: String) -> InputError {
        InputError(
            file: file, field: name,
            problem: "needs samples of \(needed), but these are \(shape.channels) × \(shape.height) × "
                + "\(shape.width) (channels × height × width)",
            remedy: "leave the transform out or give other samples")
    }

    /// Checks that `count` samples of a shape stay within the cap on a file's expanded size.
    static func checkFeatureSize(_ count: Int, _ shape: Shape, file: String) throws(InputError) {
        let bytes = NumericArray.elementCount(of: [count, shape.count, 4])
        guard let bytes, bytes <= Inflate.defaultCap else {
            throw InputError(
                file: file, field: "transforms", problem: "make more than \(Inflate.defaultCap) bytes",
                remedy: "ask for smaller features")
        }
    }

    private func mapping(
        to target: Shape, file: String, _ features: ([Float]) -> [Float]
    ) throws(InputError) -> Dataset {
        try Dataset.checkFeatureSize(count, target, file: file)
        var values: [Float] = []
        values.reserveCapacity(count * target.count)
        for index in 0..<count { values += features(sample(index)) }
        return try Dataset(
            features: values, shape: target, labels: labels, groups: groups, origins: origins, file: file)
    }

    private func segmented(
        _ segments: LogmelSegments, dropsSilence: Bool, file: String
    ) throws(InputError) -> Dataset {
        let target = segments.shape(bands: shape.height)
        let perClip = (shape.width - segments.frames) / segments.hop + 1
        try Dataset.checkFeatureSize(count * perClip, target, file: file)
        var values: [Float] = []
        var clips: [Int] = []
        for index in 0..<count {
            for segment in segments.segments(
                of: sample(index), bands: shape.height, clipFrames: shape.width, dropsSilence: dropsSilence)
            {
                values += segment
                clips.append(index)
            }
        }
        return try Dataset(
            features: values, shape: target, labels: labels.map { labels in clips.map { labels[$0] } },
            groups: groups.map { groups in clips.map { groups[$0] } },
            origins: clips.map { origins?[$0] ?? Int32($0) }, file: file)
    }

    /// A set of float features in CHW order; throws InputError when a value is not finite.
    init(
        features: [Float], shape: Shape, labels: [Int32]?, groups: [Int32]?, origins: [Int32]?,
        file: String
    ) throws(InputError) {
        let count = features.count / shape.count
        try self.init(
            NumericArray(
                shape: [count, shape.channels, shape.height, shape.width], payload: .f32(features)),
            layout: .channelsFirst, labels: labels, groups: groups, origins: origins, file: file)
    }
}
