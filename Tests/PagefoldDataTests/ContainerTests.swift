// Files, gzip, tar and WAV against files written by Python. Damaged files are DamageTests'.
import Foundation
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite struct ContainerTests {
    @Test(arguments: [
        ("one.gz", String(repeating: "pagefold ", count: 5)), ("two-members.gz", "pagefold"),
        ("padded.gz", "pagefold"),
    ])
    func gzip(name: String, text: String) throws {
        #expect(try FileBytes.read(Goldens.path(name)) == Array(text.utf8))
    }

    @Test func gzipCap() throws {
        let bytes = try Goldens.bytes("bomb.gz")
        #expect(try Inflate.gunzip(bytes, file: "bomb", cap: 1 << 20).count == 1 << 20)
        let error = #expect(throws: InputError.self) {
            try Inflate.gunzip(bytes, file: "bomb", cap: 1 << 20 - 1)
        }
        #expect(error?.problem.contains("expands to more") == true)
    }

    @Test func gzipFollowedByOtherBytesIsAnError() throws {
        let bytes = try Goldens.bytes("one.gz") + [1, 2, 3]
        #expect(throws: InputError.self) { try Inflate.gunzip(bytes, file: "x") }
    }

    @Test(arguments: [
        ("/nowhere/at/all", "is not there"), ("/", "is a directory"), ("/dev/zero", "is not a regular file"),
    ])
    func filesThatCannotBeRead(path: String, problem: String) {
        let error = #expect(throws: InputError.self) { try FileBytes.read(path) }
        #expect(error?.file == path)
        #expect(error?.problem == problem)
    }

    @Test func plainFileWithAGzipNameIsAnError() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "pagefold-\(ProcessInfo.processInfo.processIdentifier).gz")
        try Data("plain".utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        #expect(throws: InputError.self) { try FileBytes.read(path.path) }
        let error = #expect(throws: InputError.self) { try FileBytes.read(path.path, cap: 3) }
        #expect(error?.field == "file size")
    }

    @Test(arguments: [
        (
            "ustar.tar",
            ["folder/a.txt", String(repeating: "p", count: 90) + "/" + String(repeating: "n", count: 90)]
        ),
        ("gnu.tar", [String(repeating: "l", count: 150), "after"]),
        ("pax.tar", [String(repeating: "l", count: 150), "after"]),
    ])
    func tar(name: String, entries: [String]) throws {
        let archive = try TarArchive(try Goldens.bytes(name), file: name)
        #expect(archive.entries.map(\.name) == entries)
        // Each file's content is its own name.
        #expect(archive.entries.map { String(decoding: archive.content(of: $0), as: UTF8.self) } == entries)
    }

    @Test(arguments: ["pcm8", "pcm16", "pcm24", "pcm32", "float32", "extensible"])
    func wav(encoding: String) throws {
        let recording = try WAVFile(try Goldens.bytes("\(encoding).wav"), file: encoding)
        #expect(recording.sampleRate == 8_000)
        #expect(recording.channels == [[-1, -0.5, 0, 0.5]])
    }

    @Test func wavChannels() throws {
        let recording = try WAVFile(try Goldens.bytes("stereo.wav"), file: "stereo")
        #expect(recording.channels == [[-1, -0.5, 0, 0.5], [0.5, 0.25, 0, -0.25]])
    }

    @Test func wavRoundTrip() throws {
        let samples: [Float] = [0, 1, -1, 0.25, 2]
        let recording = try WAVFile(WAVFile.writeMono16(samples, sampleRate: 16_000), file: "x")
        #expect(recording.sampleRate == 16_000)
        #expect(largestDifference(recording.channels[0], [0, 1, -1, 0.25, 1]) < 1e-4)
    }
}
