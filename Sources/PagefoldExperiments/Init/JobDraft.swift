// A job file as a first draft: which networks and samples belong together, and what is guessed. The text is JobDraftText's.

import Foundation
public import PagefoldCore
import PagefoldData
public import PagefoldEngine
import PagefoldGraph
import PagefoldImport

/// What `pagefold init` makes of folders.
public struct JobDraft {
    /// One model file.
    struct Network {
        var name: String
        var path: String
        /// Why it cannot be imported; nil where it can.
        var refusal: String?
        var description: ModelDescription?
        var program: Program?
        var text = NetworkText(name: "")
        /// Sizes that the file leaves open, as samples have them.
        var inputSizes: [Int] = []
        /// Where samples were found.
        var samples: (set: SampleSet, guess: TransformGuess)?
        /// Other sets that fit as well.
        var others: [String] = []
    }
    var networks: [Network] = []
    /// Names of sets that no network takes.
    var unused: [String] = []
    var refused: [String] = []

    /// Networks with samples, and without.
    public var found: Int { networks.count { $0.samples != nil } }
    public var open: Int { networks.count { $0.refusal == nil && $0.samples == nil } }
    public var notImported: Int { networks.count { $0.refusal != nil } }

    /// Looks at folders and lets the originals answer training samples; test samples are not looked at.
    /// - Parameter progress: is told which model is looked at.
    /// - Throws: `InputError` where a folder is not there or holds no model that can be imported.
    public init(
        _ folders: [String], engine: Engine, progress: (String) -> Void = { _ in }
    ) throws(InputError) {
        let survey = try FolderSurvey(folders)
        guard !survey.models.isEmpty else {
            throw InputError(
                file: folders.joined(separator: ", "), field: "models", problem: "there is none",
                remedy: "name folders with \(ModelReaders.names)")
        }
        refused = survey.refused
        var used: Set<String> = []
        for path in survey.models {
            progress(path)
            var network = Self.network(path, taken: networks.map(\.name))
            Self.closeAxes(of: &network, by: survey.sets)
            if let program = network.program, program.inputs == 1 {
                Self.findSamples(for: &network, among: survey.sets, engine)
                if let set = network.samples?.set { used.insert(set.name) }
            }
            networks.append(network)
        }
        unused = survey.sets.map(\.name).filter { !used.contains($0) }
    }

    private static func network(_ path: String, taken: [String]) -> Network {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
        var name = stem
        var number = 2
        while taken.contains(name) {
            name = "\(stem)-\(number)"
            number += 1
        }
        var network = Network(name: name, path: path)
        do throws(InputError) {
            network.description = try ModelDescription.of(try ModelFile(path: path))
            let lowered = try ModelContent(path: path, options: ModelOptions(name: name)).lowered()
            (network.program, network.text) = (lowered.program, lowered.text)
        } catch { network.refusal = "\(error)" }
        return network
    }

    /// Takes the sizes that a model leaves open from a set of its name, else from the first that fits.
    private static func closeAxes(of network: inout Network, by sets: [SampleSet]) {
        guard network.program == nil, let inputs = network.description?.inputs, inputs.count == 1,
            inputs[0].sizes.contains(nil)
        else { return }
        let due = inputs[0].sizes.dropFirst()
        let shapes = sets.sorted { isNamed($0.name, network.name) && !isNamed($1.name, network.name) }
            .compactMap { $0.training?.shape }
        for shape in shapes where shape.count == due.count && !shape.isEmpty {
            guard zip(due, shape).allSatisfy({ $0 == nil || $0 == $1 }) else { continue }
            let options = ModelOptions(name: network.name, inputSizes: ["": shape])
            guard let content = try? ModelContent(path: network.path, options: options),
                let lowered = try? content.lowered()
            else { continue }
            (network.program, network.text, network.inputSizes) = (lowered.program, lowered.text, shape)
            network.refusal = nil
            return
        }
    }

    /// A set of the network's name comes first, then the one that the original knows best, then one of the same sizes.
    private static func findSamples(for network: inout Network, among sets: [SampleSet], _ engine: Engine) {
        let entry = JobNetwork(
            name: network.name,
            weights: .model(
                path: network.path,
                options: ModelOptions(
                    name: network.name,
                    inputSizes: network.inputSizes.isEmpty ? [:] : ["": network.inputSizes])))
        guard let lowered = try? entry.loadNetwork(jobFile: "init") else { return }
        let named = sets.filter { isNamed($0.name, network.name) }.sorted { a, b in
            let (x, y) = (a.training?.count ?? 0, b.training?.count ?? 0)
            return a.hasTest != b.hasTest ? a.hasTest : x > y
        }
        var aside: (SampleSet, TransformGuess)?
        for set in named {
            guard let guess = set.guess(for: entry, lowered, engine: engine) else { continue }
            if !set.hasTest {
                // A few samples that came with the model: a whole set that it knows is better.
                aside = aside ?? (set, guess)
                continue
            }
            network.samples = (set, guess)
            return
        }
        var fitting: [(set: SampleSet, guess: TransformGuess)] = []
        for set in sets where !isNamed(set.name, network.name) {
            if let guess = set.guess(for: entry, lowered, engine: engine) { fitting.append((set, guess)) }
        }
        let classes = max(lowered.program.values[lowered.program.outputs[0].value].count, 1)
        let known = fitting.filter { fit in
            guard let measure = fit.guess.measure else { return false }
            let chance = measure.unit == .accuracy ? 1 / Double(classes) : 0.5
            return measure.value > chance + 4 * measure.standardError
        }.sorted { ($0.guess.measure?.value ?? 0) > ($1.guess.measure?.value ?? 0) }
        let exact = fitting.filter { $0.guess.measure == nil && $0.set.kind == .arrays }
        let whole = known.first { $0.set.hasTest }
        network.samples = whole ?? aside ?? known.first ?? (exact.count == 1 ? exact.first : nil)
        let chosen = network.samples?.set.name
        network.others = (known + exact).map(\.set.name).filter { $0 != chosen }
    }

    private static func isNamed(_ set: String, _ network: String) -> Bool {
        func words(_ name: String) -> [String] {
            name.split { !$0.isLetter && !$0.isNumber }.map { $0.lowercased() }
        }
        return words(set) == words(network)
    }
}
