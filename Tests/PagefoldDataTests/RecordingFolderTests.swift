// Folders and archives of recordings as samples: classes, rates, channels, encodings, what writers of WAV leave behind.
import Foundation
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite struct RecordingFolderTests {
    private static let wave = TransformDescription(
        "waveform", ["sample_rate": .number(8_000), "length": .number(6)])

    private func load(_ path: String, _ transform: TransformDescription? = wave) throws -> Dataset {
        try Dataset.load(
            DatasetDescription(samples: [path], transforms: transform.map { [$0] } ?? []), purpose: .training,
            jobFile: "job.yaml")
    }

    private static func wav(
        _ data: [UInt8], code: UInt16 = 1, channels: UInt16 = 1, rate: UInt32 = 8_000, bits: UInt16 = 16,
        size: UInt32? = nil
    ) -> [UInt8] {
        func little(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        var bytes =
            Array("RIFF".utf8) + little(UInt32(36 + data.count)) + Array("WAVEfmt ".utf8) + little(UInt32(16))
        bytes +=
            little(code) + little(channels) + little(rate) + little(UInt32(0)) + little(UInt16(0))
            + little(bits)
        return bytes + Array("data".utf8) + little(size ?? UInt32(data.count)) + data
    }

    @Test func foldersAreClasses() throws {
        let sound = WAVFile.writeMono16([0.5, -0.5, 0.25], sampleRate: 8_000)
        let folder = try SampleFolder([
            "yes/a.WAV": sound, "yes/._a.wav": [0, 5], "no/3_bob_1.wav": sound, "no/x y.wave": sound,
            "up/z.wav": sound,
        ])
        let set = try load(folder.path)
        #expect(set.classNames == ["no", "up", "yes"] && set.labels == [0, 0, 1, 2])
        #expect(set.shape == Shape(channels: 1, height: 1, width: 6))
        #expect(zip(set.sample(0), [0.5, -0.5, 0.25, 0, 0, 0]).allSatisfy { abs($0 - $1) < 1e-4 })
        let error = #expect(throws: InputError.self) { try load(folder.path, nil) }
        #expect(error?.remedy.contains("waveform") == true)
    }

    @Test func namesOfTheFormTellClassAndSpeaker() throws {
        let sound = WAVFile.writeMono16([0.5], sampleRate: 8_000)
        let folder = try SampleFolder(["7_jo_0.wav": sound, "2_al_1.wav": sound])
        let set = try load(folder.path)
        #expect(set.labels == [2, 7] && set.groups == [0, 1] && set.classNames.isEmpty)
        try folder.write(sound, "other.wav")
        let error = #expect(throws: InputError.self) { try load(folder.path) }
        #expect(error?.file == folder.path + "/other.wav")
    }

    @Test func channelsAreAveraged() throws {
        let folder = try SampleFolder(["a.wav": Self.wav([0, 64, 0, 0, 0, 192, 0, 64], channels: 2)])
        #expect(try load(folder.path).sample(0) == [0.25, 0, 0, 0, 0, 0])
    }

    @Test func doubles() throws {
        let bytes = [0.5, -0.25].flatMap { value in
            withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
        #expect(try WAVFile(Self.wav(bytes, code: 3, bits: 64), file: "a").mono == [0.5, -0.25])
    }

    /// Sizes that a stream leaves open, with half a sample at the end.
    @Test(arguments: [0, UInt32.max]) func openSizes(size: UInt32) throws {
        let file = try WAVFile(Self.wav([0, 64, 0, 192, 1], size: size), file: "a")
        #expect(file.mono == [0.5, -0.5])
    }

    @Test func noDataAreNoData() throws {
        let note = Array("LIST".utf8) + [4, 0, 0, 0, 1, 2, 3, 4]
        #expect(try WAVFile(Self.wav([], size: 0) + note, file: "a").mono == [])
        let folder = try SampleFolder(["a.wav": Self.wav([], size: 0)])
        let error = #expect(throws: InputError.self) { try load(folder.path) }
        #expect(error?.problem == "holds no sound")
    }

    @Test(arguments: [(44_100, 16_000), (22_050, 16_000), (8_000, 16_000), (48_000, 8_000)])
    func resampledTonesAreTones(from: Int, to: Int) throws {
        let archive = try NumPyArchive(try Goldens.bytes("resampled.npz"), file: "resampled.npz")
        let source = try archive.array(named: "\(from)").floats
        let due = try archive.array(named: "\(from)-\(to)").floats
        let resampling = Resampling(from: from, to: to)
        let result = resampling.apply(source)
        #expect(result.count == due.count && resampling.count(of: source.count) == due.count)
        // Away from the ends, where a tone begins out of nothing.
        let difference = zip(result, due).dropFirst(200).dropLast(200).map { abs($0 - $1) }.max() ?? 1
        #expect(difference < 1e-3)
        #expect(Resampling(from: from, to: from).apply(source) == source)
    }

    @Test func ratesBeyondReasonAreRefused() throws {
        let folder = try SampleFolder(["a.wav": Self.wav([1, 2], rate: 100)])
        #expect(try load(folder.path).count == 1)
        let long = Self.wav([UInt8](repeating: 1, count: 200_000), rate: 100)
        let many = try SampleFolder(["a.wav": long])
        let rate = TransformDescription("waveform", ["sample_rate": .number(100_000_000)])
        #expect(throws: InputError.self) { try load(many.path, rate) }
    }

    @Test func logmelFollowsItsFormula() throws {
        let archive = try NumPyArchive(try Goldens.bytes("resampled.npz"), file: "resampled.npz")
        var logmel = LogMel()
        (logmel.frames, logmel.low, logmel.high) = (30, 60, 7_600)
        let noise = try archive.array(named: "noise").floats
        let rows = logmel.features(of: [noise])
        let due = try archive.array(named: "logmel").floats
        #expect(largestDifference(rows, due) < 0.02)
        logmel.bandsFirst = true
        #expect(logmel.shape == Shape(channels: 1, height: 40, width: 30))
        #expect(logmel.features(of: [noise])[30] == rows[1])
    }

    static let cases = ["base", "upper", "appledouble", "stream_zero", "stream_ffff"]

    @Test(.enabled(if: SharedData.folder != nil, "no shared data sets here"), arguments: cases)
    func sharedCases(name: String) throws {
        let transform = TransformDescription("mfcc", ["frames": .number(7)])
        let set = try load(SharedData.path("../cases/wav/\(name).tar.gz"), transform)
        #expect(set.count == (name == "base" ? 16 : 8))
        #expect(set.labels?.prefix(4) == [0, 1, 0, 1] && set.groups?.prefix(4) == [0, 0, 1, 1])
        // Two tones, and no silence: two recordings of a class are alike, of two classes they are not.
        let samples = (0..<4).map { set.sample($0) }
        #expect(largestDifference(samples[0], samples[2]) < largestDifference(samples[0], samples[1]))
    }
}
