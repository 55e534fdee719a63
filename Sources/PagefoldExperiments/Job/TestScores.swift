// Networks on their test samples, with their own weights and from a fold: the one place that reads test samples, used
// by `pagefold eval` and, once a run has ended, by `pagefold sweep --test`.

import PagefoldCore
import PagefoldEngine
import PagefoldGraph
import PagefoldImport
import PagefoldPacking

/// How good one network is on its test samples.
struct TestScore {
    let name: String
    /// Weights of the original, biases included.
    let weights: Int
    let original: Measure
    /// Nil where there is no fold.
    let packed: Measure?
}

extension Job {
    /// Evaluates every network of the job that has test samples.
    /// - Parameters:
    ///   - fold: nil: the originals alone.
    ///   - path: of the fold file, for errors.
    /// - Throws: `InputError` where the fold is of other networks, or data is missing or does not fit.
    func testScores(of fold: Fold?, path: String, engine: Engine) throws(InputError) -> [TestScore] {
        var scores = [TestScore]()
        for entry in networks {
            if let score = try testScore(of: entry, in: fold, path: path, engine: engine) {
                scores.append(score)
            }
        }
        return scores
    }

    private func testScore(
        of entry: JobNetwork, in fold: Fold?, path: String, engine: Engine
    ) throws(InputError) -> TestScore? {
        guard let test = try entry.loadTest(jobFile: self.path) else { return nil }
        let original = try entry.loadNetwork(jobFile: self.path)
        try original.checkSound()
        try original.check(test, field: "test samples")
        let indices = Array(0..<test.count)
        let objective = Classification()
        let answers = engine.answers(
            of: NetworkPlan(program: original.program), weights: FloatBuffer(original.weights), to: test,
            indices: indices, objective: objective)
        var packed: Measure?
        if let fold {
            func foreign(_ problem: String) -> InputError {
                InputError(
                    file: path, field: "network \(entry.name)", problem: problem,
                    remedy: "evaluate the fold file of this job")
            }
            guard let network = fold.networks.first(where: { $0.text.name == entry.name }) else {
                throw foreign("it is not in the fold file")
            }
            guard network.program.inputShape == original.program.inputShape,
                network.program.outputCount == original.program.outputCount
            else { throw foreign("its input or output differs from the job's network") }
            let flat = fold.weights(of: network)
            try LoweredNetwork(name: entry.name, program: network.program, weights: flat).checkSound()
            let folded = engine.answers(
                of: NetworkPlan(program: network.program),
                weights: FloatBuffer(network.program.effectiveWeights(flat)), to: test, indices: indices,
                objective: objective)
            packed = objective.measure(folded, original: answers, samples: test, indices: indices)
        }
        return TestScore(
            name: entry.name, weights: original.weights.count,
            original: objective.measure(answers, original: answers, samples: test, indices: indices),
            packed: packed)
    }
}
