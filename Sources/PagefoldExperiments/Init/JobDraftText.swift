// A draft as the text of a job file, with comments that say what is guessed and what is open.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldEngine
import PagefoldImport

extension JobDraft {
    /// The job file.
    /// - Parameter folder: where it will lie; paths in it begin there where that is possible.
    public func text(in folder: String) -> String {
        var lines = [
            "# A first draft by `pagefold init`. Read the comments, fill in what is open, then: pagefold check FILE",
            "# Every key is explained in docs/job-file.md.",
            "budget: 10x        # the float32 bytes of all networks divided by this; or bytes, as 256KiB",
        ]
        if !unused.isEmpty {
            lines.append("# samples that no network took: \(unused.joined(separator: ", "))")
        }
        lines += refused.map { "# not read: \(Self.line($0))" }
        lines.append("networks:")
        for network in networks where network.refusal == nil { lines += Self.lines(network, folder) }
        for network in networks where network.refusal != nil {
            lines += [
                "", "  # \(network.path) cannot be imported:", "  #   \(Self.line(network.refusal ?? ""))",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ network: Network, _ folder: String) -> [String] {
        var lines = [""]
        if let description = network.description {
            lines.append("  # \(line(description.format)), \(description.weights) weights")
        }
        if let program = network.program {
            for (index, port) in network.text.inputs.enumerated() {
                lines.append("  # input  \(line(port.name)): \(port.outside(program.values[index]))")
            }
            for (port, output) in zip(network.text.outputs, program.outputs).prefix(4) {
                lines.append(
                    "  # output \(line(port.name)): \(port.outside(program.values[output.value])), "
                        + "taken for \(port.meaning.name)")
            }
            if network.text.outputs.count > 4 {
                lines.append("  # and \(network.text.outputs.count - 4) outputs more")
            }
            if !program.states.isEmpty { lines.append("  # has states: its samples are moments of a stream") }
        }
        lines += ["  - name: \(quoted(network.name))", "    weights: \(quoted(path(network.path, folder)))"]
        if !network.inputSizes.isEmpty {
            lines.append(
                "    input_shape: [\(network.inputSizes.map { "\($0)" }.joined(separator: ", "))]"
                    + "   # open in the file; these are the samples' sizes")
        }
        guard let (set, guess) = network.samples else {
            lines.append("    # No samples that fit were found: name them. Labels can stay away.")
            if !network.others.isEmpty {
                lines.append("    # Of these sizes are \(network.others.joined(separator: ", ")).")
            }
            lines += [
                "    # data:", "    #   transforms: []",
                "    #   train: {samples: FILE OR FOLDER, labels: FILE}",
            ]
            return lines
        }
        lines.append("    # samples: \(set.name). \(reason(guess, set))")
        if !network.others.isEmpty {
            lines.append("    # \(network.others.joined(separator: ", ")) would fit too.")
        }
        lines.append("    data:")
        if guess.layout == .channelsFirst { lines.append("      layout: channels_first") }
        lines.append("      transforms: [\(guess.transforms.map(\.yaml).joined(separator: ", "))]")
        for part in [FileWords.Part.training, .validation, .test] {
            if let files = set.parts[part], !files.samples.isEmpty {
                let isAgain = part == .validation && files.samples == set.training?.samples
                if !isAgain { lines.append("      \(part.rawValue): \(mapping(files, set, guess, folder))") }
            } else if part == .validation {
                lines.append(validation(of: set))
            } else if part == .test {
                lines.append("      # test: samples that nothing is chosen by, for `pagefold eval`")
            }
        }
        return lines
    }

    /// Of few samples a tenth would say little: 40 of them leave a standard error of five points.
    private static func validation(of set: SampleSet) -> String {
        let count = set.training?.count ?? 0
        return (1..<Self.fewSamples).contains(count)
            ? "      validation: 0.25   # of \(count) training samples: few, so that it is a larger share"
            : "      # validation: 0.1, a share of the training samples"
    }

    private static let fewSamples = 400

    private static func reason(_ guess: TransformGuess, _ set: SampleSet) -> String {
        guard let measure = guess.measure else {
            return
                "GUESSED by sizes and names: without labels nothing tells which transforms it was trained with"
        }
        func percent(_ measure: Measure) -> String {
            String(format: "%.1f %%", 100 * measure.value)
                + (measure.unit == .areaUnderCurve ? " under the curve" : " right")
        }
        let second = guess.second.map { "; other transforms: at most \(percent($0))" } ?? ""
        return "With these transforms \(percent(measure)) of \(measure.count) training samples\(second)"
    }

    private static func mapping(
        _ part: SampleSet.Part, _ set: SampleSet, _ guess: TransformGuess, _ folder: String
    ) -> String {
        func files(_ paths: [String]) -> String {
            let texts = paths.map { quoted(path($0, folder)) }
            return texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        }
        var pairs = ["samples: \(files(part.samples))"]
        if !part.labels.isEmpty { pairs.append("labels: \(files(part.labels))") }
        if let label = guess.table.label { pairs.append("label: \(quoted(label))") }
        if !part.groups.isEmpty { pairs.append("groups: \(files(part.groups))") }
        return "{\(pairs.joined(separator: ", "))}"
    }

    /// A path as the job file needs it: unchanged where the file lies in the working folder.
    private static func path(_ path: String, _ folder: String) -> String {
        if folder.isEmpty || folder == "." || path.hasPrefix("/") { return path }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// A text that YAML takes for nothing else.
    private static func quoted(_ text: String) -> String {
        let isPlain =
            text.first.map { $0.isLetter || "./".contains($0) } ?? false
            && text.allSatisfy { $0.isLetter || $0.isNumber || "._-/".contains($0) }
            && !["true", "false", "yes", "no", "null", "on", "off"].contains(text.lowercased())
        if isPlain || Int(text) != nil { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// One line of a comment, whatever a file says.
    private static func line(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}

extension NetworkPort {
    /// Sizes, type and what whole numbers stand for.
    fileprivate func outside(_ shape: Shape) -> String {
        let sizes = axes(of: shape).map { "\($0.size)" }.joined(separator: "×")
        guard element != .float32 else { return "\(sizes) float32" }
        let sign = zeroPoint < 0 ? "+ \(-zeroPoint)" : "− \(zeroPoint)"
        return "\(sizes) \(element.name), n stands for (n \(sign)) · \(scale)"
    }
}

extension TransformDescription {
    /// As a job file writes it.
    fileprivate var yaml: String {
        if parameters.isEmpty { return name }
        let order = ["mean", "deviation", "height", "width"]
        func place(_ key: String) -> Int { order.firstIndex(of: key) ?? order.count }
        let pairs = parameters.sorted { (place($0.key), $0.key) < (place($1.key), $1.key) }.map {
            key, value in
            switch value {
            case .number(let number): (key, "\(Self.number(number))")
            case .numbers(let numbers): (key, "[\(numbers.map(Self.number).joined(separator: ", "))]")
            }
        }
        if pairs.count == 1, Self.mainParameters[name] == pairs[0].0 { return "\(name): \(pairs[0].1)" }
        return "\(name): {\(pairs.map { "\($0.0): \($0.1)" }.joined(separator: ", "))}"
    }

    private static func number(_ number: Double) -> String {
        Int(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
