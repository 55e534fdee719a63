// One picture or recording that is in memory, as a data set of one: the same steps as those of a folder, bit for bit.
package import PagefoldCore

extension Transform {
    /// What makes a sample of a recording; nil for transforms of samples.
    var sound: (any SoundFeatures)? {
        switch self {
        case .mfcc(let mfcc): mfcc
        case .logmel(let logmel): logmel
        case .waveform(let waveform): waveform
        default: nil
        }
    }

    /// Whether recordings of any length become samples by it.
    package var takesRecordings: Bool { sound != nil }
}

extension Dataset {
    /// One PNG or JPEG file in memory.
    /// - Parameters:
    ///   - channels: as `DatasetDescription.channels`.
    ///   - file: what errors call the picture, and the transforms.
    /// - Throws: `InputError` as `load`.
    package static func picture(
        _ bytes: [UInt8], channels: Int?, _ transforms: [Transform], file: String
    ) throws(InputError) -> Dataset {
        let leading = Pictures.leading(transforms)
        let wanted = Pictures.wanted(by: leading, channels: channels)
        return try picture(
            try PictureFile(bytes, as: wanted, file: file), leading, transforms, file: file)
    }

    /// One decoded picture, a byte for each of 1 to 4 channels of each pixel, row by row.
    /// - Throws: `InputError` as `load`, and where sizes and pixels do not go together.
    package static func picture(
        pixels: [UInt8], height: Int, width: Int, pixelChannels: Int, channels: Int?,
        _ transforms: [Transform], file: String
    ) throws(InputError) -> Dataset {
        let leading = Pictures.leading(transforms)
        let picture = try PictureFile(
            pixels: pixels, height: height, width: width, channels: pixelChannels,
            as: Pictures.wanted(by: leading, channels: channels), file: file)
        return try self.picture(picture, leading, transforms, file: file)
    }

    private static func picture(
        _ picture: PictureFile, _ leading: [ImageTransform], _ transforms: [Transform], file: String
    ) throws(InputError) -> Dataset {
        let pictures = try Pictures(one: picture, leading, file: file)
        return try Dataset(pictures.array, layout: .channelsLast, file: file)
            .applying(transforms.dropFirst(leading.count), file: file)
    }

    /// One recording: a signal in −1 … 1 of any length and rate.
    /// Preconditions: the first transform takes recordings, and the rate is above 0.
    /// - Throws: `InputError` as `load`.
    package static func recording(
        _ signal: [Float], rate: Int, _ transforms: [Transform], file: String
    ) throws(InputError) -> Dataset {
        guard let sound = transforms.first?.sound else {
            preconditionFailure("the first transform takes recordings")
        }
        try checkFeatureSize(1, sound.shape, file: file)
        let signal = try Recordings.signal(signal, rate: rate, to: sound.sampleRate, file: file)
        return try Dataset(
            features: sound.features(of: CollectionOfOne(signal)), shape: sound.shape, labels: nil,
            groups: nil, origins: nil, file: file
        ).applying(transforms.dropFirst(), file: file)
    }

    /// This set after all of some transforms, for evaluation.
    /// - Throws: `InputError` as `applying(_:purpose:file:)`.
    package func applying(
        _ transforms: some Sequence<Transform>, file: String
    ) throws(InputError) -> Dataset {
        var result = self
        for transform in transforms {
            result = try result.applying(transform, purpose: .evaluation, file: file)
        }
        return result
    }
}
