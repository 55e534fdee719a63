// `pagefold pack` killed without warning and started again, as often as it takes: the same bytes in the end.

import Foundation
import PagefoldTestCases
import Testing

@Suite struct KilledPackTests {
    /// How often a run is killed; PAGEFOLD_KILLS asks for more.
    static let kills = ProcessInfo.processInfo.environment["PAGEFOLD_KILLS"].flatMap { Int($0) } ?? 3

    @Test func aKilledRunEndsWithTheSameBytes() throws {
        let tiny = try TinyJob(steps: 900)
        #expect(try Tool.run("train", tiny.job).status == 0)
        #expect(try Tool.run("pack", tiny.job, "--threads", "1").status == 0)
        let undisturbed = try tiny.bytes(tiny.fold)
        try FileManager.default.removeItem(atPath: tiny.fold)

        var random = Delays(seed: 5)
        var killed = 0
        var resumed = 0
        while killed < Self.kills {
            let process = try Tool.start(
                ["pack", tiny.job, "--threads", "2"], in: tiny.folder, FileHandle.nullDevice,
                FileHandle.nullDevice)
            Thread.sleep(forTimeInterval: random.next())
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if process.terminationReason == .uncaughtSignal { killed += 1 }
            if FileManager.default.fileExists(atPath: tiny.checkpoint) { resumed += 1 }
            // Either nothing or the whole: never half a fold file.
            if FileManager.default.fileExists(atPath: tiny.fold) {
                #expect(try tiny.bytes(tiny.fold) == undisturbed)
                try FileManager.default.removeItem(atPath: tiny.fold)
                if process.terminationReason == .exit { killed += 1 }  // Faster than its killer: begin anew.
            }
        }
        let last = try Tool.run("pack", tiny.job)
        #expect(last.status == 0, "\(last.errors)")
        #expect(resumed > 0, "no kill fell between the first checkpoint and the end")
        #expect(try tiny.bytes(tiny.fold) == undisturbed)
        #expect(!FileManager.default.fileExists(atPath: tiny.checkpoint))
    }
}

/// Waiting times between 50 and 600 milliseconds.
private struct Delays {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> TimeInterval {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return 0.05 + 0.55 * Double(state >> 40) / Double(1 << 24)
    }
}
