// Errors of preprocessing: each names the network, what is wrong with the sample or the record, and what to do.

import PagefoldCore
import PagefoldData
import PagefoldPreprocessing
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct PreprocessingErrorTests {
    private let raw: RawSamples
    private static let image = Shape(channels: 1, height: 4, width: 4)

    init() throws { raw = try RawSamples() }

    private func expect(
        _ problem: String, _ remedy: String, place: SourceLocation = #_sourceLocation,
        _ work: () throws -> Void
    ) {
        let error = #expect(throws: InputError.self, sourceLocation: place) { try work() }
        #expect(error?.field.contains("network net") == true, "\(error?.field ?? "")", sourceLocation: place)
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")", sourceLocation: place)
        #expect(error?.remedy.contains(remedy) == true, "\(error?.remedy ?? "")", sourceLocation: place)
    }

    @Test func transformsThatThisVersionDoesNotKnow() throws {
        expect("'sharpen' is unknown to Pagefold \(pagefoldVersion)", "preprocess samples yourself") {
            _ = try raw.preprocessing("scale divisor=2; sharpen amount=3", Self.image)
        }
        expect("is not a parameter of 'scale'", "divisor") {
            _ = try raw.preprocessing("scale factor=2", Self.image)
        }
        expect("is not understood", "pack the network anew") {
            _ = try raw.preprocessing("scale 2", Self.image)
        }
    }

    @Test func whichInputIsMeant() throws {
        let file = try raw.foldOfPorts(name: "net", second: "vector")
        expect("it has 2 inputs", "image, vector") { _ = try file.preprocessing(of: "net") }
        expect("it has no input picture", "image") {
            _ = try file.preprocessing(of: "net", input: "picture")
        }
        let vector = try file.preprocessing(of: "net", input: "vector")
        #expect(vector.transforms == [] && vector.shape == PortCase.vector)
        #expect(try file.preprocessing(of: "net", input: "image").transforms == ["scale divisor=2"])
        expect("takes 1×3, a sample is 4×1×1 without transforms", "of that size") {
            _ = try vector.sample(from: [1, 2, 3, 4])
        }
        let missing = #expect(throws: InputError.self) { try file.preprocessing(of: "nets") }
        #expect(missing?.remedy.contains("net") == true)
    }

    @Test func samplesOfAnotherSize() throws {
        let plain = try raw.preprocessing("", Self.image)
        expect("takes 1×4×4, a sample is 1×5×4 without transforms", "of that size") {
            _ = try plain.sample(fromBytes: [UInt8](repeating: 1, count: 20), sizes: [5, 4])
        }
        expect("a sample is 1×2×2 without transforms", "resize") {
            _ = try plain.sample(fromPixels: [1, 2, 3, 4], height: 2, width: 2, channels: 1)
        }
        let cropping = try raw.preprocessing("crop height=4 width=4", Self.image)
        expect("too small for crop", "crop") {
            _ = try cropping.sample(fromPixels: [1, 2, 3, 4], height: 2, width: 2, channels: 1)
        }
        let scaling = try raw.preprocessing("scale divisor=2", Shape(channels: 3))
        let table = try raw.write(Array("a,b\n1,2\n3,4\n".utf8), "t.csv")
        expect("takes 3, a sample is 2×1×1 after preprocessing", "columns") {
            _ = try scaling.samples(in: table)
        }
    }

    @Test func numbersThatAreNoSample() throws {
        let plain = try raw.preprocessing("", Self.image)
        for sizes in [[4, 5], [-4, -4], [16, 0], [], [1, 1, 4, 4], [Int.max, Int.max, 2]] {
            expect("16 numbers for an array of", "sizes") {
                _ = try plain.sample(from: [Float](repeating: 0, count: 16), sizes: sizes)
            }
        }
        expect("value 3 is nan", "repair") {
            _ = try plain.sample(from: [0, 0, 0, .nan] + [Float](repeating: 0, count: 12), sizes: [4, 4])
        }
        for (height, channels) in [(3, 1), (0, 1), (-1, 1), (2, 5), (Int.max, 4)] {
            expect("4 bytes for", "one byte for each") {
                _ = try plain.sample(fromPixels: [1, 2, 3, 4], height: height, width: 2, channels: channels)
            }
        }
    }

    @Test func soundForNetworksOfSomethingElse() throws {
        expect("no transforms are recorded that make samples of recordings", "logmel or waveform") {
            _ = try raw.preprocessing("", Self.image).sample(fromSignal: [0, 1], rate: 8_000)
        }
        let wav = try raw.write(WAVFile.writeMono16([0.5], sampleRate: 8_000), "a.wav")
        let scaling = try raw.preprocessing("scale divisor=2", Self.image)
        expect("the first transform, scale, takes no recordings", "give them as numbers") {
            _ = try scaling.sample(fromRecording: wav)
        }
        expect("the first transform, scale, takes no recordings", "give them as numbers") {
            _ = try scaling.samples(in: wav)
        }
        let waveform = try raw.preprocessing("waveform sample_rate=8000 length=16", Self.image)
        for (signal, rate) in [([], 8_000), ([1], 0), ([1], -8_000)] as [([Float], Int)] {
            expect("a signal of \(signal.count) samples", "how many a second") {
                _ = try waveform.sample(fromSignal: signal, rate: rate)
            }
        }
        expect("is inf", "repair") { _ = try waveform.sample(fromSignal: [.infinity], rate: 8_000) }
        expect("too many samples", "lower sample_rate") {
            _ = try raw.preprocessing("waveform sample_rate=1000000 length=16", Self.image).sample(
                fromSignal: [Float](repeating: 0, count: 3_000), rate: 1)
        }
        let error = #expect(throws: InputError.self) {
            try waveform.sample(fromRecording: raw.path + "/none.wav")
        }
        #expect(error?.file.hasSuffix("none.wav") == true)
    }
}
