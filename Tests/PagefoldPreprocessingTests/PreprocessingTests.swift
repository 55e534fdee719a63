// What an application gets of a raw sample is what training made of it, bit for bit, whatever the sample is.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldPreprocessing
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct PreprocessingTests {
    private let raw: RawSamples

    init() throws { raw = try RawSamples() }

    // MARK: Numbers

    @Test(arguments: [
        "", "scale divisor=255", "standardise mean=0.5,3,7 deviation=2,0.3,11; l2norm",
        "scale divisor=3; resize height=4 width=3; scale divisor=0.7", "crop height=4 width=3",
    ])
    func arraysOfThreeAxes(transforms: String) throws {
        let bytes = RawSamples.bytes(2 * 5 * 4 * 3, seed: 3)
        let file = try raw.write(RawSamples.idx([2, 5, 4, 3], bytes), "images.idx")
        let due = try raw.trained(file, transforms)
        let shape =
            transforms.contains("height")
            ? Shape(channels: 3, height: 4, width: 3) : Shape(channels: 3, height: 5, width: 4)
        let preprocessing = try raw.preprocessing(transforms, shape)
        for index in 0..<2 {
            let one = Array(bytes[60 * index..<60 * (index + 1)])
            #expect(try preprocessing.sample(fromBytes: one, sizes: [5, 4, 3]) == due[index])
            #expect(try preprocessing.sample(from: one.map { Float($0) }, sizes: [5, 4, 3]) == due[index])
            // The same numbers, channels first.
            let planes = (0..<60).map { one[$0 % 20 * 3 + $0 / 20] }
            #expect(
                try preprocessing.sample(fromBytes: planes, sizes: [3, 5, 4], layout: .channelsFirst)
                    == due[index])
        }
        #expect(Array(try preprocessing.samples(in: file)) == due)
    }

    @Test(arguments: [
        ("fft_windows intervals=3 points=4", Shape(channels: 1, height: 3, width: 32)),
        ("", Shape(channels: 1, height: 30, width: 4)),
    ])
    func arraysOfTwoAxes(transforms: String, shape: Shape) throws {
        let bytes = RawSamples.bytes(30 * 4, seed: 4)
        let due = try raw.trained(try raw.write(RawSamples.idx([1, 30, 4], bytes), "moves.idx"), transforms)
        #expect(try raw.preprocessing(transforms, shape).sample(fromBytes: bytes, sizes: [30, 4]) == due[0])
    }

    @Test func rowsOfATableAndWindowsOfRows() throws {
        let rows: [[Float]] = (0..<6).map { [Float($0) * 1.5, 0.1, -3] }
        let text = "kind,a,b,c\n" + rows.map { "dog,\($0[0]),\($0[1]),\($0[2])\n" }.joined()
        let file = try raw.write(Array(text.utf8), "t.csv")
        let transforms = "standardise mean=0.5 deviation=0.3"
        let due = try raw.trained(file, transforms) { $0.table.label = "kind" }
        let row = try raw.preprocessing(transforms, Shape(channels: 3))
        #expect(try rows.map { try row.sample(from: $0) } == due)
        #expect(Array(try row.samples(in: file, label: "kind")) == due)
        #expect(try row.samples(in: file, columns: ["c", "a", "b"])[1] == [due[1][2], due[1][0], due[1][1]])
        let windows = try raw.trained(file, transforms) {
            $0.table.label = "kind"
            $0.table.window = 2
        }
        let window = try raw.preprocessing(transforms, Shape(channels: 1, height: 2, width: 3))
        #expect(try window.sample(from: rows[2] + rows[3], sizes: [2, 3]) == windows[1])
        #expect(Array(try window.samples(in: file, label: "kind")) == windows)
    }

    @Test func aQuantisedInputTakesItsOwnNumbersInItsOwnOrder() throws {
        // Outside [rows, columns, channels] of bytes; n stands for (n − 128) · 0.5.
        let shape = Shape(channels: 2, height: 2, width: 3)
        var port = NetworkPort(
            name: "x", axes: [.init(2, .height), .init(3, .width), .init(2, .channels)], element: .uint8,
            scale: 0.5, zeroPoint: 128)
        let bytes = RawSamples.bytes(12, seed: 5)
        let due = (0..<12).map { (Float(bytes[$0 % 6 * 2 + $0 / 6]) - 128) * 0.5 }
        #expect(try raw.preprocessing(port, shape).sample(fromBytes: bytes, sizes: [2, 3, 2]) == due)
        // Real numbers are what they are.
        let real = try raw.preprocessing(port, shape).sample(from: bytes.map { Float($0) }, sizes: [2, 3, 2])
        #expect(real == due.map { $0 / 0.5 + 128 })
        port.element = .int8
        port.zeroPoint = 0
        let preprocessing = try raw.preprocessing(port, shape)
        let error = #expect(throws: InputError.self) {
            try preprocessing.sample(fromBytes: bytes, sizes: [2, 3, 2])
        }
        #expect(error?.problem.contains("int8") == true)
    }

    @Test func sessionsTakeWhatComesOut() throws {
        let shape = Shape(channels: 1, height: 2, width: 3)
        let file = try raw.fold([("net", NetworkPort(name: "x", preprocessing: "scale divisor=255"), shape)])
        let sample = try file.preprocessing(of: "net").sample(fromBytes: [UInt8](1...6), sizes: [2, 3])
        #expect(sample == (1...6).map { Float($0) / 255 })
        #expect(try file.session("net").run(sample).count == 2)
    }

    // MARK: Recordings

    @Test(arguments: [
        ("waveform sample_rate=8000 length=500", Shape(channels: 1, height: 1, width: 500)),
        (
            "mfcc sample_rate=4000 frame_length=64 fft_size=64 hop=32 frames=9 mel_bands=12 coefficients=5; scale divisor=3",
            Shape(channels: 1, height: 9, width: 5)
        ),
        (
            "logmel sample_rate=8000 frame_length=64 fft_size=64 hop=32 frames=9 mel_bands=12 bands_first=1",
            Shape(channels: 1, height: 12, width: 9)
        ),
    ])
    func recordings(transforms: String, shape: Shape) throws {
        let preprocessing = try raw.preprocessing(transforms, shape)
        for (index, rate) in [8_000, 11_025].enumerated() {
            let wav = WAVFile.writeMono16(randomNumbers(700, seed: 6), sampleRate: rate)
            let file = try raw.write(wav, "\(index).wav")
            let due = try raw.trained(file, transforms)
            #expect(due[0].count == shape.count)
            #expect(try preprocessing.sample(fromRecording: file) == due[0])
            let signal = try WAVFile(wav, file: file).mono
            #expect(try preprocessing.sample(fromSignal: signal, rate: rate) == due[0])
            #expect(Array(try preprocessing.samples(in: file)) == due)
        }
    }
}

