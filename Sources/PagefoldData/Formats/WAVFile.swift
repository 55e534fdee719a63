// The WAV format: bytes → channels of samples in −1 … 1. It does not resample.
public import PagefoldCore

/// A recording from a RIFF WAVE file: PCM of 8, 16, 24 or 32 bits, or floats of 32 or 64 bits.
public struct WAVFile: Sendable, Equatable {
    /// Samples a second.
    public let sampleRate: Int
    /// One array a channel, all of the same length; PCM divided by 2^(bits−1).
    public let channels: [[Float]]

    /// Reads a WAV file's content. Throws InputError when it is not one, is compressed, or is damaged.
    ///
    /// A program that writes into a pipe, or that was cut off, leaves 0 or 2³² − 1 for the size of the data: then they last
    /// to the end of the file.
    public init(_ bytes: [UInt8], file: String) throws(InputError) {
        var cursor = ByteCursor(bytes, file: file)
        let riff = try cursor.take(12, field: "RIFF header")
        guard bytes.hasBytes(Array("RIFF".utf8)), bytes.hasBytes(Array("WAVE".utf8), at: 8) else {
            throw InputError(
                file: file, field: "RIFF header", problem: "is not that of a WAV file (\(riff.count) bytes)",
                remedy: "convert the recording to PCM WAV")
        }
        var format: Format?
        while cursor.remaining > 0 {
            let name = try cursor.take(4, field: "chunk name")
            let size = Int(clamping: try cursor.littleEndian(UInt32.self, field: "chunk size"))
            let isData = bytes[name].elementsEqual("data".utf8)
            let isOpen =
                isData && (size == Int(clamping: UInt32.max) || (size == 0 && !WAVFile.isChunk(cursor)))
            var range = try cursor.take(
                isOpen ? cursor.remaining : size, field: isData ? "data chunk" : "chunk")
            if bytes[name].elementsEqual("fmt ".utf8) {
                format = try Format(ByteCursor(bytes, file: file, range: range))
            } else if isData {
                guard let format else {
                    throw InputError(
                        file: file, field: "data chunk", problem: "comes before the format chunk",
                        remedy: "write the file again")
                }
                if isOpen { range = range.lowerBound..<range.upperBound - range.count % format.frameSize }
                sampleRate = format.sampleRate
                channels = try format.channels(bytes, range: range, file: file)
                return
            }
            // Chunks begin at even positions; the last one may lack its padding.
            _ = try cursor.take(min(size & 1, cursor.remaining), field: "chunk padding")
        }
        throw InputError(
            file: file, field: "data chunk", problem: "is missing", remedy: "fetch or write the file again")
    }

    /// The mean of all channels.
    public var mono: [Float] {
        guard channels.count > 1 else { return channels.first ?? [] }
        return channels[0].indices.map { index in
            channels.reduce(0) { $0 + $1[index] } / Float(channels.count)
        }
    }

    /// Whether a chunk with a name of letters begins here, or the file ends.
    private static func isChunk(_ cursor: ByteCursor) -> Bool {
        guard cursor.remaining > 0 else { return true }
        var cursor = cursor
        guard let name = try? cursor.take(4, field: "chunk name"),
            let size = try? cursor.littleEndian(UInt32.self, field: "chunk size")
        else { return false }
        return cursor.bytes[name].allSatisfy { (0x20...0x7e).contains($0) }
            && Int64(size) <= Int64(cursor.remaining)
    }

    /// A mono 16-bit PCM file of the given samples, clipped to −1 … 1.
    /// Preconditions: the rate fits in 31 bits and the samples in 2 GiB.
    public static func writeMono16(_ samples: [Float], sampleRate: Int) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        precondition(sampleRate > 0 && sampleRate < 1 << 30 && samples.count < 1 << 30)
        let size = samples.count * 2
        var bytes = Array("RIFF".utf8) + little(36 + size, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
        bytes += little(1, 2) + little(1, 2) + little(sampleRate, 4) + little(sampleRate * 2, 4)
        bytes += little(2, 2) + little(16, 2) + Array("data".utf8) + little(size, 4)
        for sample in samples {
            // NaN is written as silence.
            let value = sample.isNaN ? 0 : (min(max(sample, -1), 1) * 32_767).rounded()
            bytes += little(Int(value), 2)
        }
        return bytes
    }
}

