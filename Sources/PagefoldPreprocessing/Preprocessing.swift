// What a fold file records of a network's preprocessing, applied: raw samples → the numbers that the network takes. The
// steps themselves are PagefoldData's, the same that training went through.

public import PagefoldCore
internal import PagefoldData
public import PagefoldRuntime

extension FoldFile {
    /// The preprocessing of a network, as its fold file records it.
    /// - Parameter input: a name of the network's inputs; nil: the only one.
    /// - Throws: `InputError` when the file holds no network or input of that name, when there are several inputs and none
    ///   is named, or when a transform is recorded that this version does not know.
    public func preprocessing(of network: String, input: String? = nil) throws(InputError) -> Preprocessing {
        let view = reader.networks[try index(of: network)]
        let ports = view.text.inputs
        guard input != nil || ports.count == 1 else {
            throw InputError(
                file: path, field: "network \(network)", problem: "it has \(ports.count) inputs",
                remedy: "name one: \(ports.map(\.name).joined(separator: ", "))")
        }
        guard let place = input == nil ? 0 : ports.firstIndex(where: { $0.name == input }) else {
            throw InputError(
                file: path, field: "network \(network)", problem: "it has no input \(input ?? "")",
                remedy: Spelling.remedy(for: input ?? "", among: ports.map(\.name), verb: "choose"))
        }
        return try Preprocessing(
            network: network, port: ports[place], shape: view.program.values[place], file: path,
            isNamed: ports.count > 1)
    }
}

/// Turns raw samples into the numbers that one input of a network takes: the same numbers, bit for bit, as training made
/// of the same sample. Any number of threads may use it.
///
/// Results are float32 in CHW order, `shape.count` of them, for `Session.run`, `Session.input(at:)` or one behind the other
/// for `BatchSession.run`.
public struct Preprocessing: Sendable {
    /// The network's name.
    public let network: String
    /// The input.
    public let port: NetworkPort
    /// Channels, height and width of what the input takes.
    public let shape: Shape
    /// The fold file.
    let file: String
    /// What errors call the input.
    let field: String
    /// Whether errors say which option of `pagefold run` helps.
    let namesOptions: Bool
    let descriptions: [TransformDescription]
    let steps: [Transform]

    /// - Parameters:
    ///   - text: transforms as a fold file has them; nil: the port's.
    ///   - file: what has the transforms: a fold file, or an option of the command line.
    ///   - isNamed: errors name the input too.
    ///   - namesOptions: errors say which option of `pagefold run` helps.
    /// - Throws: `InputError` when the text is of another form, or a transform unknown.
    package init(
        network: String, port: NetworkPort, shape: Shape, transforms text: String? = nil, file: String,
        isNamed: Bool, namesOptions: Bool = false
    ) throws(InputError) {
        (self.network, self.port, self.shape, self.file) = (network, port, shape, file)
        let field = "network \(network)" + (isNamed ? ", input \(port.name)" : "")
        (self.field, self.namesOptions) = (field, namesOptions)
        do throws(InputError) {
            descriptions = try TransformDescription.parse(text ?? port.preprocessing, file: file)
            if text == nil,
                let name = descriptions.map(\.name).first(where: { !Transform.names.contains($0) })
            {
                throw InputError(
                    file: file, field: "transforms",
                    problem: "'\(name)' is unknown to Pagefold \(pagefoldVersion)",
                    remedy: "use the version that packed the file, or preprocess samples yourself")
            }
            var steps: [Transform] = []
            for description in descriptions { steps.append(try Transform(description, file: file)) }
            self.steps = steps
        } catch { throw error.inside(field, of: file) }
    }

    /// The transforms that are recorded, in their order, each a name with its parameters: "scale divisor=255". Empty where
    /// none is: samples are then taken as they are.
    public var transforms: [String] { descriptions.map(\.text) }

    // MARK: Pictures

    /// A picture file: PNG or JPEG.
    ///
    /// Pictures are read with the channels that the network takes, and `resize`, `crop`, `grey`, `rgb` and `bgr` at the head
    /// of the transforms act on bytes and give bytes: as in training on a folder of pictures.
    /// - Throws: `InputError` when the file is missing, damaged or not a picture, when the library that decodes it is
    ///   missing (libpng16, libturbojpeg: the error says what to install), or when the result has another size than the
    ///   network takes.
    public func sample(fromPicture path: String) throws(InputError) -> [Float] {
        try sample(fromPicture: try FileBytes.readPlain(path, cap: Self.largestFile), name: path)
    }

    /// A picture in memory: the bytes of a PNG or JPEG file.
    /// - Parameter name: what errors call it.
    /// - Throws: as `sample(fromPicture:)` of a path.
    public func sample(fromPicture bytes: [UInt8], name: String = "picture") throws(InputError) -> [Float] {
        try only(
            .picture,
            placing { () throws(InputError) in
                try Dataset.picture(bytes, channels: pictureChannels, steps, file: name)
            })
    }

