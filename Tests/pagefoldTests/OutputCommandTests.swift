// Where results go: nothing that a command reads or that is no regular file is replaced, what cannot be written is an
// error, a ruined network is told, and Ctrl-C says how to go on.

import Foundation
import PagefoldTestCases
import Testing

@Suite struct OutputCommandTests {
    private func trained(steps: Int = 30) throws -> TinyJob {
        let tiny = try TinyJob(steps: steps)
        try #require(try Tool.run("train", tiny.job).status == 0)
        return tiny
    }

    @Test(arguments: [
        "-", "/dev/null", "folder", "folder/", "fifo", "a-images.idx", "tiny.yaml", "a.fold", "no/x.fold",
    ])
    func whatMustStayIsRefusedBeforeTheWork(output: String) throws {
        let tiny = try trained()
        try FileManager.default.createDirectory(
            atPath: tiny.folder + "/folder", withIntermediateDirectories: true)
        #expect(mkfifo(tiny.folder + "/fifo", 0o600) == 0)
        let before =
            try tiny.bytes(tiny.folder + "/a-images.idx") + tiny.bytes(tiny.job)
            + tiny.bytes(tiny.folder + "/a.fold")
        let outcome = try Tool.run(["pack", tiny.job, "-o", output], in: tiny.folder)
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: \(output): --output: "), "\(outcome.errors)")
        #expect(!outcome.errors.contains("reading a"), "after the work began")
        let after =
            try tiny.bytes(tiny.folder + "/a-images.idx") + tiny.bytes(tiny.job)
            + tiny.bytes(tiny.folder + "/a.fold")
        #expect(before == after)
        var status = stat()
        #expect(stat(tiny.folder + "/fifo", &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }

    @Test(arguments: [true, false])
    func aLinkIsFollowed(isThere: Bool) throws {
        let tiny = try trained()
        let (link, target) = (tiny.folder + "/link.fold", tiny.folder + "/target.fold")
        if isThere { try Data().write(to: URL(fileURLWithPath: target)) }
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "target.fold")
        let outcome = try Tool.run("pack", tiny.job, "-o", link)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "target.fold")
        #expect(try Tool.run("list", target).status == 0)
    }

    @Test func aJobFileMayHaveANameOfOneLetter() throws {
        let tiny = try TinyJob()
        try FileManager.default.moveItem(atPath: tiny.job, toPath: tiny.folder + "/j")
        #expect(try Tool.run("train", "j", in: tiny.folder).status == 0)
        let outcome = try Tool.run("pack", "j", in: tiny.folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(FileManager.default.fileExists(atPath: tiny.folder + "/j.fold"))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"))
    func aRecordThatCannotBeWrittenIsAnErrorAndNotLost() throws {
        let tiny = try trained()
        let full = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
        let process = try Tool.start(
            ["pack", tiny.job, "--json"], in: tiny.folder, full, FileHandle.nullDevice)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        // The work is there still: the next one goes on from the last step.
        #expect(FileManager.default.fileExists(atPath: tiny.checkpoint))
        let again = try Tool.run("pack", tiny.job, "--json")
        #expect(again.status == 0 && again.output.contains("\"resumedStep\" : 30"), "\(again.errors)")
    }

    @Test func layersThatHaveChangedAreTrainedAgain() throws {
        let tiny = try trained()
        let text = try String(contentsOfFile: tiny.job, encoding: .utf8)
        try text.replacing("dense 12", with: "dense 13").write(
            toFile: tiny.job, atomically: true, encoding: .utf8)
        let outcome = try Tool.run("pack", tiny.job)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("network a: layers: they have changed since"), "\(outcome.errors)")
        #expect(outcome.errors.contains("train again: pagefold train"))
    }

    @Test func aRuinedNetworkIsToldAndIsExitCode3WhenAskedFor() throws {
        let tiny = try trained(steps: 0)
        let settings = ["--set", "format=float32", "--set", "frames=1"]
        let outcome = try Tool.run(["pack", tiny.job] + settings)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("note: the budget of 2736 does not count: frames is 1"))
        #expect(outcome.errors.contains("warning: "), "\(outcome.errors)")
        #expect(outcome.output.contains("  ruined"), "\(outcome.output)")
        let written = try tiny.bytes(tiny.fold)
        try FileManager.default.removeItem(atPath: tiny.fold)
        #expect(try Tool.run(["pack", tiny.job, "--strict"] + settings).status == 3)
        #expect(try tiny.bytes(tiny.fold) == written)
        let record = try Tool.run(["pack", tiny.job, "--json"] + settings)
        #expect(record.output.contains("\"ruin\""))
    }

    @Test func aSoundFoldIsStrictlySound() throws {
        let tiny = try trained()
        let outcome = try Tool.run("pack", tiny.job, "--strict")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!outcome.errors.contains("ruined") && !outcome.errors.contains("note: the budget"))
    }

    @Test func anInterruptedRunSaysHowToGoOn() throws {
        let tiny = try trained(steps: 1_000_000)
        let place = tiny.folder + "/errors"
        try Data().write(to: URL(fileURLWithPath: place))
        let process = try Tool.start(
            ["pack", "tiny.yaml", "--set", "format=int8"], in: tiny.folder, FileHandle.nullDevice,
            try FileHandle(forWritingTo: URL(fileURLWithPath: place)))
        defer { if process.isRunning { process.terminate() } }
        while process.isRunning, !FileManager.default.fileExists(atPath: tiny.checkpoint) {
            Thread.sleep(forTimeInterval: 0.02)
        }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 130)
        let told = try String(contentsOfFile: place, encoding: .utf8)
        #expect(told.contains("Interrupted: to go on from the checkpoint at step "), "\(told.suffix(300))")
        #expect(told.contains("pack tiny.yaml --set format=int8"))
    }
}
