// Typical mistakes in a job: each is one error that names file, line, column, field and what to do, by whichever of
// train and pack it is found.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldExperiments
import PagefoldImport
import PagefoldTestCases
import Testing

/// A change of a sound job, and the error that it leads to.
struct Mistake: CustomTestStringConvertible, Sendable {
    let name: String
    /// Text of the job, and what stands there instead; the first nil: the whole of it.
    var from: String?
    var to = ""
    var changes: [String] = []
    var preset: String?
    /// `line:column`; nil where the mistake is not in the file.
    let place: String?
    let field: String
    let problem: String
    let remedy: String

    var testDescription: String { name }

    init(
        _ name: String, _ from: String?, _ to: String = "", changes: [String] = [], preset: String? = nil,
        at place: String?, _ field: String, _ problem: String, _ remedy: String
    ) {
        (self.name, self.from, self.to, self.changes, self.preset) = (name, from, to, changes, preset)
        (self.place, self.field, self.problem, self.remedy) = (place, field, problem, remedy)
    }
}

@Suite struct MistakeTests {
    private static let data = "network a: data"

    static let mistakes: [Mistake] = [
        Mistake(
            "a key at the top is misspelt", "steps: 30", "stpes: 30", at: "3:1", "stpes", "is not known",
            "did you mean steps?"),
        Mistake(
            "budget is misspelt", "budget:", "bugdet:", at: "1:1", "bugdet", "is not known",
            "did you mean budget?"),
        Mistake(
            "a network's key is misspelt", "input: [1, 6, 5]", "inptu: [1, 6, 5]", at: "9:5", "network a",
            "inptu is not known here", "did you mean input?"),
        Mistake(
            "a key stands at the wrong depth", "    data:\n", "    transforms: [l2norm]\n    data:\n",
            at: "13:5",
            "network a", "transforms is not known here", "use one of"),
        Mistake(
            "a setting's value is misspelt", "steps: 30", "matching: gredy", at: "3:1", "matching",
            "\"gredy\" cannot be read", "did you mean greedy?"),
        Mistake(
            "a number is out of bounds", "page: 16", "page: 3", at: "2:1", "page",
            "3 weights is out of bounds",
            "choose a whole number in 8…65536"),
        Mistake(
            "a share is out of bounds", "page: 16", "label_weight: 50", at: "2:1", "label_weight",
            "50.0 is out of bounds", "choose a number in 0…1"),
        Mistake(
            "a word stands for a number", "steps: 30", "steps: many", at: "3:1", "steps",
            "\"many\" cannot be read", "write a whole number"),
        Mistake(
            "the preset is not known", "steps: 30", "preset: vw", at: "3:1", "preset", "\"vw\" is not known",
            "did you mean wv?"),
        Mistake(
            "a budget has no sense", "2736", "2736 apples", at: "1:1", "budget",
            "\"2736 apples\" is no budget", "write bytes, as 283000 or 256KiB"),
        Mistake(
            "a budget's unit is almost one", "2736", "256kb", at: "1:1", "budget", "\"256kb\" is no budget",
            "did you mean 256KB?"),
        Mistake(
            "a budget lacks its x", "2736", "3.8", at: "1:1", "budget", "\"3.8\" is no budget",
            "did you mean 3.8x?"),
        Mistake(
            "a budget is too small", "2736", "300", at: "1:1", "budget",
            "300 bytes, programs, page tables and biases alone need", "raise the budget"),
        Mistake(
            "samples are not there", "{samples: a-images.idx, labels: a-labels.idx}\n      test",
            "{samples: a-imges.idx, labels: a-labels.idx}\n      test", at: "14:15", "\(data).train.samples",
            "a-imges.idx is not there", "check the path"),
        Mistake(
            "samples are of another kind", "{samples: a-images.idx, labels: a-labels.idx}\n      test",
            "{samples: note.txt, labels: a-labels.idx}\n      test", at: "14:15", "\(data).train.samples",
            "note.txt: format: ", "give IDX, .npy or .npz"),
        Mistake(
            "labels are missing", ", labels: a-labels.idx}\n      test", "}\n      test", at: "14:15",
            "\(data).train.samples", "some samples have none", "a label for each sample"),
        Mistake(
            "labels are other files", "a-labels.idx}\n      test",
            "[a-labels.idx, b-labels.idx]}\n      test",
            at: "14:38", "\(data).train.labels", "2 files for 1 of samples", "name one for each"),
        Mistake(
            "a label is no class", "dense 3, softmax]\n    classes: [left, middle, right]",
            "dense 2, softmax]\n    classes: [left, right]", at: "14:38", "\(data).train.labels",
            "label 2 of sample", "correct the labels"),
        Mistake(
            "names for another number of classes", "[left, middle, right]", "[left, right]", at: "11:5",
            "network a: classes", "2 names for 3 classes", "give one name for each"),
        Mistake(
            "a transform is misspelt", "[scale: 255]", "[scael: 255]", at: "17:20",
            "\(data).transforms[0].scael", "'scael' is unknown", "did you mean scale?"),
        Mistake(
            "a transform's parameter is misspelt", "[scale: 255]", "[scale: {divider: 255}]", at: "17:28",
            "\(data).transforms[0].scale.divider", "is not a parameter of 'scale'", "did you mean divisor?"),
        Mistake(
            "standardise has another number of channels", "[scale: 255]",
            "[standardise: {mean: [0.1, 0.2], deviation: 1}]", at: "17:20",
            "\(data).transforms[0].standardise", "needs samples of 1 or 2 channels", "leave the transform out"
        ),
        Mistake(
            "a transform does not fit the samples", "[scale: 255]", "[scale: 255, mfcc]", at: "17:32",
            "\(data).transforms[1]", "needs samples of one dimension, but these are 1 × 6 × 5",
            "leave the transform out"),
        Mistake(
            "an augmentation's parameter is out of bounds", "[scale: 255]",
            "[]\n      augmentations:\n        - cutout: 0", at: "19:11",
            "\(data).augmentations[0].cutout.size",
            "is 0", "give a whole number in 1…65536"),
        Mistake(
            "samples do not fit the network", "input: [1, 6, 5]", "input: [1, 5, 5]", at: "14:15",
            "\(data).train.samples", "the network takes 1×5×5", "add the transform that makes them fit"),
        Mistake(
            "a layer is misspelt", "dense 12, relu", "dense 12, rellu", at: "10:33", "network a: layers[2]",
            "\"rellu\" is no known layer", "did you mean relu?"),
        Mistake(
            "a layer lacks its number", "dense 12, relu", "dense, relu", at: "10:23", "network a: layers[1]",
            "\"dense\" needs the number of outputs", "docs/job-file.md"),
        Mistake(
            "a layer does not fit", "flatten, dense 12", "max_pool 9x9, dense 12", at: "10:14",
            "network a: layers[0]", "layer 1 \"max_pool 9x9\": node 1 max_pool: ", "correct this layer"),
        Mistake(
            "two networks have one name", "name: b", "name: a", at: "18:5", "networks[1].name",
            "two networks have the same name, a: here and in line 8", "another name"),
        Mistake(
            "a name has a slash", "name: a", "name: a/b", at: "8:5", "networks[0].name",
            "\"a/b\" is no name", "no /, no dot in front"),
        Mistake(
            "a model file is of another kind",
            "input: [1, 6, 5]\n    layers: [flatten, dense 12, relu, dense 3, softmax]",
            "weights: a-images.idx", at: "9:5", "network a: weights", "a-images.idx: format: this is", "reads"
        ),
        Mistake(
            "a model file is not there",
            "input: [1, 6, 5]\n    layers: [flatten, dense 12, relu, dense 3, softmax]",
            "weights: a.onxx", at: "9:5", "network a: weights", "a.onxx is not there", "check the path"),
        Mistake(
            "a network has neither",
            "    input: [1, 6, 5]\n    layers: [flatten, dense 12, relu, dense 3, softmax]\n",
            "", at: "8:5", "network a", "has neither weights nor layers", "add weights"),
        Mistake(
            "the layout is misspelt", "      validation: 0.2", "      layout: chanels_first", at: "16:7",
            "\(data).layout", "\"chanels_first\" is not a layout", "did you mean channels_first?"),
        Mistake(
            "a share for validation is a percentage", "validation: 0.2", "validation: 20", at: "16:7",
            "\(data).validation", "is not a share between 0 and 1", "above 0 and below 1"),
        Mistake(
            "tabs indent", "    data:\n", "\tdata:\n", at: "13:1", "YAML", "a tab stands among the spaces",
            "indent with spaces"),
        Mistake(
            "a bracket is open", "[scale: 255]", "[scale: 255", at: "18:9", "YAML", "did not find",
            "correct the syntax"),
        Mistake(
            "a key stands twice", "page: 16", "budget: 16", at: "1:1", "YAML", "the key budget stands twice",
            "leave one out"),
        Mistake("the file is empty", nil, "", at: "1:1", "job file", "it is empty", "see docs/job-file.md"),
        Mistake(
            "networks are missing", nil, "# a job\nbudget: 3x\n", at: "2:1", "job file",
            "networks is missing",
            "add networks"),
        Mistake(
            "--set has no =", "page", "page", changes: ["page16"], at: nil, "--set page16",
            "is not NAME=VALUE", "--set page=100"),
        Mistake(
            "--set has a misspelt name", "page", "page", changes: ["bacth=3"], at: nil, "bacth",
            "is not known", "did you mean batch?"),
        Mistake(
            "--set has a value out of bounds", "page", "page", changes: ["page=5"], at: nil, "page",
            "5 weights is out of bounds", "8…65536"),
        Mistake(
            "--preset is not known", "page", "page", preset: "pagefodl", at: nil, "preset",
            "\"pagefodl\" is not known", "did you mean pagefold?"),
        Mistake(
            "networks=… names none", "page", "page", changes: ["networks=a+c"], at: nil, "networks=a+c",
            "the job has no such networks", "join some of a, b"),
    ]

