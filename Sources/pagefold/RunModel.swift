// `pagefold run` on a model file: the original answers, before anything is packed.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldData
import PagefoldExperiments
import PagefoldImport

extension Run {
    struct ModelRecord: Encodable {
        struct Output: Encodable {
            var name: String
            var meaning: String
            /// Samples, then the axes of the model file's array.
            var shape: [Int]
            /// Row-major.
            var values: [Float]

            enum CodingKeys: String, CodingKey {
                case name = "name", meaning = "meaning", shape = "shape", values = "values"
            }
        }
        var model: String
        var input: String
        var samples: Int
        var outputs: [Output]
        /// Of one sample, run plainly.
        var microseconds: Double

        enum CodingKeys: String, CodingKey {
            case model = "model", input = "input", samples = "samples", outputs = "outputs"
            case microseconds = "microseconds"
        }
    }

    func runModel(_ file: ModelFile) throws {
        var sizes = try inputSizes(inputShape)
        if sizes.isEmpty, try DatasetContents.holdsArrays(input),
            let description = try ModelDescription.of(file)
        {
            sizes = try description.openSizes(from: input)
        }
        let options = ModelOptions(network: networkAndInput.count == 2 ? network : nil, inputSizes: sizes)
        let original = try ModelContent(path: fold, options: options).lowered()
        let start = DispatchTime.now().uptimeNanoseconds
        let answers = try answers(of: original)
        let elapsed =
            Double(DispatchTime.now().uptimeNanoseconds - start) / 1000 / Double(max(answers.count, 1))
        if json {
            return try printJSON(
                ModelRecord(
                    model: fold, input: input, samples: answers.count,
                    outputs: answers.outputs.map {
                        .init(
                            name: $0.port.name, meaning: $0.port.meaning.name, shape: $0.shape,
                            values: $0.values)
                    }, microseconds: elapsed))
        }
        guard (0..<answers.count).contains(index) else {
            throw InputError(
                file: input, field: "--index", problem: "\(index), the file holds \(answers.count) samples",
                remedy: "choose one of 0…\(answers.count - 1)")
        }
        let tables = answers.outputs.map { output in
            let size = output.values.count / answers.count
            let scores = Array(output.values[index * size..<(index + 1) * size])
            let text = Self.text(answer(output.port, scores), isProbability: output.isProbability)
            return answers.outputs.count == 1 ? text : "\(output.port.name)\n\(text)"
        }
        try say(tables.joined(separator: "\n\n"))
        if answers.count > 1 { try say("\nsample \(index) of \(answers.count); --json prints all") }
    }
}

/// `3x224x224` or `NAME=3x224x224`, as often as there are inputs.
func inputSizes(_ texts: [String]) throws(InputError) -> [String: [Int]] {
    var result: [String: [Int]] = [:]
    for text in texts {
        let mark = text.lastIndex(of: "=")
        let name = mark.map { String(text[..<$0]) } ?? ""
        let sizes = text[(mark.map { text.index(after: $0) } ?? text.startIndex)...]
            .split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sizes.allSatisfy({ (1...1 << 24).contains($0) }) else {
            throw InputError(
                .part("--input-shape"), field: text, problem: "is no list of sizes",
                remedy: "write 3x224x224, or NAME=3x224x224 where there are several inputs")
        }
        result[name] = sizes
    }
    return result
}
