// From a job to the tasks that the packer takes: its networks with their weights and samples in memory.

import Foundation
public import PagefoldCore
import PagefoldData
public import PagefoldGraph
public import PagefoldImport
public import PagefoldPacking

extension JobNetwork {
    /// Where `pagefold train` leaves this network and `pagefold pack` finds it.
    public func trainedPath(jobFile: String) -> String {
        FilePath.joined(FilePath.folder(of: jobFile), "\(name).fold")
    }

    /// The trained network, lowered.
    /// - Parameters:
    ///   - jobFile: path of the job file: trained networks lie beside it.
    ///   - pageBiases: page biases and other small vectors too, as `PackingSettings.pageBiases`.
    /// - Throws: `InputError` where it is not trained yet, or its file is missing, damaged or of another kind.
    public func loadNetwork(jobFile: String, pageBiases: Bool = false) throws(InputError) -> LoweredNetwork {
        switch weights {
        case .model(let path, let options):
            do {
                return try ModelContent(path: path, options: options).lowered(pageBiases: pageBiases)
            } catch { throw placingModel(error, jobFile: jobFile) }
        case .layers(let layers, let input):
            let path = trainedPath(jobFile: jobFile)
            let described = try self.described(layers, input, seed: 0, jobFile: jobFile)
            guard FileManager.default.fileExists(atPath: path) else {
                throw error(
                    of: jobFile, problem: "it is not trained yet (\(path) is not there)",
                    remedy: "run: pagefold train \(jobFile)")
            }
            let trained = try ModelContent(path: path, options: ModelOptions(name: name)).lowered()
            guard try described.lowered(for: .inference).program.isOfSameLayers(as: trained.program) else {
                throw error(
                    "layers", of: jobFile, problem: "they have changed since \(path) was trained",
                    remedy: "train again: pagefold train \(jobFile) \(name)")
            }
            return trained
        }
    }

    /// The network that its layers say, with fresh weights.
    /// - Throws: `InputError` naming the layer that is not understood or does not fit.
    func described(
        _ layers: [String], _ input: Shape, seed: UInt64, jobFile: String
    ) throws(InputError) -> Network {
        do { return try Network(name: name, input: input, layers: layers, seed: seed) } catch {
            throw error.naming([.network(name): jobFile], place: field("") + ": ", places: places)
        }
    }

    /// Name and ports as the fold file tells them, with the job's preprocessing and classes.
    /// - Throws: `InputError` where the job or its samples have another number of names than there are classes.
    public func text(of network: LoweredNetwork, jobFile: String) throws(InputError) -> NetworkText {
        let classCount = network.program.values[network.program.outputs[0].value].count
        guard classes.isEmpty || classes.count == classCount else {
            throw error(
                "classes", of: jobFile, problem: "\(classes.count) names for \(classCount) classes",
                remedy: "give one name for each")
        }
        var text = network.text
        let names = try classNames(from: text, count: classCount, jobFile: jobFile)
        text.name = name
        text.inputs[0].preprocessing = preprocessing
        // A model file may have names of its own.
        if !names.isEmpty { text.outputs[0].labels = names }
        if let objective { text.outputs[0].meaning = objective }
        return text
    }

    /// The job's names of classes, or those of the samples where they can be the network's.
    private func classNames(
        from text: NetworkText, count: Int, jobFile: String
    ) throws(InputError) -> [String] {
        let isClassifier = text.outputs.count == 1 && (objective ?? text.outputs[0].meaning) == .classes
        guard classes.isEmpty, isClassifier else { return classes }
        let found = try classNames(jobFile: jobFile)
        let own = text.outputs[0].labels
        guard found.isEmpty || found.count == count else {
            throw InputError(
                file: jobFile, field: "network \(name): classes",
                problem:
                    "the samples have \(found.count) (\(found.prefix(5).joined(separator: ", "))\(found.count > 5 ? " …" : ""))"
                    + " and the network \(count)",
                remedy:
                    "give a folder for each class, or all the network's classes in its order: classes: [a, b]"
            )
        }
        guard own.isEmpty || found.isEmpty || own == found else {
            throw InputError(
                file: jobFile, field: "network \(name): classes",
                problem:
                    "the model file has the classes \(own.prefix(5).joined(separator: ", ")) … and the samples "
                    + "\(found.prefix(5).joined(separator: ", ")) …",
                remedy: "say the network's classes in its order, with the folders' names: classes: [a, b]")
        }
        return found
    }

    /// The network with its samples.
    /// - Parameter seed: of augmentations; the split into training and validation samples is the same for each.
    /// - Throws: `InputError` naming the file that is missing, damaged or does not fit.
    public func loadTask(
        jobFile: String, seed: UInt64, pageBiases: Bool = false
    ) throws(InputError) -> PackingTask {
        try loadTask(
            jobFile: jobFile, seed: seed, network: try loadNetwork(jobFile: jobFile, pageBiases: pageBiases))
    }

    /// The samples for a network whose weights are somewhere else, as those of a fold.
    public func loadTask(jobFile: String, seed: UInt64, network: LoweredNetwork) throws(InputError)
        -> PackingTask
    {
        let (training, validation) = try loadTraining(jobFile: jobFile, seed: seed)
        let text = try text(of: network, jobFile: jobFile)
        let isStream = self.isStream(network.program, training)
        var opened = network
        opened.program = network.program.openingStates(answersStates: isStream)
        var task = PackingTask(
            network: opened, text: text, training: try samples(training, for: network, jobFile: jobFile),
            validation: try samples(validation, for: network, jobFile: jobFile),
            objective: objective(of: opened.program, text), importance: importance,
            unseenAccuracy: unseenAccuracy, states: network.program.states)
        task.batch = batch
        task.remarks = training.dataset.remarks
        do { return try task.validated() } catch { throw placing(error, jobFile: jobFile) }
    }
}

extension Job {
    /// All networks with their samples.
    /// - Parameter report: is told which network is read.
    /// - Throws: `InputError` naming the file that is missing, damaged or does not fit.
    public func loadTasks(
        _ settings: PackingSettings, report: (PackingStage) -> Void = { _ in }
    ) throws(InputError) -> [PackingTask] {
        var tasks = [PackingTask]()
        for (index, network) in networks.enumerated() {
            report(.reading(network: network.name, number: index + 1, of: networks.count))
            tasks.append(
                try network.loadTask(
                    jobFile: path, seed: settings.training.seed, pageBiases: settings.pageBiases))
        }
        return tasks
    }

    /// The budget in bytes; no bound where the settings say how many frames there are.
    func bytes(originalBytes: Int, for settings: PackingSettings) throws(InputError) -> Int {
        if settings.pool != .budget { return .max }
        guard let budget else {
            throw InputError(
                file: path, at: TextPlace(line: 1, column: 1), field: "budget", problem: "is missing",
                remedy: "add budget: 256KiB, or use --budget")
        }
        return budget.bytes(originalBytes: originalBytes)
    }
}

extension Program {
    /// Whether both have the same steps on the same shapes, whatever their weights.
    fileprivate func isOfSameLayers(as other: Program) -> Bool {
        values == other.values && weightCount == other.weightCount && steps == other.steps
    }
}
