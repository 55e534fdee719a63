// From a job to the tasks that the packer takes: its networks with their weights and samples in memory.

import Foundation
public import PagefoldCore
public import PagefoldGraph
public import PagefoldImport
public import PagefoldPacking

extension JobNetwork {
    /// Where `pagefold train` leaves this network and `pagefold pack` finds it.
    public func trainedPath(jobFile: String) -> String {
        ((jobFile as NSString).deletingLastPathComponent as NSString).appendingPathComponent("\(name).fold")
    }

    /// The trained network, lowered.
    /// - Parameters:
    ///   - jobFile: path of the job file: trained networks lie beside it.
    ///   - pageBiases: page biases and other small vectors too, as `PackingSettings.pageBiases`.
    /// - Throws: `InputError` where it is not trained yet, or its file is missing, damaged or of another kind.
    public func loadNetwork(jobFile: String, pageBiases: Bool = false) throws(InputError) -> LoweredNetwork {
        switch weights {
        case .model(let path, let options):
            return try ModelContent(path: path, options: options).lowered(pageBiases: pageBiases)
        case .layers:
            let path = trainedPath(jobFile: jobFile)
            guard FileManager.default.fileExists(atPath: path) else {
                throw InputError(
                    file: jobFile, field: "network \(name)",
                    problem: "it is not trained yet (\(path) is not there)",
                    remedy: "run: pagefold train \(jobFile)")
            }
            return try ModelContent(path: path, options: ModelOptions(name: name)).lowered()
        }
    }

    /// Name and ports as the fold file tells them, with the job's preprocessing and classes.
    /// - Throws: `InputError` where the job has another number of names than there are classes.
    public func text(of network: LoweredNetwork, jobFile: String) throws(InputError) -> NetworkText {
        let classCount = network.program.values[network.program.outputs[0].value].count
        guard classes.isEmpty || classes.count == classCount else {
            throw InputError(
                file: jobFile, field: "network \(name): classes",
                problem: "\(classes.count) names for \(classCount) classes", remedy: "give one name for each")
        }
        var text = network.text
        text.name = name
        text.inputs[0].preprocessing = preprocessing
        // A model file may have names of its own.
        if !classes.isEmpty { text.outputs[0].labels = classes }
        if let objective { text.outputs[0].meaning = objective }
        return text
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
        return PackingTask(
            network: opened, text: text, training: try samples(training, for: network, jobFile: jobFile),
            validation: try samples(validation, for: network, jobFile: jobFile),
            objective: objective(of: opened.program, text), importance: importance,
            unseenAccuracy: unseenAccuracy, states: network.program.states)
    }
}

extension Job {
    /// All networks with their samples.
    /// - Throws: `InputError` naming the file that is missing, damaged or does not fit.
    public func loadTasks(_ settings: PackingSettings) throws(InputError) -> [PackingTask] {
        var tasks = [PackingTask]()
        for network in networks {
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
                file: path, field: "budget", problem: "is missing",
                remedy: "add budget: 256KiB, or use --budget")
        }
        return budget.bytes(originalBytes: originalBytes)
    }

    /// Before minutes of work: the result must have a place, and not that of a network it is made of.
    func refuseOverwriting(_ output: String) throws(InputError) {
        func plain(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
        for network in networks {
            let source =
                switch network.weights {
                case .layers: network.trainedPath(jobFile: path)
                case .model(let path, _): path
                }
            if plain(source) == plain(output) {
                throw InputError(
                    file: output, field: "--output", problem: "it holds the original of \(network.name)",
                    remedy: "choose another name with --output")
            }
        }
        let folder = URL(fileURLWithPath: output).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw InputError(
                file: output, field: "--output", problem: "its folder is not there or cannot be written",
                remedy: "make the folder or choose another place")
        }
    }
}
