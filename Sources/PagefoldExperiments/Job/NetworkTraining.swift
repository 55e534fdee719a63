// From a job's network that is given as layers to a trained one in a fold file of its own. What a training run does is
// Trainer's.

import Foundation
public import PagefoldCore
public import PagefoldEngine
import PagefoldFold
import PagefoldGraph
public import PagefoldImport
public import PagefoldPacking

/// What training one network gave.
public struct TrainRecord: Hashable, Sendable, Encodable {
    public var name: String
    public var weights: Int
    /// On validation samples, 0 … 1.
    public var accuracy: Double
    public var bestStep: Int
    /// Path of the fold file.
    public var output: String
    public var seconds: Double

    enum CodingKeys: String, CodingKey {
        case name = "name", weights = "weights", accuracy = "accuracy", bestStep = "bestStep"
        case output = "output", seconds = "seconds"
    }
}

extension Job {
    /// The networks that `train` can train: those of some names, or all that are given as layers.
    /// - Throws: `InputError` where there is none of a name, or it brings its weights.
    public func trainable(named names: [String] = []) throws(InputError) -> [JobNetwork] {
        for name in names where !networks.contains(where: { $0.name == name }) {
            throw InputError(
                file: path, field: "network \(name)", problem: "there is none of that name",
                remedy: Spelling.remedy(for: name, among: networks.map(\.name), verb: "choose"))
        }
        var chosen = [JobNetwork]()
        for network in networks where names.isEmpty || names.contains(network.name) {
            if case .layers = network.weights {
                chosen.append(network)
            } else if !names.isEmpty {
                throw network.error(
                    of: path, problem: "it brings its weights",
                    remedy: "give it layers and an input instead")
            }
        }
        return chosen
    }

    /// Trains a network from its layers and writes it to `NAME.fold` beside the job file, where `pack` finds it.
    /// - Parameters:
    ///   - entry: one of `trainable`.
    ///   - seed: of weights and batches, where the job gives the network none of its own.
    /// - Throws: `InputError` when settings make no sense, data are missing or do not fit, or training diverges.
    public func train(
        _ entry: JobNetwork, seed: UInt64, engine: Engine,
        report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) -> TrainRecord {
        guard case .layers(let layers, let input) = entry.weights else {
            preconditionFailure("a network that is trained has layers")
        }
        let started = Date()
        // A stream for each name: equal first weights would make networks alike, and packing easier than it is.
        var random = RandomSource(seed: seed, UInt64(CRC32C.checksum(Array(entry.name.utf8))))
        let output = entry.trainedPath(jobFile: path)
        try FoldOutput.check(output)
        let network = try entry.described(layers, input, seed: random.next(), jobFile: path)
        report(.stage(.reading(network: entry.name, number: 1, of: 1)))
        let (training, validation) = try entry.loadTraining(jobFile: path, seed: seed)
        let trainer = try trainer(of: entry, seed: seed)
        report(.stage(.trainingFromScratch(network: entry.name, samples: training.count)))
        let text = try entry.text(of: try network.lowered(for: .inference), jobFile: path)
        do { try trainer.validate() } catch {
            throw error.naming(
                [.settings: path], place: entry.field("train") + ".", places: entry.places)
        }
        let result: TrainedResult
        do {
            result = try trainer.train(
                network, text: text, training: training, validation: validation, engine: engine,
                report: report)
        } catch { throw entry.placing(error, jobFile: path) }
        let lowered = try result.network.lowered(for: .inference)
        try AtomicFile.write(lowered.fold(text: text).encoded(), to: output)
        return TrainRecord(
            name: entry.name, weights: lowered.weights.count, accuracy: result.best.measures[0].value,
            bestStep: result.best.step, output: output, seconds: Date().timeIntervalSince(started))
    }

    private func trainer(of entry: JobNetwork, seed: UInt64) throws(InputError) -> Trainer {
        func whole(_ key: String, _ usual: Int) throws(InputError) -> Int {
            guard let number = entry.training[key] else { return usual }
            guard let value = Int(exactly: number), value >= 0 else {
                throw entry.error(
                    "train.\(key)", of: path, problem: "\(number) is out of bounds",
                    remedy: "write a whole number from 0")
            }
            return value
        }
        var settings = TrainingSettings()
        settings.seed = entry.training["seed"] == nil ? seed : UInt64(try whole("seed", 0))
        settings.steps = try whole("steps", 4_000)
        settings.batch = try whole("batch", 100)
        settings.learningRate = Float(entry.training["learning_rate"] ?? 2e-3)
        return Trainer(settings: settings, evaluateEvery: try whole("evaluate_every", 250))
    }
}
