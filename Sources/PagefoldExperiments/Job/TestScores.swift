// Networks on their test samples, with their own weights and from a fold: the one place that reads test samples, used
// by `pagefold eval` and, once a run has ended, by `pagefold sweep --test`.

public import PagefoldCore
public import PagefoldEngine
import PagefoldFold
import PagefoldGraph
public import PagefoldImport
public import PagefoldPacking
public import PagefoldReport
import PagefoldRuntime

extension Job {
    /// Evaluates every network of the job that has test samples, beside its original. Look at test samples once, at
    /// the end: packing chooses on validation samples.
    /// - Parameters:
    ///   - path: of the fold file; nil: the originals alone.
    /// - Throws: `InputError` where the fold is of other networks, data are missing or do not fit, or no network has
    ///   test samples.
    ///   - report: is told which network is read and evaluated.
    public func evaluate(
        fold path: String?, engine: Engine, report: (PackingStage) -> Void = { _ in }
    ) throws(InputError) -> EvalRecord {
        let file: FoldFile? = if let path { try FoldFile(path: path) } else { nil }
        let fold = try file?.fold()
        let (scores, weights) = try testScores(of: fold, path: path ?? "", engine: engine, report: report)
        guard !scores.isEmpty else {
            throw InputError(
                file: self.path, at: places["networks"], field: "networks",
                problem: "none has test samples",
                remedy: "add data: {test: {samples: FILE, labels: FILE}} to a network")
        }
        let originals = fold?.networks.map(\.program.plainWeightCount) ?? weights
        return EvalRecord(
            fold: path, bytes: file?.reader.fileSize, originalBytes: 4 * originals.reduce(0, +),
            networks: scores)
    }

    /// - Parameters:
    ///   - fold: nil: the originals alone.
    ///   - path: of the fold file, for errors.
    /// - Returns: the scores, and how many weights each original has, biases included.
    func testScores(
        of fold: Fold?, path: String, engine: Engine, report: (PackingStage) -> Void = { _ in }
    ) throws(InputError) -> (scores: [EvalRecord.Network], weights: [Int]) {
        var result: (scores: [EvalRecord.Network], weights: [Int]) = ([], [])
        for (index, entry) in networks.enumerated() where entry.test != nil {
            report(.reading(network: entry.name, number: index + 1, of: networks.count))
            guard let test = try entry.loadTest(jobFile: self.path) else { continue }
            let original = try entry.loadNetwork(jobFile: self.path)
            result.weights.append(original.weights.count)
            result.scores.append(
                try testScore(of: entry, original, on: test, in: fold, path: path, engine: engine))
        }
        return result
    }

    private func testScore(
        of entry: JobNetwork, _ original: LoweredNetwork, on test: DatasetPart, in fold: Fold?, path: String,
        engine: Engine
    ) throws(InputError) -> EvalRecord.Network {
        let text = try entry.text(of: original, jobFile: self.path)
        let isStream = entry.isStream(original.program, test)
        let samples = try entry.samples(test, for: original, jobFile: self.path)
        var opened = original
        opened.program = original.program.openingStates(answersStates: isStream)
        let comparison: Comparison
        do {
            comparison = try Comparison(
                opened, objective: entry.objective(of: opened.program, text), samples: samples,
                field: "test samples", engine: engine)
        } catch { throw entry.placing(error, jobFile: self.path) }
        var score = EvalRecord.Network(name: entry.name, original: .init(comparison.original))
        score.quantised = try entry.quantisedMeasure(
            in: comparison, on: test, answersStates: isStream, jobFile: self.path
        ).map { .init($0) }
        guard let fold else { return score }
        func foreign(_ problem: String) -> InputError {
            InputError(
                file: path, field: "network \(entry.name)", problem: problem,
                remedy: "evaluate the fold file of this job")
        }
        guard let network = fold.networks.first(where: { $0.text.name == entry.name }) else {
            throw foreign("it is not in the fold file")
        }
        let packed = LoweredNetwork(
            name: entry.name, program: network.program.openingStates(answersStates: isStream),
            weights: fold.weights(of: network))
        guard comparison.fits(packed.program), packed.program.values[0] == opened.program.values[0] else {
            throw foreign("its inputs or outputs differ from the job's network")
        }
        score.packed = .init(try comparison.measure(packed))
        return score
    }
}
