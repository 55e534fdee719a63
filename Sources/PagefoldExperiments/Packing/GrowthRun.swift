// One more network for a fold file that is there, from a job: what `pagefold add` does. How a fold grows is Grower's.

import Foundation
public import PagefoldCore
public import PagefoldEngine
import PagefoldFold
import PagefoldGraph
public import PagefoldImport
public import PagefoldPacking
public import PagefoldReport
import PagefoldRuntime

/// Adds one network of a job to a fold file.
public struct GrowthRun {
    /// The fold file to add to, and the one to write.
    public let fold: String
    public let output: String
    /// Name of the network that is added.
    public let network: String
    /// Names of the networks that are there.
    public let neighbours: [String]
    public let settings: PackingSettings
    /// Points that each of the others may lose; 0: none of their weights moves.
    public let maxLoss: Double
    public let engine: Engine
    private let file: FoldFile
    private let content: Fold
    private let job: Job
    private let others: [JobNetwork]
    private let budget: Budget

    /// Reads the fold file and the job and decides what is added.
    /// - Parameters:
    ///   - job: path of the job file.
    ///   - network: which network of the job; nil: the one that the fold file does not have.
    ///   - budget: bytes that the fold file may grow by, or a ratio of the network's own float32 bytes; nil: the last
    ///     `budget` of `changes`, else `Grower.defaultRatio`.
    ///   - output: nil: the same file.
    ///   - changes, seed: as `Job.load`; pages are those of the fold.
    /// - Throws: `InputError` where a file is missing or damaged, a setting is not known, or there is no such network to
    ///   add.
    public init(
        fold: String, job path: String, network: String? = nil, budget: Budget? = nil, maxLoss: Double = 0,
        output: String? = nil, changes: [String] = [], seed: UInt64? = nil,
        engine: Engine = .onAllProcessors()
    ) throws(InputError) {
        file = try FoldFile(path: fold)
        content = try file.fold()
        let others = changes.filter { !$0.hasPrefix("budget=") }
        var job: Job
        // Last: whatever was asked for, pages are those of the fold.
        (job, settings) = try Job.load(path, changes: others + ["page=\(content.pageSize)"], seed: seed)
        if let budget {
            self.budget = budget
        } else if let change = changes.last(where: { $0.hasPrefix("budget=") }) {
            self.budget = try Budget.read(String(change.dropFirst(7)))
        } else {
            self.budget = .ratio(Grower.defaultRatio)
        }
        // The job's own is for pack alone.
        job.places.forget("budget")
        let entry = try job.newcomer(network, to: file)
        let names = file.networkNames
        neighbours = names
        self.others = maxLoss > 0 ? job.networks.filter { names.contains($0.name) } : []
        job.networks = [entry]
        self.output = output ?? fold
        try job.refuseOverwriting(self.output)
        self.fold = fold
        self.network = entry.name
        self.maxLoss = maxLoss
        self.engine = engine
        self.job = job
    }

    /// Adds the network, writes the fold file and tells what was done.
    /// - Returns: a record without a command line.
    /// - Throws: `InputError` when data are missing or do not fit, the budget is too small, or training diverges.
    public func add(
        report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) -> GrowthRecord {
        let started = Date()
        let task = try job.loadTasks(settings)[0]
        let originalBytes = 4 * task.network.program.weightCount
        var settings = settings
        settings.budget = budget.bytes(originalBytes: originalBytes)
        var tasks = [PackingTask]()
        for other in others {
            tasks.append(
                try other.loadTask(
                    jobFile: job.path, seed: settings.training.seed,
                    network: content.lowered(neighbours.firstIndex(of: other.name)!)))
        }
        let result: GrowthResult
        do {
            result = try Grower(
                settings: settings, mostLoss: maxLoss / 100, engine: engine, report: report
            ).add(task, to: content, others: tasks)
        } catch {
            throw job.placing(error.naming([.fold: fold, .job: job.path]))
        }
        let bytes = result.fold.encoded()
        try AtomicFile.write(bytes, to: output)
        return GrowthRecord(
            output: output, bytesBefore: file.reader.fileSize, bytes: bytes.count,
            originalBytes: originalBytes, network: network, original: .init(result.original),
            matched: .init(result.matched), packed: .init(result.packed),
            others: result.neighbours.map {
                GrowthRecord.Other(
                    name: $0.name, before: $0.before.map { .init($0) }, after: $0.after.map { .init($0) },
                    isUnchanged: $0.isUnchanged)
            },
            maxLoss: maxLoss, matchingLoss: result.matchingLoss, settings: settings,
            bestStep: result.bestStep, history: result.history.map { .init($0) },
            jointHistory: result.jointHistory.map { .init($0) },
            seconds: Date().timeIntervalSince(started), peakMemory: peakMemory())
    }
}

extension Job {
    /// The network to add: the one of that name, or the only one that the fold file does not have.
    fileprivate func newcomer(_ name: String?, to file: FoldFile) throws(InputError) -> JobNetwork {
        if let name {
            guard let entry = networks.first(where: { $0.name == name }) else {
                throw InputError(
                    file: path, field: "network \(name)", problem: "there is none of that name",
                    remedy: Spelling.remedy(for: name, among: networks.map(\.name), verb: "choose"))
            }
            guard !file.networkNames.contains(name) else {
                throw InputError(
                    file: file.path, field: "network \(name)", problem: "there is one of that name already",
                    remedy: "remove it first or give another name")
            }
            return entry
        }
        let new = networks.filter { !file.networkNames.contains($0.name) }
        guard new.count == 1 else {
            throw InputError(
                file: path, field: "networks",
                problem: new.isEmpty
                    ? "all of them are in \(file.path) already" : "\(new.count) are not in \(file.path)",
                remedy: new.isEmpty ? "give the network another name" : "name one with --network")
        }
        return new[0]
    }
}

/// What adding a network did.
public struct GrowthRecord: Hashable, Sendable, Encodable {
    /// A network that was there before.
    public struct Other: Hashable, Sendable, Encodable {
        public var name: String
        /// On validation samples; nil where no loss was allowed, so that nobody looked.
        public var before: PackRecord.Score?
        public var after: PackRecord.Score?
        /// Every weight is what it was, bit for bit.
        public var isUnchanged: Bool

        enum CodingKeys: String, CodingKey {
            case name = "name", before = "before", after = "after", isUnchanged = "isUnchanged"
        }
    }
    /// The command line.
    public var command: [String] = []
    public var output: String
    public var bytesBefore: Int
    public var bytes: Int
    /// Float32 bytes of the added network.
    public var originalBytes: Int
    public var network: String
    public var original: PackRecord.Score
    /// Before training.
    public var matched: PackRecord.Score
    public var packed: PackRecord.Score
    public var others: [Other]
    /// Points.
    public var maxLoss: Double
    public var matchingLoss: Double
    public var settings: PackingSettings
    public var bestStep: Int
    public var history: [PackRecord.Look]
    public var jointHistory: [PackRecord.Look]
    public var seconds: Double
    /// Largest resident memory of the process, bytes.
    public var peakMemory: Int

    enum CodingKeys: String, CodingKey {
        case command = "command", output = "output", bytesBefore = "bytesBefore", bytes = "bytes"
        case originalBytes = "originalBytes", network = "network", original = "original", matched = "matched"
        case packed = "packed", others = "others", maxLoss = "maxLoss", matchingLoss = "matchingLoss"
        case settings = "settings", bestStep = "bestStep", history = "history", jointHistory = "jointHistory"
        case seconds = "seconds", peakMemory = "peakMemory"
    }
}
