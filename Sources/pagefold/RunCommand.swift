// `pagefold run`: one network of a fold file on one sample.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldImport
import PagefoldRuntime

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs one network of a fold file on a sample and prints classes and probabilities.",
        discussion: """
            The sample comes from an .npy, .npz or IDX file (gzipped or not), one sample or many. The network's own \
            preprocessing, stored in the fold file, is applied first; --raw leaves it out.
            """)

    @Argument(help: "The fold file.")
    var fold: String

    @Argument(help: "The network.")
    var network: String

    @Argument(help: "The file with the sample; member of an archive: set.npz#name.")
    var input: String

    @Option(help: "Which sample of the file, from 0.")
    var index = 0

    @Option(help: "How many classes to print.")
    var top = 5

    @Flag(help: "The sample is preprocessed already.")
    var raw = false

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    struct Record: Encodable {
        struct Answer: Encodable {
            var `class`: Int
            var name: String?
            var score: Float

            enum CodingKeys: String, CodingKey { case `class` = "class", name = "name", score = "score" }
        }
        var network: String
        var input: String
        var index: Int
        var answers: [Answer]
        var microseconds: Double

        enum CodingKeys: String, CodingKey {
            case network = "network", input = "input", index = "index", answers = "answers"
            case microseconds = "microseconds"
        }
    }

    func run() throws {
        let session = try FoldFile(path: fold).session(network)
        let shape = session.program.inputShape
        var array = try ArrayFile.read(input)
        if array.count == shape.count, array.shape.first != 1 || (array.shape.count < 3 && shape.spatial > 1)
        {
            array = NumericArray(shape: [1] + array.shape, payload: array.payload)  // One sample, not a list.
        }
        // Images as files usually have them, unless only the other order fits.
        let isChannelsFirst =
            array.shape.suffix(3) == [shape.channels, shape.height, shape.width]
            && array.shape.suffix(3) != [shape.height, shape.width, shape.channels]
        var dataset = try Dataset(
            array, layout: isChannelsFirst ? .channelsFirst : .channelsLast, file: input)
        if !raw {
            for description in try TransformDescription.parse(session.text.preprocessing, file: fold) {
                dataset = try dataset.applying(
                    try Transform(description, file: fold), purpose: .evaluation, file: input)
            }
        }
        guard index >= 0, index < dataset.count else {
            throw InputError(
                file: input, field: "--index", problem: "\(index), the file holds \(dataset.count) samples",
                remedy: "choose one of 0…\(dataset.count - 1)")
        }
        guard dataset.shape.count == shape.count, dataset.shape == shape || dataset.shape.spatial == 1 else {
            throw InputError(
                file: input, field: "shape",
                problem: "a sample is \(dataset.shape), \(network) takes \(shape)",
                remedy: "give samples of that shape")
        }
        let sample = dataset.sample(index)
        let start = DispatchTime.now().uptimeNanoseconds
        let scores = session.run(sample)
        let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start) / 1000
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(max(top, 1))
        let names = session.text.classes
        let record = Record(
            network: network, input: input, index: index,
            answers: order.map {
                Record.Answer(class: $0, name: $0 < names.count ? names[$0] : nil, score: scores[$0])
            }, microseconds: elapsed)
        if json { return try printJSON(record) }
        // Without a closing softmax the answer is scores.
        let isProbability = session.program.output != session.program.logits
        var table = TextTable(["class", isProbability ? "probability %" : "score"])
        for answer in record.answers {
            let score = isProbability ? percent(Double(answer.score)) : String(format: "%.4f", answer.score)
            table.add([answer.name ?? "\(answer.class)", score])
        }
        print(table.text)
    }
}
