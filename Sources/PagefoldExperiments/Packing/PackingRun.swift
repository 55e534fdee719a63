// From a job and its settings to a fold file and a record: what `pagefold pack` does once and `pagefold sweep` many
// times.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldImport
import PagefoldPacking
import PagefoldReport

/// One run of the packer on a job.
struct PackingRun {
    let job: Job
    let settings: PackingSettings
    /// Path of the fold file.
    let output: String
    let engine: Engine
    /// What no network may lose, as a share of its validation samples; nil: anything.
    var mostLoss: Double?
    /// What stands before each line of progress.
    var prefix = ""

    /// Kept while the run works, so that it goes on after a kill. It is still there when `pack` returns: whoever keeps
    /// the record removes it afterwards.
    var checkpoint: String { output + ".checkpoint" }

    func removeCheckpoint() { try? FileManager.default.removeItem(atPath: checkpoint) }

    /// Packs, writes the fold file and tells what was done.
    /// - Throws: `InputError` for data that is missing or does not fit, and settings that make no sense.
    func pack() throws(InputError) -> (fold: Fold, record: PackRecord) {
        let started = Date()
        let clock = StageClock("loading")
        try job.refuseOverwriting(output)
        let tasks = try job.loadTasks(settings)
        let originalBytes = tasks.reduce(0) { $0 + 4 * $1.network.program.weightCount }
        var settings = settings
        settings.budget = try job.bytes(originalBytes: originalBytes, for: settings)

        let progress = ProgressLine(names: tasks.map(\.text.name), prefix: prefix)
        let search = try BudgetSearch(settings: settings, engine: engine) { event in
            clock.note(event)
            progress.show(event)
        }
        let found = try search.pack(
            tasks, checkpoint: checkpoint, fingerprint: "\(job.fileChecksum())", mostLoss: mostLoss)
        let result = found.packing
        settings = found.settings
        clock.begin("writing")
        let bytes = result.fold.encoded()
        try AtomicFile.write(bytes, to: output)

        var record = PackRecord(bytes: bytes.count, tasks: tasks, result: result)
        record.settings = settings.texts
        record.settings["budget"] = settings.pool == .budget ? job.budget?.text : nil
        record.search = found.points.isEmpty ? nil : found.points.map(PackRecord.SearchPoint.init)
        record.command = CommandLine.arguments
        record.output = output
        record.originalBytes = originalBytes
        record.stages = clock.seconds
        record.resumedStep = clock.resumedStep
        record.seconds = Date().timeIntervalSince(started)
        record.peakMemory = peakMemory()
        record.threads = engine.workers.threads
        return (result.fold, record)
    }
}

extension Job {
    /// Of the job file's bytes; 0 where it is gone.
    func fileChecksum() -> UInt32 {
        FileManager.default.contents(atPath: path).map { CRC32C.checksum([UInt8]($0)) } ?? 0
    }
}

/// Largest resident memory of this process so far, in bytes.
func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}
