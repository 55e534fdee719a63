// One run of a sweep: what it is told, where its files are, when its record is still good, what it does. The process
// that it works in is SweepChild's.

import Foundation
public import PagefoldCore
import PagefoldEngine
import PagefoldFold
public import PagefoldImport
public import PagefoldPacking
import PagefoldReport

/// All that a process needs to know to carry out one run.
public struct SweepRun: Codable, Sendable {
    /// Path of the job file.
    let job: String
    /// A preset and changes for all runs of the sweep.
    let preset: String?
    let changes: [String]
    public let name: String
    /// What varies, by name.
    public let parameters: [String: String]
    let folder: String
    /// The command line of the sweep.
    let command: [String]
    let threads: Int
    let test: Bool
    let keepsFold: Bool
    /// `identity(_:_:)`, once it is known.
    var identity = ""

    enum CodingKeys: String, CodingKey {
        case job = "job", preset = "preset", changes = "changes", name = "name", parameters = "parameters"
        case folder = "folder", command = "command", threads = "threads", test = "test"
        case keepsFold = "keepsFold", identity = "identity"
    }

    /// Paths of the record and of the fold file.
    public var record: String { path(".json") }
    public var fold: String { path(".fold") }
    private func path(_ suffix: String) -> String {
        FilePath.joined(folder, name + suffix)
    }

    /// The job with this run's networks, budget and settings.
    /// - Throws: `InputError` for settings that make no sense.
    public func load() throws(InputError) -> (job: Job, settings: PackingSettings) {
        var changes = changes
        for (key, value) in parameters.sorted(by: { $0.key < $1.key }) where key != "preset" {
            changes.append("\(key)=\(value)")
        }
        return try Job.load(job, preset: parameters["preset"] ?? preset, changes: changes)
    }

    /// Names everything but the samples that decides the record: a record of another identity is made anew.
    /// - Parameter weights: checksums of the originals, by name.
    func identity(_ job: Job, _ settings: PackingSettings, weights: [String: UInt32]) -> String {
        let texts = settings.texts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let all = texts + ["budget=\(job.budget?.text ?? "none")", "test=\(test)"]
        let networks = job.networks.map { "\($0.name) \(weights[$0.name] ?? 0)" }
        let sums = [all, networks].map { lines in
            String(CRC32C.checksum([UInt8](lines.joined(separator: "\n").utf8)), radix: 16)
        }
        let file = String(job.fileChecksum(), radix: 16)
        return "\(pagefoldVersion) job \(file) settings \(sums[0]) networks \(sums[1])"
    }

    // MARK: Records

    /// What the record file says; nil where there is none or it cannot be read.
    func outcome() -> SweepOutcome? {
        guard let data = FileManager.default.contents(atPath: record) else { return nil }
        if let failure = try? JSONDecoder().decode(SweepFailure.self, from: data) { return .failed(failure) }
        return (try? JSONDecoder().decode(PackRecord.self, from: data)).map { .packed($0) }
    }

    /// Whether this run was cut off: it goes on from its checkpoint.
    public var isCutOff: Bool { FileManager.default.fileExists(atPath: path(".fold.checkpoint")) }

    /// Whether this run was made before, of the same job with the same settings.
    public var isDone: Bool {
        guard case .packed(let record) = outcome() else { return false }
        return record.identity == identity
    }

    /// Takes away what a process that was killed left behind: files that were never renamed into place, and the
    /// checkpoint of a run whose record was written already. Nobody else may be at work in the folder.
    func removeLeftovers(isDone: Bool) {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for file in files where file.hasPrefix(name + ".") && file.hasSuffix(".tmp") {
            try? FileManager.default.removeItem(
                atPath: FilePath.joined(folder, file))
        }
        if isDone { try? FileManager.default.removeItem(atPath: path(".fold.checkpoint")) }
    }

    /// Writes a record that tells why there is no other.
    public func fail(_ error: String) throws(InputError) {
        let failure = SweepFailure(
            version: pagefoldVersion, command: command, parameters: parameters, identity: identity,
            error: error)
        try AtomicFile.write(try jsonBytes(failure), to: record)
    }

    // MARK: Work

    /// Packs, evaluates, writes the record.
    /// - Parameter job, settings: as `load` gives them.
    /// - Throws: `InputError` as `PackingRun.pack`.
    public func carryOut(
        _ job: Job, _ settings: PackingSettings, report: @escaping (PackingEvent) -> Void
    ) throws(InputError) {
        let run = PackingRun(
            job: job, settings: settings, output: fold, engine: Engine(threads: threads))
        var (fold, record) = try pack(run, report)
        record.command = command
        record.parameters = parameters
        record.identity = identity
        if test {
            let (scores, _) = try job.testScores(of: fold, path: self.fold, engine: run.engine)
            for index in record.networks.indices {
                let score = scores.first { $0.name == record.networks[index].name }
                record.networks[index].testOriginal = score?.original
                record.networks[index].testPacked = score?.packed
            }
        }
        if !keepsFold {
            try? FileManager.default.removeItem(atPath: self.fold)
            record.output = nil
        }
        try AtomicFile.write(try jsonBytes(record), to: self.record)
        // Last: while it is there, a run that is cut off before its record goes on from its last step.
        run.removeCheckpoint()
    }

    /// A checkpoint in the sweep's own folder that does not belong to this run is left of other settings.
    private func pack(
        _ run: PackingRun, _ report: @escaping (PackingEvent) -> Void
    ) throws(InputError) -> (fold: Fold, record: PackRecord) {
        do { return try run.pack(report: report) } catch {
            // Not a full disk: then the checkpoint is what the next attempt goes on from.
            guard error.source == .file(run.checkpoint), error.field == "checkpoint" else { throw error }
            run.removeCheckpoint()
            return try run.pack(report: report)
        }
    }
}

/// What the record of a run says.
enum SweepOutcome {
    case packed(PackRecord)
    case failed(SweepFailure)
}

/// The record of a run that came to nothing. It is tried again when the sweep is started again.
struct SweepFailure: Codable {
    var version: String
    var command: [String]
    var parameters: [String: String]
    var identity: String
    var error: String

    enum CodingKeys: String, CodingKey {
        case version = "version", command = "command", parameters = "parameters", identity = "identity"
        case error = "error"
    }
}

/// On one line: page tables are long.
private func jsonBytes(_ value: some Encodable) throws(InputError) -> [UInt8] {
    [UInt8](try (jsonText(value, pretty: false) + "\n").utf8)
}
