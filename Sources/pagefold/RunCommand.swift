// `pagefold run`: one network of a fold file on one sample, or a model file on all samples of a file.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldImport
import PagefoldPreprocessing
import PagefoldRuntime

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs a network on a sample and prints classes and probabilities.",
        usage: """
            pagefold run <fold> <network> <input> [--index <n>] [--top <n>] [--raw] [--json]
            pagefold run <model> <input> [--index <n>] [--top <n>] [--input-shape <sizes>] [--json]
            """,
        discussion: """
            A model file (ONNX, TFLite, …) answers as it is, before anything is packed. Its arrays are laid out as the file \
            has them, with or without the batch in front; whole numbers are those of a quantised input. States go from one \
            sample to the next. With --json all samples are printed.

            Of a fold file one network answers one sample. Its own preprocessing, stored in the fold file, is applied first; \
            --raw leaves it out. A model file says nothing of preprocessing: --transforms does.

            Samples come from an .npy, .npz or IDX file (gzipped or not), one or many; from a PNG, JPEG or WAV file, a folder \
            or archive of them; or from a CSV or TSV table. A network with several inputs takes an .npz file whose arrays \
            have the inputs' names.
            """)

    @Argument(help: "The fold file, or a model file.")
    var fold: String

    @Argument(
        help:
            "The network of the fold file, and the file with the sample; member of an archive: set.npz#name.")
    var networkAndInput: [String]

    @Option(help: "Sizes of one sample where the model file leaves them open: 3x224x224, or x=3x224x224.")
    var inputShape: [String] = []

    @Option(help: "Which sample of the file, from 0.")
    var index = 0

    @Option(
        help:
            "What is done to samples first, instead of the fold's own: \"resize height=96 width=96; scale divisor=255\"."
    )
    var transforms: String?

    @Option(help: "Of a table: the column that is no feature, by name or number.")
    var label: String?

    @Option(help: "Of a table: the columns that are features, with commas between.")
    var columns: String?

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
        struct Output: Encodable {
            var name: String
            var meaning: String
            /// The best classes; all numbers in their order where they are no classes.
            var answers: [Answer]

            enum CodingKeys: String, CodingKey {
                case name = "name", meaning = "meaning", answers = "answers"
            }
        }
        var network: String
        var input: String
        var index: Int
        /// Of the first output.
        var answers: [Answer]
        var outputs: [Output]
        var microseconds: Double

        enum CodingKeys: String, CodingKey {
            case network = "network", input = "input", index = "index", answers = "answers"
            case outputs = "outputs", microseconds = "microseconds"
        }
    }

    func validate() throws {
        guard (1...2).contains(networkAndInput.count) else {
            throw ValidationError("Give a fold file, a network and an input, or a model file and an input.")
        }
    }

    var network: String { networkAndInput[0] }
    var input: String { networkAndInput[networkAndInput.count - 1] }

    func run() throws {
        let file = try ModelFile(path: fold)
        if file.isOriginal { return try runModel(file) }
        guard networkAndInput.count == 2 else {
            throw InputError(
                file: fold, field: "network", problem: "is not named",
                remedy: "write: pagefold run \(fold) NETWORK \(input)")
        }
        try runFold()
    }

    private func runFold() throws {
        let session = try FoldFile(path: fold).session(network)
        let program = session.program
        for (place, port) in session.text.inputs.enumerated() {
            let preprocessing = try Preprocessing(
                network: network, port: port, shape: program.values[place],
                transforms: transforms ?? (raw ? "" : nil),
                file: transforms == nil ? fold : "--transforms",
                isNamed: session.text.inputs.count > 1, namesOptions: true)
            let samples = try samples(in: try file(of: port, session.text), preprocessing)
            _ = session.input(at: place).update(fromContentsOf: try sample(of: samples))
        }
        let start = DispatchTime.now().uptimeNanoseconds
        session.run()
        let elapsed = Double(DispatchTime.now().uptimeNanoseconds - start) / 1000
        let outputs = session.text.outputs.enumerated().map {
            answer($1, Array(session.output(at: $0)))
        }
        let record = Record(
            network: network, input: input, index: index, answers: outputs[0].answers, outputs: outputs,
            microseconds: elapsed)
        if json { return try printJSON(record) }
        let tables = zip(outputs, program.outputs).map { output, place in
            // Without a closing softmax the answer is scores.
            let text = Self.text(output, isProbability: place.value != place.scores)
            return outputs.count == 1 ? text : "\(output.name)\n\(text)"
        }
        try say(tables.joined(separator: "\n\n"))
    }

    /// The best classes of an answer; all its numbers where they are no classes.
    func answer(_ port: NetworkPort, _ scores: [Float]) -> Record.Output {
        let ranked =
            port.meaning == .classes
            ? RankedClass.best(of: scores, port, most: max(top, 1))
            : RankedClass.best(of: scores, port).sorted { $0.index < $1.index }
        return Record.Output(
            name: port.name, meaning: port.meaning.name,
            answers: ranked.map { Record.Answer(class: $0.index, name: $0.name, score: $0.score) })
    }

    static func text(_ output: Record.Output, isProbability: Bool) -> String {
        let isClasses = output.meaning == NetworkPort.Meaning.classes.name
        var table = TextTable([
            isClasses ? "class" : "number", isProbability ? "probability %" : isClasses ? "score" : "value",
        ])
        for answer in output.answers {
            let score = isProbability ? percent(Double(answer.score)) : String(format: "%.4f", answer.score)
            table.add([answer.name ?? "\(answer.class)", score])
        }
        return table.text
    }

    /// Where an input's samples are: the file, or its array of that name where there are several inputs.
    private func file(of port: NetworkPort, _ text: NetworkText) throws(InputError) -> String {
        guard text.inputs.count > 1 else { return input }
        guard input.lowercased().hasSuffix(".npz") else {
            throw InputError(
                file: input, field: "inputs", problem: "\(network) has \(text.inputs.count)",
                remedy: "give an .npz file with the arrays \(text.inputs.map(\.name).joined(separator: ", "))"
            )
        }
        return "\(input)#\(port.name)"
    }

    /// What a path holds, preprocessed.
    func samples(
        in path: String, _ preprocessing: Preprocessing
    ) throws(InputError) -> PreprocessedSamples {
        let columns = columns.map { $0.split(separator: ",").map(String.init) } ?? []
        return try preprocessing.samples(in: path, label: label, columns: columns)
    }

    /// The one that `--index` chooses.
    private func sample(of samples: PreprocessedSamples) throws(InputError) -> [Float] {
        guard samples.indices.contains(index) else {
            throw InputError(
                file: input, field: "--index", problem: "\(index), the file holds \(samples.count) samples",
                remedy: "choose one of 0…\(samples.count - 1)")
        }
        return samples[index]
    }
}
