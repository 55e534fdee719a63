// Settings by name: each can be read, written and is explained; presets are such settings.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import Testing

@testable import PagefoldPacking

@Suite struct SettingKeyTests {
    /// A text for every key, none of them the default.
    static let texts: [String: String] = [
        "page": "128", "frames": "77", "format": "int4", "exclusive_format": "int8", "tail_format": "float16",
        "page_biases": "true", "channel_scales": "false",
        "fisher": "predicted", "fisher_samples": "17", "fisher_normalisation": "0.5", "fisher_range": "true",
        "matching": "greedy", "networks_apart": "true", "separation": "loss", "exclusive": "0.1",
        "block": "4", "alpha": "0.7",
        "target_accuracy": "0.9", "target_performance": "0.8", "margin": "0.05",
        "optimisation": "round_robin", "steps": "31", "turn": "11", "batch": "13", "learning_rate": "0.0003",
        "schedule": "constant", "warm_up": "7", "matching_loss": "harmonic", "lambda": "0.1",
        "label_weight": "0.25", "temperature": "3.5", "balance": "2.5", "selection": "last",
        "evaluate_every": "9", "validation_samples": "99", "seed": "18446744073709551615",
    ]

    @Test func thereIsATextForEveryKey() {
        #expect(Set(Self.texts.keys) == Set(PackingSettings.keys.map(\.name)))
        #expect(Set(PackingSettings.keys.map(\.name)).count == PackingSettings.keys.count)
    }

    @Test(arguments: PackingSettings.keys.map(\.name))
    func eachKeySetsOneThingAndReadsItBack(name: String) throws {
        let plain = PackingSettings(budget: 1)
        var settings = plain
        let text = try #require(Self.texts[name])
        try settings.apply([name: text], from: .file("f"))
        #expect(settings != plain)
        #expect(settings.texts[name] == text)
        for (other, value) in plain.texts where other != name { #expect(settings.texts[other] == value) }
        var again = plain
        try again.apply(settings.texts, from: .file("f"))
        #expect(again == settings)
    }

    @Test(arguments: [("frames", "budget"), ("frames", "largest"), ("target_accuracy", "none")])
    func wordsAmongNumbers(name: String, text: String) throws {
        var settings = PackingSettings(budget: 1)
        try settings.apply(Self.texts, from: .file("f"))
        try settings.apply([name: text], from: .file("f"))
        #expect(settings.texts[name] == text)
    }

    @Test(arguments: [
        ("page", "1e2", "100"), ("page", "1_024", "1024"), ("learning_rate", "2.5e-3", "0.0025"),
        ("page_biases", "1", "true"), ("channel_scales", "0", "false"), ("target_accuracy", "1_0e-1", "1.0"),
    ])
    func otherWaysToWriteIt(name: String, text: String, reads: String) throws {
        var settings = PackingSettings(budget: 1)
        try settings.apply([name: text], from: .file("f"))
        #expect(settings.texts[name] == reads)
    }

    @Test(arguments: PackingSettings.keys.map(\.name), ["", "maybe", "nan", "1e400", "[1]"])
    func whatCannotBeReadIsOneError(name: String, text: String) throws {
        var settings = PackingSettings(budget: 1)
        let error = #expect(throws: InputError.self) {
            try settings.apply([name: text], from: .file("job.yaml"))
        }
        #expect(error?.file == "job.yaml" && error?.field == name)
        #expect(error?.problem == "\"\(text)\" cannot be read")
        #expect(error?.remedy.hasPrefix("write ") == true)
        #expect(settings == PackingSettings(budget: 1))
    }

