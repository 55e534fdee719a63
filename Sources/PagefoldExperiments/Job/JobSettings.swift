// A job with its settings: those of its file, of a preset, and changes as name=value. What a setting means is the
// packer's business.

public import PagefoldCore
public import PagefoldImport
public import PagefoldPacking

extension Job {
    /// Reads a job file and checks its settings, so that a spelling mistake is found by every command.
    /// - Parameters:
    ///   - preset: settings of a paper, before the job's own.
    ///   - changes: settings as `name=value`, before the job's and the preset's; `budget` and `networks` too.
    ///   - seed: of everything random, before all others.
    /// - Throws: `InputError` naming the file and the line, or the setting that is not known or makes no sense.
    public static func load(
        _ path: String, preset: String? = nil, changes: [String] = [], seed: UInt64? = nil
    ) throws(InputError) -> (job: Job, settings: PackingSettings) {
        var job = try Job(path: path)
        var settings = PackingSettings(budget: .max)
        // A preset of the command line is in place of the job's.
        if let own = job.settings.removeValue(forKey: "preset"), preset == nil {
            try settings.apply(Preset.read(own, from: .file(path)).texts, from: .preset(own))
        }
        try settings.apply(job.settings, from: .file(path))
        if let preset {
            try settings.apply(Preset.read(preset, from: .commandLine).texts, from: .preset(preset))
        }
        for change in changes {
            let parts = change.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw InputError(
                    .commandLine, field: "--set \(change)", problem: "is not NAME=VALUE",
                    remedy: "write, for instance, --set page=100")
            }
            if parts[0] == "budget" {
                job.budget = try Budget.read(parts[1])
            } else if parts[0] == "networks" {
                try job.keep(networks: parts[1])
            } else {
                try settings.apply([parts[0]: parts[1]], from: .commandLine)
            }
        }
        if let seed { settings.training.seed = seed }
        do { _ = try settings.validated() } catch { throw error.naming([.settings: path]) }
        return (job, settings)
    }

    /// Keeps some networks: the first few, as `3`, or those named, as `mnist+gtsrb`, in that order.
    /// - Throws: `InputError` where there are not so many, or none of that name.
    public mutating func keep(networks text: String) throws(InputError) {
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
}

extension Preset {
    /// - Parameter source: where the name stands.
    /// - Throws: `InputError` when there is no such preset.
    public static func read(_ name: String, from source: InputError.Source) throws(InputError) -> Preset {
        guard let preset = Preset(rawValue: name) else {
            throw InputError(
                source, field: "preset", problem: "\"\(name)\" is not known",
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
    public static func read(_ text: String) throws(InputError) -> Budget {
        guard let budget = Budget(text) else {
            throw InputError(
                .commandLine, field: "budget", problem: "\"\(text)\" is none",
                remedy: "write bytes, as 283000 or 256KiB, or a ratio, as 3.8x")
        }
        return budget
    }
}
