// The pages about running (PagefoldRuntime.docc, docs/running.md): every line of Swift on them is compiled and run, and every
// declaration that they name is there.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldPreprocessing
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct RuntimePageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    private static let folder = "Sources/PagefoldRuntime/PagefoldRuntime.docc"
    private static let pages =
        ((try? FileManager.default.contentsOfDirectory(
            atPath: root.appendingPathComponent(folder).path)) ?? []).sorted().map { "\(folder)/\($0)" }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Lines of code without comments, indentation and empty lines.
    private static func code(_ text: String) -> [String] {
        text.replacing("\"pagefold.fold\"", with: "path").split(separator: "\n").map {
            $0.replacing(/\s*\/\/.*/, with: "").trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
    }

    /// The programs of a page; those that begin with the version of the tools are for SwiftPM, which .ci/run gives them to.
    private static func programs(_ page: String) throws -> [String] {
        try text(page).components(separatedBy: "```swift\n").dropFirst()
            .map { $0.components(separatedBy: "```")[0] }.filter { !$0.hasPrefix("// swift-tools-version") }
    }

    @Test func thereAreThePages() {
        #expect(
            Self.pages.map { ($0 as NSString).lastPathComponent } == [
                "PagefoldRuntime.md", "PreprocessSamples.md", "ReplaceWhileRunning.md", "RunANetwork.md",
                "TwoLevelsOfMemory.md",
            ])
    }

    @Test(arguments: pages + ["docs/running.md"]) func everyLineIsCompiled(page: String) throws {
        let compiled = Self.code(try Self.text("Tests/PagefoldPreprocessingTests/RuntimePages.swift"))
        let programs = try Self.programs(page)
        #expect(!programs.isEmpty)
        for program in programs {
            let lines = Self.code(program)
            let (imports, rest) = (
                lines.filter { $0.hasPrefix("import ") }, lines.filter { !$0.hasPrefix("import ") }
            )
            #expect(imports.allSatisfy(compiled.contains), "\(imports)")
            #expect(
                !rest.isEmpty && compiled.ranges(of: rest).count == 1, "\(page): not compiled:\n\(program)")
        }
    }

    @Test(arguments: pages) func whatIsNamedIsThere(page: String) throws {
        let sources = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appendingPathComponent("Sources/PagefoldRuntime").path)
        var words: Set<Substring> = ["PagefoldRuntime"]
        for source in sources where source.hasSuffix(".swift") {
            words.formUnion(
                try Self.text("Sources/PagefoldRuntime/\(source)").split { !$0.isLetter && !$0.isNumber })
        }
        let text = try Self.text(page)
        for link in text.matches(of: /``([A-Za-z]+)(?:\/([A-Za-z]+)(?:\(\))?)?``/) {
            #expect(words.contains(link.1) && words.contains(link.2 ?? link.1), "\(link.0)")
        }
        for link in text.matches(of: /<doc:(\w+)>/) {
            #expect(Self.pages.contains("\(Self.folder)/\(link.1).md"), "\(link.0)")
        }
    }

    // MARK: The programs do what the pages say

    private static let image = Shape(channels: 1, height: 28, width: 28)

    private static func file(_ raw: RawSamples) throws -> FoldFile {
        try raw.fold([
            (
                "signs",
                NetworkPort(name: "x", preprocessing: "resize height=28 width=28; scale divisor=255"),
                image
            ),
            ("digits", NetworkPort(name: "x", preprocessing: "scale divisor=255"), image),
            (
                "words", NetworkPort(name: "x", preprocessing: "waveform sample_rate=8000 length=50"),
                Shape(channels: 1, height: 1, width: 50)
            ),
            ("motion", NetworkPort(name: "x", preprocessing: "scale divisor=2"), Shape(channels: 3)),
        ])
    }

    private let raw: RawSamples
    private let file: FoldFile
    private var pages: RuntimePages

    init() throws {
        raw = try RawSamples()
        file = try Self.file(raw)
        pages = RuntimePages(
            path: file.path, sample: randomNumbers(784, seed: 1), another: randomNumbers(784, seed: 2))
    }

    @Test mutating func runningAndMemory() throws {
        let signs = try file.session("signs").run(pages.sample)
        let digits = try file.session("digits").run(pages.sample)
        #expect(try pages.landing() == digits)
        #expect(try pages.oneSample() == signs)
        #expect(try pages.used == [file.session("digits").run(pages.another)])
        #expect(try pages.twoLevels() == digits)
        #expect(try pages.oneArena(file) == [digits, signs])
        let two = pages.sample + pages.another
        var ours = [Float](repeating: 0, count: 4)
        let answers = try two.withUnsafeBufferPointer { theirs in
            try ours.withUnsafeMutableBufferPointer {
                try pages.manySamples(file, samples: two, theirs: theirs, ours: $0)
            }
        }
        #expect(answers == ours)
        #expect(largestDifference(Array(answers[..<2]), signs) < 1e-4)
    }

    @Test mutating func inputsByName() throws {
        let file = try raw.foldOfPorts(name: "stream", second: "motion")
        let session = try file.session("stream")
        let (pixels, moved) = (randomNumbers(PortCase.image.count, seed: 3), randomNumbers(3, seed: 4))
        let answers = try pages.severalInputs(session, pixels: pixels, accelerations: moved)
        #expect(Set(answers.keys) == ["class", "level"])
        // The second run began with the states of the first.
        #expect(pages.used[0].count == 4 && pages.used[0] != answers["class"])
        session.resetState()
        #expect(try session.run(["image": pixels, "motion": moved]) == answers)
    }

    @Test func aNewVersionIsTakenOver() throws {
        let (live, digits, first) = try pages.replacement()
        let next = try Self.file(raw)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: next.path))
        try raw.write([1, 2, 3], "next")
        try FileManager.default.removeItem(atPath: file.path)
        try FileManager.default.moveItem(atPath: raw.path + "/next", toPath: file.path)
        pages.lookForANewVersion(live)
        #expect(live.generation == 0)
        #expect(try digits.run(pages.sample) == first)
        try raw.write(Array(bytes), "next")
        try FileManager.default.removeItem(atPath: file.path)
        try FileManager.default.moveItem(atPath: raw.path + "/next", toPath: file.path)
        pages.lookForANewVersion(live)
        #expect(live.generation == 1)
        #expect(try digits.run(pages.sample) == first)
    }

    @Test func soundNumbersAndFrames() throws {
        let signal = randomNumbers(300, seed: 5)
        let recording = try raw.write(WAVFile.writeMono16(signal, sampleRate: 44_100), "yes.wav")
        let heard = try pages.recordings(
            file, recording: recording,
            microphone: try WAVFile(
                [UInt8](Data(contentsOf: URL(fileURLWithPath: recording))), file: recording
            ).mono)
        #expect(heard[0] == heard[1] && heard[0].count == 50 && heard[0] != heard[0].map { _ in 0 })
        let pixels = RawSamples.bytes(784, seed: 6)
        #expect(
            try pages.numbers(file, pixels: pixels) == [
                pixels.map { Float($0) / 255 }, [0.125, -0.5, 4.875],
            ])
        let frame = RawSamples.bytes(48 * 64 * 4, seed: 7)
        #expect(try pages.camera(file.preprocessing(of: "signs"), frame: frame).count == 784)
    }

    @Test(.enabled(if: PictureFile.hasPNG, "libpng16 is not installed here"))
    func picturesOfAFolder() throws {
        let folder = raw.path + "/photos"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let names = ["png-0-8", "png-6-8"]
        for name in names { try raw.write(try PicturePreprocessingTests.picture(name), "photos/\(name).png") }
        let single = try names.map { try pages.preprocessed(photo: "\(folder)/\($0).png") }
        let together = try pages.wholeFolders(file, try file.preprocessing(of: "signs"), folder: folder)
        #expect(largestDifference(together, Array(single.joined())) < 1e-4)
    }
}