    /// A picture that is decoded already, such as a frame of a camera.
    /// - Parameters:
    ///   - pixels: height × width × channels bytes, row by row.
    ///   - channels: of a pixel: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. Alpha is dropped.
    /// - Throws: `InputError` when there is another number of bytes, or when the result has another size than the network
    ///   takes.
    public func sample(
        fromPixels pixels: [UInt8], height: Int, width: Int, channels: Int = 3
    ) throws(InputError) -> [Float] {
        try only(
            .picture,
            placing { () throws(InputError) in
                try Dataset.picture(
                    pixels: pixels, height: height, width: width, pixelChannels: channels,
                    channels: pictureChannels, steps, file: file)
            })
    }

    // MARK: Recordings

    /// A recording: a WAV file of any length and rate; channels are averaged.
    /// - Throws: `InputError` when the file is missing or damaged, when no transform is recorded that takes recordings
    ///   (`mfcc`, `logmel`, `waveform`), or when the result has another size than the network takes.
    public func sample(fromRecording path: String) throws(InputError) -> [Float] {
        try requireSound(path)
        let recording = try WAVFile(try FileBytes.readPlain(path, cap: Self.largestFile), file: path)
        return try sample(fromSignal: recording.mono, rate: recording.sampleRate, name: path)
    }

    /// A recording in memory.
    /// - Parameters:
    ///   - signal: one channel, in −1 … 1, of any length.
    ///   - rate: samples a second; other rates than the transforms' are resampled.
    /// - Throws: as `sample(fromRecording:)`, and when a number is not finite.
    public func sample(fromSignal signal: [Float], rate: Int) throws(InputError) -> [Float] {
        guard !signal.isEmpty, rate > 0 else {
            throw InputError(
                file: file, field: field, problem: "a signal of \(signal.count) samples, \(rate) a second",
                remedy: "give at least one, and how many a second there are")
        }
        return try sample(fromSignal: signal, rate: rate, name: file)
    }

    private func sample(fromSignal signal: [Float], rate: Int, name: String) throws(InputError) -> [Float] {
        try requireSound(name)
        return try only(
            .recording,
            placing { () throws(InputError) in
                try Dataset.recording(signal, rate: rate, steps, file: name)
            })
    }

    // MARK: Numbers

    /// Numbers as an array file or a row of a table has them.
    /// - Parameters:
    ///   - numbers: in the order of `sizes`, the last axis fastest; not preprocessed.
    ///   - sizes: of the sample's array, without the batch: `[features]`, `[height, width]`, or three sizes in the order of
    ///     `layout`; `[rows, columns]` for a window of a table's rows. Nil: `[numbers.count]`, a row of a table.
    ///   - layout: of three sizes.
    /// - Throws: `InputError` when sizes and numbers do not go together, a number is not finite, a transform needs another
    ///   shape, or the result has another size than the network takes.
    public func sample(
        from numbers: [Float], sizes: [Int]? = nil, layout: Layout = .channelsLast
    ) throws(InputError) -> [Float] {
        try sample(.f32(numbers), sizes ?? [numbers.count], layout)
    }

    /// Bytes as an array file has them, 0 … 255: as `sample(from:sizes:layout:)`. Where no transform is recorded and the
    /// original takes whole numbers (`port.element`), they are those: (n − `port.zeroPoint`) · `port.scale`.
    /// - Throws: as there, and when the original takes int8.
    public func sample(
        fromBytes bytes: [UInt8], sizes: [Int]? = nil, layout: Layout = .channelsLast
    ) throws(InputError) -> [Float] {
        try sample(.u8(bytes), sizes ?? [bytes.count], layout)
    }

    /// The order of three sizes.
    public enum Layout: Sendable {
        /// Height, width, channels: images as files usually have them.
        case channelsLast
        /// Channels, height, width.
        case channelsFirst
    }

    private func sample(
        _ payload: NumericArray.Payload, _ sizes: [Int], _ layout: Layout
    ) throws(InputError) -> [Float] {
        guard (1...3).contains(sizes.count), !sizes.contains(where: { $0 < 1 }),
            NumericArray.elementCount(of: sizes) == payload.count
        else {
            throw InputError(
                file: file, field: field, problem: "\(payload.count) numbers for an array of \(sizes)",
                remedy: "give the numbers of one sample, and its one to three sizes")
        }
        let array = NumericArray(shape: [1] + sizes, payload: payload)
        return try only(
            .numbers,
            placing { () throws(InputError) in
                try Dataset(
                    array, layout: layout == .channelsLast ? .channelsLast : .channelsFirst, file: file
                )
                .applying(steps, file: file)
            })
    }
}