/// Pictures that PagefoldDataTests has, and their preprocessing.
@Suite(
    .enabled(if: PictureFile.hasPNG && PictureFile.hasJPEG, "libpng16 or libturbojpeg is not installed here"))
struct PicturePreprocessingTests {
    private let raw: RawSamples

    init() throws { raw = try RawSamples() }

    static func picture(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
        let array = try ArrayFile.read("\(folder)/../PagefoldDataTests/Goldens/pictures.npz#\(name).file")
        guard case .u8(let bytes) = array.payload else { return [] }
        return bytes
    }

    @Test(
        arguments: ["jpeg-420", "png-6-8", "png-0-8"],
        [
            "resize height=9 width=7; scale divisor=255",
            "resize height=9 width=7; bgr; standardise mean=100 deviation=60",
            "scale divisor=255; resize height=9 width=7", "crop height=9 width=7 fit=1",
        ])
    func pictures(name: String, transforms: String) throws {
        let bytes = try Self.picture(name)
        let file = try raw.write(bytes, "picture")
        // Grey ones are read with the channels of the others, as in a folder of both.
        let due = try raw.trained(file, transforms) { $0.channels = 3 }
        let preprocessing = try raw.preprocessing(transforms, Shape(channels: 3, height: 9, width: 7))
        #expect(try preprocessing.sample(fromPicture: file) == due[0])
        #expect(try preprocessing.sample(fromPicture: bytes) == due[0])
        #expect(Array(try preprocessing.samples(in: file)) == due)
        let decoded = try PictureFile(bytes, as: .rgb, file: name)
        let (height, width) = (decoded.height, decoded.width)
        #expect(
            try preprocessing.sample(fromPixels: decoded.values, height: height, width: width) == due[0])
        let withAlpha = (0..<height * width).flatMap { decoded.values[3 * $0..<3 * $0 + 3] + [7] }
        #expect(
            try preprocessing.sample(fromPixels: withAlpha, height: height, width: width, channels: 4)
                == due[0])
    }

    @Test func greyNetworksTakeColouredPictures() throws {
        let bytes = try Self.picture("jpeg-420")
        let file = try raw.write(bytes, "picture.jpg")
        let transforms = "resize height=9 width=7"
        let due = try raw.trained(file, transforms) { $0.channels = 1 }
        let preprocessing = try raw.preprocessing(transforms, Shape(channels: 1, height: 9, width: 7))
        #expect(try preprocessing.sample(fromPicture: bytes) == due[0])
        // What the transforms say of channels is what counts.
        let grey = "grey; resize height=9 width=7"
        #expect(
            try raw.preprocessing(grey, Shape(channels: 1, height: 9, width: 7)).sample(fromPicture: file)
                == raw.trained(file, grey)[0])
    }
}
