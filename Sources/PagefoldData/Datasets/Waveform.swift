// Recordings as they are, at one rate and of one length. Rates are changed by Resampling.
public import PagefoldCore

/// The first `length` samples of a recording at `sampleRate`, in −1 … 1; a shorter one is filled up with zeros at its end.
public struct Waveform: Sendable, Equatable, SoundFeatures {
    let name = "waveform"
    /// Samples a second.
    public var sampleRate = 16_000
    public var length = 16_000

    public init() {}

    init(_ reader: inout ParameterReader) throws(InputError) {
        sampleRate = try reader.whole("sample_rate", default: sampleRate, in: 1...1_000_000)
        length = try reader.whole("length", default: length, in: 1...10_000_000)
    }

    /// One row.
    public var shape: Shape { Shape(channels: 1, height: 1, width: length) }

    func features(of signals: some Sequence<[Float]>) -> [Float] {
        var result: [Float] = []
        for signal in signals {
            result += signal.prefix(length)
            result += [Float](repeating: 0, count: max(0, length - signal.count))
        }
        return result
    }
}
