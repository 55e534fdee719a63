// How long packing will take: a few steps of training, a look and a Fisher are timed and counted up.

import Foundation
import PagefoldCore
public import PagefoldEngine
import PagefoldGraph
public import PagefoldPacking

/// Seconds of the parts of a packing run, as far as a few samples tell.
public struct TimeEstimate: Sendable {
    /// Of one step of all networks.
    public let step: Double
    /// The whole run: trials, steps, looks at the validation samples, Fisher. Matching is not in it.
    public let whole: Double

    /// Samples of each network that are timed.
    private static let samples = 32

    /// - Parameters:
    ///   - tasks: validated.
    ///   - trials: formats that the budget search will try.
    public init(_ tasks: [PackingTask], _ settings: PackingSettings, trials: Int, engine: Engine) {
        let batches = tasks.map { $0.batch ?? settings.training.batch }
        let timed = batches.map { min($0, Self.samples) }
        var frames: [[Int]] = []
        var pool: [Float] = []
        for task in tasks {
            let count = task.network.program.pagedCount
            let pages = (count + settings.pageSize - 1) / settings.pageSize
            frames.append(Array(pool.count / settings.pageSize..<pool.count / settings.pageSize + pages))
            pool += task.network.weights[..<count]
            pool += [Float](repeating: 0, count: pages * settings.pageSize - count)
        }
        let training = JointTraining(
            networks: zip(tasks, timed).map {
                TrainedNetwork(
                    plan: NetworkPlan(program: $0.network.program), samples: $0.training,
                    objective: $0.objective, teacher: FloatBuffer($0.network.weights), batch: $1)
            },
            frames: FrameTable(
                pageSize: settings.pageSize, frameCount: pool.count / settings.pageSize, frameOf: frames),
            pool: pool, tails: tasks.map { Array($0.network.weights[$0.network.program.pagedCount...]) },
            settings: settings.training, engine: engine)
        _ = training.advance()
        let batch = Double(batches.reduce(0, +)) / Double(max(timed.reduce(0, +), 1))
        step = Self.seconds { _ = training.advance() } * batch

        var looks = 0.0
        var fisher = 0.0
        for task in tasks {
            let plan = NetworkPlan(program: task.network.program)
            let count = min(task.validation.count, Self.samples)
            let seconds = Self.seconds {
                _ = engine.answers(
                    of: plan, weights: FloatBuffer(task.network.weights), to: task.validation,
                    indices: spread(count, of: task.validation.count), objective: task.objective)
            }
            looks += seconds * Double(min(settings.validationSamples, task.validation.count)) / Double(count)
            let fewer = spread(16, of: task.training.count)
            let pass = Self.seconds {
                _ = engine.fisher(
                    of: plan, weights: task.network.weights, samples: task.training, indices: fewer,
                    objective: task.objective, kind: settings.fisher)
            }
            // Blocks of one Fisher run side by side; one alone does not.
            let threads = Double(engine.workers.threads)
            fisher +=
                pass * Double(min(settings.fisherSamples, task.training.count)) / Double(fewer.count)
                / threads
        }
        let steps = Double(settings.training.steps) * (1 + BudgetSearch.shareOfTrials(of: trials))
        whole =
            steps * step + fisher
            + looks * (steps / Double(max(settings.evaluateEvery, 1)) + Double(1 + trials))
    }

    private static func seconds(_ work: () -> Void) -> Double {
        let start = Date()
        work()
        return Date().timeIntervalSince(start)
    }
}
