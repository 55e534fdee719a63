// From a job to the tasks that the packer takes: the one place that knows both importing and packing.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldImport
import PagefoldPacking
import PagefoldRuntime

extension JobNetwork {
    /// Where `pagefold train` leaves this network and `pagefold pack` finds it.
    func trainedPath(jobFile: String) -> String {
        ((jobFile as NSString).deletingLastPathComponent as NSString).appendingPathComponent("\(name).fold")
    }

    /// The trained network, lowered.
    func loadNetwork(jobFile: String) throws(InputError) -> LoweredNetwork {
        switch weights {
        case .tensorFlow1(let path, let output):
            let prefix = path.hasSuffix(".meta") ? String(path.dropLast(5)) : path
            var options = TensorFlow1.Options()
            options.output = output
            options.name = name
            return try TensorFlow1.load(meta: prefix + ".meta", checkpoint: prefix, options: options)
                .lowered(for: .inference)
        case .fold(let path, let network):
            return try Self.network(network, in: path, as: name)
        case .layers:
            let path = trainedPath(jobFile: jobFile)
            guard FileManager.default.fileExists(atPath: path) else {
                throw InputError(
                    file: jobFile, field: "network \(name)",
                    problem: "it is not trained yet (\(path) is not there)",
                    remedy: "run: pagefold train \(jobFile)")
            }
            return try Self.network(nil, in: path, as: name)
        }
    }

    private static func network(_ network: String?, in path: String, as name: String) throws(InputError)
        -> LoweredNetwork
    {
        let file = try FoldFile(path: path)
        guard network != nil || file.networkNames.count == 1 else {
            throw InputError(
                file: path, field: "networks", problem: "it holds \(file.networkNames.count)",
                remedy: "name one with network: in the job file")
        }
        guard let index = network.map({ file.networkNames.firstIndex(of: $0) }) ?? 0 else {
            throw InputError(
                file: path, field: "network \(network ?? "")", problem: "there is none of that name",
                remedy: "choose one of \(file.networkNames.joined(separator: ", "))")
        }
        let fold = file.fold()
        let folded = fold.networks[index]
        let (program, weights) = folded.program.absorbingScales(fold.weights(of: folded))
        return LoweredNetwork(name: name, program: program, weights: weights)
    }

    /// Name, preprocessing and classes as the fold file tells them.
    func text(classCount: Int, jobFile: String) throws(InputError) -> NetworkText {
        guard classes.isEmpty || classes.count == classCount else {
            throw InputError(
                file: jobFile, field: "network \(name): classes",
                problem: "\(classes.count) names for \(classCount) classes", remedy: "give one name for each")
        }
        return NetworkText(name: name, preprocessing: preprocessing, classes: classes)
    }

    /// The network with its samples.
    func loadTask(jobFile: String, seed: UInt64) throws(InputError) -> PackingTask {
        let network = try loadNetwork(jobFile: jobFile)
        let (training, validation) = try loadTraining(jobFile: jobFile, seed: seed)
        return PackingTask(
            network: network, text: try text(classCount: network.program.outputCount, jobFile: jobFile),
            training: training, validation: validation, importance: importance)
    }
}

extension Job {
    /// Seed of everything random: the command line's, else the job file's, else 1.
    func seed(_ given: UInt64?) throws(InputError) -> UInt64 {
        if let given { return given }
        guard let number = settings["seed"] else { return 1 }
        guard let seed = UInt64(exactly: number) else {
            throw InputError(
                file: path, field: "seed", problem: "\(number)", remedy: "write a whole number from 0")
        }
        return seed
    }

    /// Before minutes of work: the result must have a place, and not that of a network it is made of.
    func refuseOverwriting(_ output: String) throws(InputError) {
        func plain(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
        for network in networks {
            let source: String? =
                switch network.weights {
                case .layers: network.trainedPath(jobFile: path)
                case .fold(let path, _): path
                case .tensorFlow1: nil
                }
            if let source, plain(source) == plain(output) {
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

    /// The job's numbers over the packer's defaults.
    func packingSettings(budget: Int, seed: UInt64) throws(InputError) -> PackingSettings {
        var result = PackingSettings(budget: budget)
        func whole(_ key: String, _ target: inout Int) throws(InputError) {
            guard let number = settings[key] else { return }
            guard let value = Int(exactly: number) else {
                throw InputError(file: path, field: key, problem: "\(number)", remedy: "write a whole number")
            }
            target = value
        }
        try whole("page", &result.pageSize)
        try whole("fisher_samples", &result.fisherSamples)
        try whole("evaluate_every", &result.evaluateEvery)
        try whole("validation_samples", &result.validationSamples)
        try whole("steps", &result.training.steps)
        try whole("batch", &result.training.batch)
        try whole("warm_up", &result.training.warmUp)
        if let rate = settings["learning_rate"] { result.training.learningRate = Float(rate) }
        if let weight = settings["label_weight"] { result.training.labelWeight = Float(weight) }
        if let balance = settings["balance"] { result.training.balance = Float(balance) }
        if let temperature = settings["temperature"] { result.training.temperature = Float(temperature) }
        result.training.seed = seed
        if let normalisation = settings["fisher_normalisation"] {
            result.fisherNormalisation = Float(normalisation)
        }
        if let scales = settings["channel_scales"] {
            guard scales == 0 || scales == 1 else {
                throw InputError(
                    file: path, field: "channel_scales", problem: "\(scales)", remedy: "write true or false")
            }
            result.channelScales = scales == 1
        }
        if let fisher {
            guard let kind = FisherKind(rawValue: fisher) else {
                throw InputError(
                    file: path, field: "fisher", problem: "\"\(fisher)\" is not known",
                    remedy: "choose one of \(FisherKind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            result.fisher = kind
        }
        do { return try result.validated() } catch {
            throw InputError(file: path, field: error.field, problem: error.problem, remedy: error.remedy)
        }
    }
}
