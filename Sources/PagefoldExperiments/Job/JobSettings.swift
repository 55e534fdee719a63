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
        try job.checkKeys()
        // A preset of the command line is in place of the job's.
        if let own = job.settings.removeValue(forKey: "preset"), preset == nil {
            do { try settings.apply(Preset.read(own, from: .file(path)).texts, from: .preset(own)) } catch {
                throw error.naming([.file(path): path], places: job.places)
            }
        }
        do { try settings.apply(job.settings, from: .file(path)) } catch {
            throw error.naming([.file(path): path], places: job.places)
        }
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
                try Self.checkKey(parts[0], from: .commandLine, besides: ["budget", "networks"])
                try settings.apply([parts[0]: parts[1]], from: .commandLine)
            }
            job.places.forget(parts[0])
        }
        if let seed { settings.training.seed = seed }
        do { _ = try settings.validated() } catch { throw job.placing(error) }
        return (job, settings)
    }

    /// - Throws: `InputError` naming the first key at the top of the file that is none.
    private func checkKeys() throws(InputError) {
        for name in settings.keys.sorted(by: { isBefore($0, $1) }) {
            do {
                try Self.checkKey(name, from: .file(path), besides: ["budget", "networks", "preset"])
            } catch { throw error.naming([.file(path): path], places: places) }
        }
    }

    private func isBefore(_ a: String, _ b: String) -> Bool {
        guard let first = places[a], let second = places[b], first != second else { return a < b }
        return first < second
    }

    private static func checkKey(
        _ name: String, from source: InputError.Source, besides others: [String]
    ) throws(InputError) {
        let names = PackingSettings.keys.map(\.name)
        guard !names.contains(name), !others.contains(name) else { return }
        throw InputError(
            source, field: name, problem: "is not known",
            remedy: Spelling.remedy(for: name, among: (names + others).sorted()))
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
            let all = networks.map(\.name)
            let wrong = names.first { !all.contains($0) }
            let meant = wrong.flatMap { Spelling.closest(to: $0, among: all) }
            throw InputError(
                file: path, field: "networks=\(text)", problem: "the job has no such networks",
                remedy: (meant.map { "did you mean \($0)? " } ?? "")
                    + "write 1…\(networks.count), or join some of \(all.joined(separator: ", ")) with +")
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
                remedy: Spelling.remedy(for: name, among: allCases.map(\.rawValue), verb: "choose"))
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
                .commandLine, field: "budget", problem: "\"\(text)\" is none", remedy: remedy(for: text))
        }
        return budget
    }
}
