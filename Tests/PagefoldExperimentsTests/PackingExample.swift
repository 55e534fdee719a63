// Packs the networks of a job file into one fold file beside it.
import PagefoldExperiments
import PagefoldImport
import PagefoldReport

func pack(_ jobFile: String) throws {
    let (job, settings) = try Job.load(jobFile, changes: ["format=int8"])
    let run = PackingRun(job: job, settings: settings)
    let (_, record) = try run.pack()
    run.removeCheckpoint()
    for network in record.networks { print(network.name, network.original.measure, network.packed.measure) }
    print("\(run.output): \(record.bytes) bytes for \(record.originalBytes ?? 0)")
}