/// The `fmt ` chunk.
private struct Format {
    enum Encoding { case pcm, float }

    let encoding: Encoding
    let channelCount: Int
    let sampleRate: Int
    let bits: Int

    init(_ chunk: ByteCursor) throws(InputError) {
        var cursor = chunk
        let field = "format chunk"
        var code = try cursor.littleEndian(UInt16.self, field: field)
        channelCount = Int(try cursor.littleEndian(UInt16.self, field: field))
        sampleRate = Int(try cursor.littleEndian(UInt32.self, field: field))
        _ = try cursor.take(6, field: field)
        bits = Int(try cursor.littleEndian(UInt16.self, field: field))
        if code == 0xfffe {
            // WAVE_FORMAT_EXTENSIBLE: the true code opens the sub-format's identifier.
            _ = try cursor.take(8, field: field)
            code = try cursor.littleEndian(UInt16.self, field: field)
        }
        switch (code, bits) {
        case (1, 8), (1, 16), (1, 24), (1, 32): encoding = .pcm
        case (3, 32), (3, 64): encoding = .float
        default:
            throw InputError(
                file: chunk.file, field: field, problem: "encoding \(code) of \(bits) bits is not supported",
                remedy: "convert the recording to 16-bit PCM WAV")
        }
        guard channelCount > 0, sampleRate > 0 else {
            throw InputError(
                file: chunk.file, field: field,
                problem: "states \(channelCount) channels at \(sampleRate) samples a second",
                remedy: "fetch or write the file again")
        }
        // A number of the header alone: bringing it to another rate would take what no recording is worth.
        guard (100...10_000_000).contains(sampleRate) else {
            throw InputError(
                file: chunk.file, field: field, problem: "states \(sampleRate) samples a second",
                remedy: "give recordings of 100 to 10,000,000 samples a second")
        }
    }

    /// Bytes of a sample of all channels.
    var frameSize: Int { bits / 8 * channelCount }

    func channels(_ bytes: [UInt8], range: Range<Int>, file: String) throws(InputError) -> [[Float]] {
        let width = bits / 8
        guard range.count % frameSize == 0 else {
            throw InputError(
                file: file, field: "data chunk",
                problem: "\(range.count) bytes are not whole samples of \(channelCount) × \(width) bytes",
                remedy: "fetch or write the file again")
        }
        let length = range.count / frameSize
        // No sample, no channel arrays: the number of channels is only a number in the file until then.
        guard length > 0 else { return [[Float]](repeating: [], count: min(channelCount, 1)) }
        return (0..<channelCount).map { channel in
            (0..<length).map { index in
                value(bytes, at: range.lowerBound + (index * channelCount + channel) * width)
            }
        }
    }

    private func value(_ bytes: [UInt8], at start: Int) -> Float {
        // 8-bit samples are unsigned around 128, all others are signed.
        if bits == 8 { return (Float(bytes[start]) - 128) / 128 }
        if bits == 64 {
            var raw: UInt64 = 0
            for offset in (0..<8).reversed() { raw = raw << 8 | UInt64(bytes[start + offset]) }
            return Float(Double(bitPattern: raw))
        }
        var raw: UInt32 = 0
        for offset in (0..<(bits / 8)).reversed() { raw = raw << 8 | UInt32(bytes[start + offset]) }
        if encoding == .float { return Float(bitPattern: raw) }
        let signed = Int32(bitPattern: raw << UInt32(32 - bits))
        return Float(signed) / 2_147_483_648
    }
}