    @Test(arguments: ["pages", "Page", "", "budget"])
    func anUnknownNameIsOneError(name: String) throws {
        var settings = PackingSettings(budget: 1)
        let error = #expect(throws: InputError.self) {
            try settings.apply([name: "1"], from: .file("job.yaml"))
        }
        #expect(error?.field == name && error?.problem == "is not known")
        #expect(error?.remedy.contains("page_biases") == true)
    }

    @Test(arguments: [
        ("block", "5"), ("block", "-1"), ("exclusive", "0.95"), ("exclusive", "-1"), ("alpha", "2"),
        ("target_accuracy", "1.1"), ("target_performance", "-0.1"), ("margin", "7"), ("turn", "0"),
        ("lambda", "-1"), ("frames", "0"), ("frames", "1e18"), ("evaluate_every", "5e18"),
    ])
    func whatMakesNoSenseIsNamed(name: String, text: String) throws {
        var settings = PackingSettings(budget: 1)
        settings.separation.method = .loss
        try settings.apply([name: text], from: .file("f"))
        let error = #expect(throws: InputError.self) { try settings.validated() }
        #expect(error?.field == name)
    }

    /// docs/job-file.md has a row for each key, with its default.
    @Test func everyKeyIsExplained() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/job-file.md"), encoding: .utf8)
        let table = try #require(
            page.components(separatedBy: "\n## ").first { $0.hasPrefix("Top level") }?
                .components(separatedBy: "\n### ").first)
        var rows = [String: String]()
        for line in table.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            rows[cells[0].filter { $0 != "`" }] = cells[1].filter { $0 != "`" }
        }
        let defaults = PackingSettings(budget: 1).texts
        for key in PackingSettings.keys {
            let row = try #require(rows[key.name], "\(key.name) is not in docs/job-file.md")
            let isSame = row == defaults[key.name] || Double(row) == defaults[key.name].flatMap(Double.init)
            #expect(isSame, "\(key.name): \(row) in docs/job-file.md, \(defaults[key.name] ?? "")")
        }
        let known = Set(PackingSettings.keys.map(\.name)).union(["networks", "budget", "preset"])
        #expect(Set(rows.keys).isSubset(of: known))
    }
}

@Suite struct PresetTests {
    @Test(arguments: Preset.allCases)
    func presetsAreSettingsThatMakeSense(preset: Preset) throws {
        var settings = PackingSettings(budget: 1)
        try settings.apply(preset.texts, from: .preset(preset.rawValue))
        _ = try settings.validated()
        for (name, text) in preset.texts {
            #expect(settings.texts[name].map { same($0, text) } == true, "\(name)")
        }
    }

    /// What a job file says of the papers' own methods does not outlive a preset.
    @Test(arguments: [Preset.wv, .ws])
    func aPresetLeavesNoMethodToTheJob(preset: Preset) throws {
        var settings = PackingSettings(budget: 1)
        var changed = settings
        try changed.apply(SettingKeyTests.texts, from: .job)
        try settings.apply(preset.texts, from: .preset(preset.rawValue))
        try changed.apply(preset.texts, from: .preset(preset.rawValue))
        let free: Set = [
            // Not of the papers, or without effect in their settings.
            "exclusive", "block", "target_accuracy", "target_performance", "temperature", "selection",
            "validation_samples", "seed", "alpha", "margin", "fisher_range",
        ]
        for (name, text) in settings.texts where !free.contains(name) {
            #expect(changed.texts[name] == text, "\(name)")
        }
    }

    @Test func thePapersNumbers() throws {
        var wv = PackingSettings(budget: 1)
        try wv.apply(Preset.wv.texts, from: .preset("wv"))
        #expect(wv.pageSize == 100 && wv.pool == .largestNetwork && wv.fisherSamples == 100)
        #expect(wv.training.turn == 2_000 && wv.training.steps == 20 * 2_000 && wv.training.lambda == 10)
        var ws = PackingSettings(budget: 1)
        try ws.apply(Preset.ws.texts, from: .preset("ws"))
        #expect(ws.pageSize == 512 && ws.pool == .frames(128) && ws.fisherSamples == 50 && ws.fisherRange)
        #expect(ws.training.turn == 32 && ws.training.steps == 100 * 32 && ws.training.lambda == 0.1)
        #expect(ws.separation.method == .density && ws.separation.alpha == 0.5 && ws.separation.margin == 0.1)
        for settings in [wv, ws] {
            #expect(settings.matching == .greedy && settings.fisher == .predicted && settings.pageBiases)
            #expect(settings.training.optimisation == .roundRobin && settings.training.batch == 100)
            #expect(settings.training.matchingLoss == .arithmetic && settings.training.learningRate == 1e-3)
        }
    }

    private func same(_ a: String, _ b: String) -> Bool {
        a == b || (Double(a) != nil && Double(a) == Double(b))
    }
}
