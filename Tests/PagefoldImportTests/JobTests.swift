// Job files: what they mean, and how each mistake is told, with its line and its key.

import PagefoldCore
import PagefoldData
import PagefoldImport
import Testing

@Suite struct JobTests {
    private func job(_ yaml: String) throws -> Job { try Job(yaml: yaml, path: "/jobs/a.yaml") }

    @Test func everythingThatAJobCanSay() throws {
        let job = try job(
            """
            budget: 256KiB
            steps: 500
            page: 1_024
            fisher: predicted
            learning_rate: 2.5e-3
            networks:
              - name: digits
                weights: models/digits.meta
                output: logits
                classes: [zero, one]
                importance: 2
                batch: 8
                unseen_accuracy: 0.75
                data:
                  train: {samples: a.npy, labels: /data/b.npy}
                  validation: 0.25
                  test: {samples: [c.npy, d.npy], labels: [e.npy, f.npy], groups: by_file}
                  layout: channels_first
                  transforms:
                    - scale: 255
                    - l2norm
                    - standardise: {mean: [0.1, 0.2], deviation: 2}
                  augmentations:
                    - shift: 2
              - name: copied
                weights: other.fold
                network: inside
              - name: fresh
                input: [3, 8, 9]
                layers:
                  - dense 5
                  - softmax
                train: {steps: 20, learning_rate: 0.01, batch: 8, seed: 4, evaluate_every: 5}
            """)
        #expect(job.budget == .bytes(262_144))
        #expect(
            job.settings == [
                "steps": "500", "page": "1_024", "learning_rate": "2.5e-3", "fisher": "predicted",
            ])
        let digits = job.networks[0]
        #expect(
            digits.weights
                == .model(
                    path: "/jobs/models/digits.meta", options: ModelOptions(name: "digits", output: "logits"))
        )
        #expect(digits.classes == ["zero", "one"])
        #expect(digits.importance == 2 && digits.batch == 8)
        #expect(digits.unseenAccuracy == 0.75)
        #expect(digits.train?.samples == ["/jobs/a.npy"])
        #expect(digits.train?.labels == ["/data/b.npy"])
        #expect(digits.test?.samples == ["/jobs/c.npy", "/jobs/d.npy"])
        #expect(digits.train?.layout == .channelsFirst)
        #expect(digits.preprocessing == "scale divisor=255; l2norm; standardise deviation=2 mean=0.1,0.2")
        #expect(digits.train?.augmentations.map(\.text) == ["shift pixels=2"])
        if case .fraction(let share) = digits.validation {
            #expect(share == 0.25)
        } else {
            Issue.record("no share")
        }
        #expect(
            job.networks[1].weights
                == .model(path: "/jobs/other.fold", options: ModelOptions(name: "copied", network: "inside")))
        let shape = Shape(channels: 3, height: 8, width: 9)
        #expect(job.networks[2].weights == .layers(["dense 5", "softmax"], input: shape))
        #expect(
            job.networks[2].training == [
                "steps": 20, "learning_rate": 0.01, "batch": 8, "seed": 4, "evaluate_every": 5,
            ])
    }

    static let mistakes: [(String, String)] = [
        ("", "empty"),
        ("networks: [", "YAML"),
        ("- a\n- b", "is not a mapping"),
        ("budget: 1KiB", "networks is missing"),
        ("networks: 5", "networks: is not a list"),
        ("networks: []", "names no networks"),
        ("networks:\n  - name: a", "a.yaml:2:5: network a: has neither weights nor layers"),
        ("networks:\n  - weights: a.fold", "a.yaml:2:5: networks[0]: name is missing"),
        ("networks:\n  - {name: '', weights: a.fold}", "is no name"),
        ("networks:\n  - {name: ../a, weights: a.fold}", "is no name"),
        ("networks:\n  - {name: a/b, weights: a.fold}", "is no name"),
        (
            "networks:\n  - {name: a, weights: a.fold}\n  - {name: a, weights: b.fold}",
            "a.yaml:3:6: networks[1].name: two networks have the same name, a: here and in line 2"
        ),
        (
            "budget: plenty\nnetworks:\n  - {name: a, weights: a.fold}",
            "a.yaml:1:1: budget: \"plenty\" is no budget"
        ),
        ("budget: [1]\nnetworks:\n  - {name: a, weights: a.fold}", "a.yaml:1:1: budget: is not a text"),
        ("steps: [1]\nnetworks:\n  - {name: a, weights: a.fold}", "a.yaml:1:1: steps: is not a single value"),
        (
            "networks:\n  - name: a\n    wieghts: a.fold",
            "a.yaml:3:5: network a: wieghts is not known here; did you mean weights?"
        ),
        (
            "networks:\n  - name: a\n    weights: a.fold\n    importance: 0",
            "a.yaml:4:5: network a: importance"
        ),
        (
            "networks:\n  - name: a\n    weights: a.fold\n    unseen_accuracy: 75",
            "a.yaml:4:5: network a: unseen_accuracy"
        ),
        (
            "networks:\n  - name: a\n    weights: a.fold\n    importance: 1e300",
            "a.yaml:4:5: network a: importance"
        ),
        ("networks:\n  - name: a\n    weights: {x: 1}", "a.yaml:3:5: network a: weights: is not a text"),
        ("networks:\n  - {name: a, layers: [relu]}", "input is missing"),
        ("networks:\n  - {name: a, layers: [relu], input: [1, 2]}", "input is not [channels, height, width]"),
        ("networks:\n  - {name: a, layers: [relu], input: [1, 2, 0]}", "input[2]: is not a whole number"),
        ("networks:\n  - {name: a, layers: [relu], input: [1, 2, 1.5]}", "input[2]: is not a whole number"),
        ("networks:\n  - {name: a, layers: [relu], input: [1048576, 1048576, 1048576]}", "too large"),
        ("networks:\n  - {name: a, layers: {x: 1}, input: [1, 2, 3]}", "layers: is not a text"),
        (
            "networks:\n  - {name: a, weights: a.fold, train: {stpes: 3}}",
            "a.yaml:2:40: network a: train: stpes is not known here; did you mean steps?"
        ),
        (
            "networks:\n  - {name: a, weights: a.fold, train: {steps: x}}",
            "a.yaml:2:40: network a: train.steps: is not a finite number"
        ),
        ("networks:\n  - {name: a, weights: a.fold, data: 3}", "network a: data: is not a mapping"),
        (
            "networks:\n  - {name: a, weights: a.fold, data: {train: a.npy}}",
            "network a: data.train: is not a mapping"
        ),
        ("networks:\n  - {name: a, weights: a.fold, data: {train: {labels: b}}}", "samples is missing"),
        ("networks:\n  - {name: a, weights: a.fold, data: {validation: 1}}", "share between 0 and 1"),
        ("networks:\n  - {name: a, weights: a.fold, data: {validation: -0.1}}", "share between 0 and 1"),
        ("networks:\n  - {name: a, weights: a.fold, data: {layout: sideways}}", "is not a layout"),
        (
            "networks:\n  - {name: a, weights: a.fold, data: {transforms: [{a: 1, b: 2}]}}",
            "is not a transform"
        ),
        (
            "networks:\n  - {name: a, weights: a.fold, data: {transforms: [{mfcc: 3}]}}",
            "needs named parameters"
        ),
        ("networks:\n  - {name: a, weights: a.fold, data: {transforms: [{scale: much}]}}", "scale"),
        ("networks:\n  - {name: a, weights: a.fold, data: {transforms: scale}}", "transforms: is not a list"),
    ]

    @Test func labelsMayBeTheSpeakers() throws {
        let job = try job(
            "networks:\n  - {name: a, weights: a.fold, data: {train: {samples: b.tar, labels: by_speaker}, "
                + "test: {samples: b.tar, labels: c.npy}}}")
        #expect(job.networks[0].train?.labelsAreSpeakers == true)
        #expect(job.networks[0].train?.labels == [])
        #expect(job.networks[0].test?.labelsAreSpeakers == false)
        #expect(job.networks[0].test?.labels == ["/jobs/c.npy"])
    }

    @Test(arguments: mistakes)
    func aMistakeIsToldWithItsPlace(yaml: String, told: String) throws {
        let error = #expect(throws: InputError.self) { try job(yaml) }
        #expect(error?.file == "/jobs/a.yaml")
        #expect(error?.description.contains(told) == true, "\(error?.description ?? "nothing")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func aFileThatIsNotThereIsTold() {
        let error = #expect(throws: InputError.self) { try Job(path: "/no/such/job.yaml") }
        #expect(error?.file == "/no/such/job.yaml")
    }

    @Test(arguments: [
        ("283000", Budget.bytes(283_000)), ("256KiB", .bytes(262_144)), ("0.5MiB", .bytes(524_288)),
        ("262KB", .bytes(262_000)), ("1 MB", .bytes(1_000_000)), ("77B", .bytes(77)), ("3.8x", .ratio(3.8)),
        ("1_000", .bytes(1_000)), ("1x", .ratio(1)),
    ])
    func budgets(text: String, budget: Budget) { #expect(Budget(text) == budget) }

    @Test(arguments: [
        "", "x", "0", "-5", "0.5", "nanx", "infx", "inf", "nan", "0.9x", "1e400x", "1e13", "12 apples", "KiB",
        "--",
    ])
    func whatIsNoBudget(text: String) { #expect(Budget(text) == nil) }

    @Test func aRatioIsOfTheOriginalBytes() {
        #expect(Budget.ratio(4).bytes(originalBytes: 1_000) == 250)
        #expect(Budget.bytes(77).bytes(originalBytes: 1_000) == 77)
    }
}
