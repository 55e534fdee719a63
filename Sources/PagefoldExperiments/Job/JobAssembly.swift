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
    func loadNetwork(jobFile: String, pageBiases: Bool = false) throws(InputError) -> LoweredNetwork {
        switch weights {
        case .tensorFlow1(let path, let output):
            let prefix = path.hasSuffix(".meta") ? String(path.dropLast(5)) : path
            var options = TensorFlow1.Options()
            options.output = output
            options.name = name
            return try TensorFlow1.load(meta: prefix + ".meta", checkpoint: prefix, options: options)
                .lowered(for: .inference, pageBiases: pageBiases)
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
        let fold = try file.fold()
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
    func loadTask(
        jobFile: String, seed: UInt64, pageBiases: Bool = false
    ) throws(InputError) -> PackingTask {
        try loadTask(
            jobFile: jobFile, seed: seed, network: try loadNetwork(jobFile: jobFile, pageBiases: pageBiases))
    }

    /// The samples for a network whose weights are somewhere else.
    func loadTask(jobFile: String, seed: UInt64, network: LoweredNetwork) throws(InputError) -> PackingTask {
        let (training, validation) = try loadTraining(jobFile: jobFile, seed: seed)
        return PackingTask(
            network: network, text: try text(classCount: network.program.outputCount, jobFile: jobFile),
            training: training, validation: validation, importance: importance,
            unseenAccuracy: unseenAccuracy)
    }
}

extension Job {
    /// Reads a job file and checks its settings, so that a spelling mistake is found by every command.
    /// - Parameters:
    ///   - preset: settings of a paper, before the job's own.
    ///   - changes: settings as `name=value`, before the job's and the preset's.
    static func load(
        _ path: String, preset: String? = nil, changes: [String] = [], seed: UInt64? = nil
    ) throws(InputError) -> (job: Job, settings: PackingSettings) {
        var job = try Job(path: path)
        var settings = PackingSettings(budget: .max)
        // A preset of the command line is in place of the job's.
        if let own = job.settings.removeValue(forKey: "preset"), preset == nil {
            try settings.apply(Preset.read(own, file: path).texts, file: "preset \(own)")
        }
        try settings.apply(job.settings, file: path)
        if let preset {
            try settings.apply(
                Preset.read(preset, file: "command line").texts, file: "preset \(preset)")
        }
        for change in changes {
            let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw InputError(
                    file: "command line", field: "--set \(change)", problem: "is not NAME=VALUE",
                    remedy: "write, for instance, --set page=100")
            }
            if parts[0] == "budget" {
                job.budget = try Budget.read(parts[1])
            } else if parts[0] == "networks" {
                try job.keep(networks: parts[1])
            } else {
                try settings.apply([parts[0]: parts[1]], file: "command line")
            }
        }
        if let seed { settings.training.seed = seed }
        do { _ = try settings.validated() } catch {
            throw InputError(file: path, field: error.field, problem: error.problem, remedy: error.remedy)
        }
        return (job, settings)
    }

    /// Keeps some networks: the first few, as `3`, or those named, as `mnist+gtsrb`, in that order.
    /// - Throws: `InputError` where there are not so many, or none of that name.
    mutating func keep(networks text: String) throws(InputError) {
        if let count = Int(text), (1...networks.count).contains(count) {
            networks = Array(networks.prefix(count))
            return
        }
        let names = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        let found = names.compactMap { name in networks.first { $0.name == name } }
        guard found.count == names.count, Set(names).count == names.count else {
            throw InputError(
                file: path, field: "networks=\(text)", problem: "the job has no such networks",
                remedy:
                    "write 1…\(networks.count), or join some of \(networks.map(\.name).joined(separator: ", ")) "
                    + "with +")
        }
        networks = found
    }

    /// All networks with their samples.
    func loadTasks(_ settings: PackingSettings) throws(InputError) -> [PackingTask] {
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
}

extension Preset {
    static func read(_ name: String, file: String) throws(InputError) -> Preset {
        guard let preset = Preset(rawValue: name) else {
            throw InputError(
                file: file, field: "preset", problem: "\"\(name)\" is not known",
                remedy: "choose one of \(allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return preset
    }
}

extension Budget {
    /// As a job file would write it.
    var text: String {
        switch self {
        case .bytes(let bytes): "\(bytes)"
        case .ratio(let ratio): "\(ratio)x"
        }
    }

    /// - Throws: `InputError` when a budget of the command line is none.
    static func read(_ text: String) throws(InputError) -> Budget {
        guard let budget = Budget(text) else {
            throw InputError(
                file: "command line", field: "budget", problem: "\"\(text)\" is none",
                remedy: "write bytes, as 283000 or 256KiB, or a ratio, as 3.8x")
        }
        return budget
    }
}