    /// As the commands do: settings, then training of what has layers, then packing.
    private func told(_ mistake: Mistake, _ path: String) throws -> InputError? {
        do {
            let (job, settings) = try Job.load(path, preset: mistake.preset, changes: mistake.changes)
            let engine = Engine(threads: 1)
            for network in try job.trainable() { _ = try job.train(network, seed: 1, engine: engine) }
            _ = try PackingRun(job: job, settings: settings, engine: engine).pack()
            return nil
        } catch { return error }
    }

    @Test(arguments: mistakes)
    func aMistakeIsToldWithItsPlaceAndItsRemedy(mistake: Mistake) throws {
        let tiny = try TinyJob()
        var text = try String(contentsOfFile: tiny.job, encoding: .utf8)
        if let from = mistake.from {
            let range = try #require(text.range(of: from), "the job has no \(from)")
            text.replaceSubrange(range, with: mistake.to)
        } else {
            text = mistake.to
        }
        try text.write(toFile: tiny.job, atomically: true, encoding: .utf8)
        try "samples".write(toFile: tiny.folder + "/note.txt", atomically: true, encoding: .utf8)

        let error = try #require(try told(mistake, tiny.job), "nothing was told")
        #expect(error.place.map { "\($0)" } == mistake.place, "\(error)")
        #expect(error.field == mistake.field, "\(error)")
        #expect(error.problem.contains(mistake.problem), "\(error)")
        #expect(error.remedy.contains(mistake.remedy), "\(error)")
        // Editors jump to file:line:column.
        if let place = mistake.place { #expect(error.description.hasPrefix("\(tiny.job):\(place): ")) }
        #expect(!error.description.contains("\n"))
    }

    @Test func thereAreTwentyOfThem() { #expect(Self.mistakes.count >= 20) }
}
