// From the texts of --vary to runs: values, names, and one clear error for each bad text.

import Foundation
import PagefoldCore
import PagefoldPacking
import PagefoldReport
import PagefoldTestCases
import Testing

@testable import PagefoldExperiments
@testable import PagefoldImport

@Suite struct SweepPlanTests {
    static let job = Job(
        path: "job.yaml",
        networks: ["mnist", "odd name", "third"].map {
            JobNetwork(name: $0, weights: .model(path: "\($0).fold", options: ModelOptions()))
        })

    static func names(_ vary: [String], pairs: Bool = false) throws -> [String] {
        try SweepPlan(vary: vary, pairs: pairs, job: job).points.map(\.name)
    }

    @Test(arguments: [
        (["seed=4"], ["seed-4"]),
        (["seed=1...3"], ["seed-1", "seed-2", "seed-3"]),
        (["seed=7,1...2"], ["seed-7", "seed-1", "seed-2"]),
        (["budget=5.87x,256KiB"], ["budget-5.87x", "budget-256KiB"]),
        (["networks=1,3"], ["networks-1", "networks-3"]),
        (["networks=odd name+mnist"], ["networks-odd_name+mnist"]),
        (["preset=wv,ws"], ["preset-wv", "preset-ws"]),
        (["optimisation=round_robin"], ["optimisation-round_robin"]),
        (
            ["page=10,100", "lambda=0.1,1"],
            ["page-10_lambda-0.1", "page-10_lambda-1", "page-100_lambda-0.1", "page-100_lambda-1"]
        ),
    ])
    func everyValueWithEveryOther(vary: [String], names: [String]) throws {
        #expect(try Self.names(vary) == names)
    }

    @Test func zippedListsGoTogether() throws {
        #expect(
            try Self.names(["page=10,100", "steps=5,6"], pairs: true) == [
                "page-10_steps-5", "page-100_steps-6",
            ])
        let error = #expect(throws: InputError.self) {
            try Self.names(["page=10,100", "seed=1...3"], pairs: true)
        }
        #expect(error?.field == "--zip")
    }

    @Test func parametersAreTheTexts() throws {
        let plan = try SweepPlan(vary: ["networks=mnist+third", "page=1e2"], pairs: false, job: Self.job)
        #expect(plan.points.map(\.parameters) == [["networks": "mnist+third", "page": "1e2"]])
    }

    @Test(arguments: [
        ("page", "is not KEY=VALUES"), ("page=", "is not KEY=VALUES"), ("page=10,,20", "a value is missing"),
        ("=3", "is not KEY=VALUES"), ("pages=10", "is not known"), ("page=ten", "cannot be read"),
        ("seed=-1", "cannot be read"), ("seed=3...1", "is no range"), ("seed=1...b", "is no range"),
        ("seed=1,1", "stands there twice"), ("seed=3,1...5", "stands there twice"),
        ("seed=1...1000000", "too many values"),
        ("seed=-9223372036854775808...9223372036854775807", "too many values"),
        ("budget=much", "is none"), ("preset=best", "is not known"), ("networks=4", "no such networks"),
        ("networks=0", "no such networks"), ("networks=mnist+mnist", "no such networks"),
        ("networks=mnist+", "no such networks"), ("matching=clever", "cannot be read"),
    ])
    func aBadTextIsOneClearError(text: String, problem: String) throws {
        let error = #expect(throws: InputError.self) { try Self.names([text]) }
        #expect(error?.problem.contains(problem) == true, "\(error?.description ?? "")")
        #expect(error?.remedy.isEmpty == false)
    }

    @Test func theSameKeyTwiceAndTooManyRunsAreTold() throws {
        let twice = #expect(throws: InputError.self) { try Self.names(["page=10", "page=20"]) }
        #expect(twice?.field == "--vary page")
        let many = #expect(throws: InputError.self) { try Self.names(["seed=1...5000", "page=8...100"]) }
        #expect(many?.problem.contains("more than") == true)
        let same = #expect(throws: InputError.self) {
            var job = Self.job
            job.networks[0].name = "odd_name"
            _ = try SweepPlan(vary: ["networks=odd name,odd_name"], pairs: false, job: job)
        }
        #expect(same?.problem.contains("would be called") == true)
    }

    @Test func longNamesStayNamesOfFiles() {
        let points = ["a", "b"].map { SweepPoint([("networks", String(repeating: "n", count: 400) + $0)]) }
        #expect(points[0].name != points[1].name)
        #expect(points.allSatisfy { $0.name.count <= 200 })
    }

    // MARK: Records that are there already

    static func run(_ folder: String, page: String = "16", test: Bool = false) -> SweepRun {
        SweepRun(
            job: folder + "/job.yaml", preset: nil, changes: ["steps=7"], name: "page-\(page)",
            parameters: ["page": page], folder: folder, command: [], threads: 1, test: test, keepsFold: false,
            identity: "this")
    }

    @Test func onlyARecordOfTheSameIdentityCounts() throws {
        let folder = NSTemporaryDirectory() + "pagefold-sweep-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = Self.run(folder)
        #expect(!run.isDone)
        try run.fail("no luck")
        #expect(!run.isDone)
        guard case .failed(let failure) = run.outcome() else {
            Issue.record("no failure")
            return
        }
        #expect(failure.error == "no luck")

        let score = PackRecord.Score(accuracy: 1, agreement: 1, count: 1)
        var record = PackRecord(bytes: 9, networks: [.init(name: "n", original: score, packed: score)])
        for (identity, isDone) in [("this", true), ("another", false), (nil, false)] {
            record.identity = identity
            try JSONEncoder().encode(record).write(to: URL(fileURLWithPath: run.record))
            #expect(run.isDone == isDone)
        }
        try Data("{\"bytes\": 9, \"ident".utf8).write(to: URL(fileURLWithPath: run.record))
        #expect(!run.isDone)
    }

    @Test func whateverDecidesTheRecordChangesTheIdentity() throws {
        let tiny = try TinyJob()
        func identity(
            page: String = "16", test: Bool = false, weights: [String: UInt32] = ["a": 1, "b": 2],
            change: (inout Job) throws -> Void = { _ in }
        ) throws -> String {
            var run = Self.run(tiny.folder, page: page, test: test)
            run = SweepRun(
                job: tiny.job, preset: nil, changes: run.changes, name: run.name, parameters: run.parameters,
                folder: tiny.folder, command: [], threads: 1, test: test, keepsFold: false)
            var (job, settings) = try run.load()
            #expect(settings.training.steps == 7)
            try change(&job)
            return run.identity(job, settings, weights: weights)
        }
        let plain = try identity()
        #expect(try identity() == plain)
        #expect(try identity(page: "32") != plain)
        #expect(try identity(test: true) != plain)
        #expect(try identity(weights: ["a": 1, "b": 3]) != plain)
        #expect(try identity { $0.budget = .ratio(3) } != plain)
        #expect(try identity { try $0.keep(networks: "a") } != plain)
        let text = try String(contentsOfFile: tiny.job, encoding: .utf8) + "# another remark\n"
        try text.write(toFile: tiny.job, atomically: true, encoding: .utf8)
        #expect(try identity() != plain)
    }
}
