// `pagefold sweep` as a process, on a tiny job: records, failing runs, kills.

import Foundation
import PagefoldReport
import PagefoldTestCases
import Testing

@Suite struct SweepTests {
    static func trained(steps: Int = 12) throws -> TinyJob {
        let tiny = try TinyJob(steps: steps)
        #expect(try Tool.run("train", tiny.job, "--threads", "1").status == 0)
        return tiny
    }

    static func record(_ folder: String, _ name: String) throws -> PackRecord {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).json"))
        return try JSONDecoder().decode(PackRecord.self, from: data)
    }

    /// What is the same in every run: no times, no memory.
    static func timeless(_ record: PackRecord) -> PackRecord {
        var record = record
        record.stages = []
        record.seconds = nil
        record.peakMemory = nil
        record.resumedStep = nil
        record.command = []
        record.threads = nil
        return record
    }

    static func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
    }

    @Test func oneRecordARun() throws {
        let tiny = try Self.trained()
        let folder = tiny.folder + "/runs"
        let arguments = [
            "sweep", tiny.job, "--vary", "networks=1,a+b", "--vary", "seed=1...2", "-o", folder, "--parallel",
            "2", "--threads", "1", "--test", "--set", "exclusive=0.1", "--set", "separation=loss", "--set",
            "block=4", "--set", "budget=2236", "--set", "format=float32",
        ]
        let dry = try Tool.run(arguments + ["--dry-run"])
        #expect(dry.status == 0, "\(dry.errors)")
        #expect(dry.output.contains("networks-a+b_seed-2"))
        #expect(!FileManager.default.fileExists(atPath: folder))

        let outcome = try Tool.run(arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("4 of 4 runs"), "\(outcome.output)")
        let names = ["networks-1_seed-1", "networks-1_seed-2", "networks-a+b_seed-1", "networks-a+b_seed-2"]
        #expect(try Self.files(folder) == names.map { $0 + ".json" })
        #expect(outcome.errors.contains("networks-1_seed-1: matching"), "\(outcome.errors)")

        let record = try Self.record(folder, "networks-a+b_seed-2")
        #expect(record.parameters == ["networks": "a+b", "seed": "2"])
        #expect(record.settings["seed"] == "2" && record.settings["steps"] == "12")
        #expect(record.settings["budget"] == "2236")
        #expect(record.networks.map(\.name) == ["a", "b"])
        #expect(record.bytes <= 2_236)
        #expect((record.overrideBlocks ?? 0) > 0 && (record.overrideBytes ?? 0) > 8)
        #expect(record.pageTables?.map(\.count) == record.networks.map(\.pages))
        #expect(record.sharingCost?.count == 2)
        #expect((record.sharingCost?[0][1] ?? 0) > 0)
        #expect(record.sharingCost?[0][1] == record.sharingCost?[1][0])
        for stage in ["loading", "Fisher", "matching", "training"] {
            #expect(record.stages.contains { $0.name == stage }, "\(stage)")
        }
        #expect(record.threads == 1 && (record.peakMemory ?? 0) > 0)
        for network in record.networks {
            #expect(network.testOriginal?.count == 120 && network.testPacked?.count == 120)
            #expect((network.fisher?.counts.reduce(0, +) ?? 0) > 0)
            // Dense 30 → 12 → 3 and 30 → 9 → 3, without biases.
            #expect(network.weightsBefore?.counts.reduce(0, +) == (network.name == "a" ? 396 : 297))
            #expect(network.weightsBefore?.edges == network.weightsAfter?.edges)
        }
        #expect(try Self.record(folder, "networks-1_seed-1").networks.map(\.name) == ["a"])

        // Nothing is made again, and the summary is the same.
        let written = try names.map { try tiny.bytes("\(folder)/\($0).json") }
        let again = try Tool.run(arguments + ["--json"])
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.errors.contains("4 runs, 4 of them made before"))
        #expect(try names.map { try tiny.bytes("\(folder)/\($0).json") } == written)
        let summary = try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any]
        #expect((summary?["runs"] as? [Any])?.count == 4)

        // The records are what pagefold report reads.
        #expect(try RecordCollection(paths: [folder]).runs.count == 4)
    }

    @Test func aFailingRunLeavesItsErrorAndTheOthersGoOn() throws {
        let tiny = try Self.trained()
        let folder = tiny.folder + "/runs"
        // A page of 4 weights is out of bounds, and 300 bytes hold not even the programs.
        let arguments = [
            "sweep", tiny.job, "--vary", "page=4,16", "--vary", "budget=300,3200", "-o", folder,
            "--keep-folds",
            "--threads", "1",
        ]
        let outcome = try Tool.run(arguments)
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("1 of 4 runs"), "\(outcome.output)")
        for (name, problem) in [
            ("page-4_budget-300", "page: 4 weights"), ("page-4_budget-3200", "page: 4 weights"),
            ("page-16_budget-300", "budget: 300 bytes"),
        ] {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).json"))
            let failure = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect((failure["error"] as? String)?.contains(problem) == true, "\(failure)")
        }
        let record = try Self.record(folder, "page-16_budget-3200")
        #expect(try tiny.bytes(folder + "/page-16_budget-3200.fold").count == record.bytes)

        // The job is changed: the run that was good is made again.
        let text = try String(contentsOfFile: tiny.job, encoding: .utf8)
        try text.replacing("steps: 12", with: "steps: 6").write(
            toFile: tiny.job, atomically: true, encoding: .utf8)
        let changed = try Tool.run(arguments)
        #expect(changed.status == 1)
        #expect(changed.errors.contains("4 runs, 0 of them made before"))
        #expect(try Self.record(folder, "page-16_budget-3200").settings["steps"] == "6")
    }

    @Test(arguments: [
        ["--vary", "pages=10"], ["--vary", "networks=c"], ["--vary", "page=1", "--vary", "page=2"],
    ])
    func badTextsEndBeforeAnythingIsDone(vary: [String]) throws {
        let tiny = try TinyJob()
        let outcome = try Tool.run(["sweep", tiny.job, "-o", tiny.folder + "/runs"] + vary)
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: "), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        #expect(!FileManager.default.fileExists(atPath: tiny.folder + "/runs"))
    }

    @Test func anUntrainedNetworkIsToldOnce() throws {
        let tiny = try TinyJob()
        let outcome = try Tool.run("sweep", tiny.job, "-o", tiny.folder + "/runs", "--vary", "seed=1...3")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("network a: it is not trained yet"), "\(outcome.errors)")
    }

    @Test func aKilledSweepGoesOnAndEndsWithTheSameRecords() throws {
        let tiny = try Self.trained(steps: 900)
        let undisturbed = tiny.folder + "/undisturbed"
        let folder = tiny.folder + "/runs"
        func arguments(_ folder: String) -> [String] {
            ["sweep", tiny.job, "--vary", "seed=1...2", "-o", folder, "--threads", "1"]
        }
        #expect(try Tool.run(arguments(undisturbed)).status == 0)

        var killed = 0
        var resumable = 0
        while killed < 4 {
            let process = try Tool.start(
                arguments(folder), in: tiny.folder, FileHandle.nullDevice, FileHandle.nullDevice)
            // Killed when a checkpoint shows that a run is at work; a faster run is begun anew.
            while process.isRunning {
                let files = (try? Self.files(folder)) ?? []
                if files.contains(where: { $0.hasSuffix(".checkpoint") }) { break }
                Thread.sleep(forTimeInterval: 0.01)
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            killed += 1
            if try Self.files(folder).contains(where: { $0.hasSuffix(".checkpoint") }) { resumable += 1 }
        }
        let last = try Tool.run(arguments(folder))
        #expect(last.status == 0, "\(last.errors)")
        #expect(resumable > 0, "no kill fell between a checkpoint and a record")
        #expect(try Self.files(folder) == ["seed-1.json", "seed-2.json"])
        for name in ["seed-1", "seed-2"] {
            #expect(
                Self.timeless(try Self.record(folder, name))
                    == Self.timeless(try Self.record(undisturbed, name)))
        }
    }

    /// A kill may fall between the record and the end of its checkpoint, or into the writing of either.
    @Test func leftoversOfAKilledRunGoAway() throws {
        let tiny = try Self.trained()
        let folder = tiny.folder + "/runs"
        let arguments = ["sweep", tiny.job, "--vary", "seed=1...2", "-o", folder, "--threads", "1"]
        #expect(try Tool.run(arguments).status == 0)
        let left = ["seed-1.fold.checkpoint", "seed-2.fold.checkpoint.77.tmp", "seed-1.json.78.tmp"]
        for name in left + ["notes.tmp"] {
            try Data("left".utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        }
        #expect(try Tool.run(arguments).status == 0)
        #expect(try Self.files(folder) == ["notes.tmp", "seed-1.json", "seed-2.json"])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/stat")))
    func anEndedSweepLeavesNoProcessBehind() throws {
        let tiny = try Self.trained(steps: 100_000)
        let folder = tiny.folder + "/runs"
        let process = try Tool.start(
            ["sweep", tiny.job, "--vary", "seed=1...2", "-o", folder, "--parallel", "2", "--threads", "1"],
            in: tiny.folder, FileHandle.nullDevice, FileHandle.nullDevice)
        while process.isRunning,
            ((try? Self.files(folder)) ?? []).count(where: { $0.hasSuffix(".checkpoint") }) < 2
        { Thread.sleep(forTimeInterval: 0.01) }
        // Another sweep does not get into this one's way.
        let second = try Tool.run("sweep", tiny.job, "--vary", "seed=1...2", "-o", folder)
        #expect(second.errors.contains("another sweep is at work there"), "\(second.errors)")

        let children = Self.children(of: process.processIdentifier)
        #expect(children.count == 2)
        // The harshest end; it tells nobody. (Gentler signals may be blocked in whatever a test starts.)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        for _ in 0..<400 where children.contains(where: Self.works) { Thread.sleep(forTimeInterval: 0.05) }
        #expect(!children.contains(where: Self.works))
    }

    /// State and parent of a process; nil when there is none.
    private static func status(_ process: String) -> (state: String, parent: Int32)? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        return fields.count > 1 ? Int32(fields[1]).map { (String(fields[0]), $0) } : nil
    }

    private static func children(of parent: Int32) -> [String] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { Int32($0) != nil && status($0)?.parent == parent }
    }

    /// Whether it is there and no zombie.
    private static func works(_ process: String) -> Bool { status(process).map { $0.state != "Z" } ?? false }
}
