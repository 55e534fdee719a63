// An imported network in every engine: interpreter, sessions and batch sessions on a fold file, the plan that trains. Not a
// test itself.

import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases

@testable import PagefoldEngine

/// One network, lowered for running and for training.
struct EngineAnswers {
    /// Answers to samples, in their order: samples, outputs, numbers in CHW order.
    typealias Answers = [[[Float]]]

    /// Lanes of a full block, and of one where some are missing.
    static let lanes = blockSize + 3

    private let running: LoweredNetwork
    private let training: LoweredNetwork

    init(_ network: Network) throws {
        running = try network.lowered(for: .inference)
        training = try network.lowered(for: .training)
    }

    /// What every engine answers to some samples, by its name; where many are computed together, they are repeated.
    /// - Parameter samples: of every input, in CHW order.
    func answers(to samples: [[[Float]]]) throws -> [(engine: String, answers: Answers)] {
        let lanes = (0..<Self.lanes).map { samples[$0 % samples.count] }
        var all = [("interpreter", running.interpret(runs: samples, pageSize: 5))]
        all += try fromFold(samples, lanes)
        all.append(("training plan", try inTraining(lanes)))
        return all
    }

    // MARK: From a fold file

    /// Its weights on pages of five, whose frames lie in reverse order.
    private func fold(pageSize: Int = 5) -> Fold {
        let program = running.program
        let pages = program.pageCount(pageSize: pageSize)
        var pool = [Float](repeating: 0, count: pages * pageSize)
        for (place, weight) in running.weights[..<program.pagedCount].enumerated() {
            pool[(pages - 1 - place / pageSize) * pageSize + place % pageSize] = weight
        }
        return Fold(
            pageSize: pageSize, pool: pool,
            networks: [
                FoldedNetwork(
                    text: running.text, program: program, pageTable: (0..<pages).reversed(),
                    tail: Array(running.weights[program.pagedCount...]))
            ])
    }

    private func fromFold(
        _ samples: [[[Float]]], _ lanes: [[[Float]]]
    ) throws -> [(String, Answers)] {
        let bytes = fold().encoded()
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: bytes.count, alignment: FoldFormat.alignment)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        let file = try FoldFile(in: UnsafeRawBufferPointer(memory), name: running.name)
        let name = file.networkNames[0]
        let single = try oneByOne(samples, file, name)
        let together = try inBatches(lanes, file, name)
        return [("session", single), ("batch session", together)]
    }

    private func oneByOne(_ samples: [[[Float]]], _ file: FoldFile, _ name: String) throws -> Answers {
        let arena = GuardedMemory(count: try file.arenaBytes(name), alignment: 64)
        let session = try file.session(name, arena: arena.bytes)
        arena.floats.update(repeating: .nan)
        let answers = samples.map { sample in
            for (index, numbers) in sample.enumerated() {
                _ = session.input(at: index).update(fromContentsOf: numbers)
            }
            session.run()
            return session.text.outputs.indices.map { Array(session.output(at: $0)) }
        }
        return withExtendedLifetime(arena) { answers }
    }

    private func inBatches(_ samples: [[[Float]]], _ file: FoldFile, _ name: String) throws -> Answers {
        let arena = GuardedMemory(count: try file.batchArenaBytes(name), alignment: 64)
        let session = try file.batchSession(name, arena: arena.bytes)
        arena.floats.update(repeating: .nan)
        let ports = session.text.inputs.enumerated().map { index, port in
            (port.name, samples.flatMap { $0[index] })
        }
        let found = try session.run(Dictionary(uniqueKeysWithValues: ports))
        let answers = samples.indices.map { sample in
            session.text.outputs.map { port in
                let numbers = found[port.name]!
                let length = numbers.count / samples.count
                return Array(numbers[sample * length..<(sample + 1) * length])
            }
        }
        return withExtendedLifetime(arena) { answers }
    }

    // MARK: In training

    private func source(_ samples: [[[Float]]]) -> SampleArray {
        let length = samples[0].reduce(0) { $0 + $1.count }
        return SampleArray(
            shape: Shape(channels: length), samples: samples.flatMap { $0.flatMap { $0 } },
            labels: [Int32](repeating: 0, count: samples.count))
    }

    /// Outside training mode, so that nothing drops out and batch normalisation keeps its statistics.
    private func inTraining(_ samples: [[[Float]]]) throws -> Answers {
        let plan = NetworkPlan(program: training.program)
        let arena = BlockArena(plans: [plan])
        let source = source(samples)
        var answers = Answers()
        for first in stride(from: 0, to: samples.count, by: blockSize) {
            let block = Array(first..<min(first + blockSize, samples.count))
            arena.pointer.update(repeating: .nan, count: plan.arenaBytes / 4)
            arena.fill(plan, from: source, indices: block)
            training.weights.withUnsafeBufferPointer {
                plan.forward(
                    weights: $0.baseAddress!, arena: arena.pointer, mode: BlockMode(lanes: block.count))
            }
            for lane in block.indices {
                answers.append(
                    training.program.outputs.indices.map { output in
                        let shape = training.program.values[training.program.outputs[output].value]
                        return (0..<shape.count).map {
                            arena.pointer[plan.outputOffset(output) + $0 * blockSize + lane]
                        }
                    })
            }
        }
        return withExtendedLifetime(arena) { answers }
    }

    /// The gradient of the sum of all scores, each times a factor, over up to 16 samples.
    /// - Parameter factors: for each sample, output and number.
    /// - Returns: [weightCount], and where each parameter lies.
    func gradient(
        _ samples: [[[Float]]], factors: [[[Float]]]
    ) -> (gradient: [Float], spans: [ParameterSpan]) {
        let plan = NetworkPlan(program: training.program)
        let arena = BlockArena(plans: [plan])
        arena.pointer.update(repeating: .nan, count: plan.arenaBytes / 4)
        arena.fill(plan, from: source(samples), indices: Array(samples.indices))
        let gradient = FloatBuffer(count: training.weights.count)
        let mode = BlockMode(lanes: samples.count)
        training.weights.withUnsafeBufferPointer { weights in
            plan.forward(weights: weights.baseAddress!, arena: arena.pointer, mode: mode, toScores: true)
            // Two outputs may have the same scores.
            for slot in plan.scores {
                (arena.pointer + slot.gradient).update(repeating: 0, count: slot.count * blockSize)
            }
            for (output, slot) in plan.scores.enumerated() {
                for (lane, factors) in factors.enumerated() {
                    for place in 0..<slot.count {
                        arena.pointer[slot.gradient + place * blockSize + lane] += factors[output][place]
                    }
                }
            }
            plan.backward(
                weights: weights.baseAddress!, arena: arena.pointer, gradient: gradient.pointer, mode: mode)
        }
        return withExtendedLifetime(arena) { (gradient.values, training.spans) }
    }

    /// Multiply-adds, and numbers that are computed, of one sample.
    var work: Int {
        training.program.multiplyAdds + training.program.values.reduce(0) { $0 + $1.count }
    }

    /// Whether the answers to a sample are numbers.
    func isFinite(_ sample: [[Float]]) -> Bool {
        training.interpret(runs: [sample])[0].allSatisfy { $0.allSatisfy(\.isFinite) }
    }

    /// Numbers of each output's scores.
    var scoreCounts: [Int] { training.program.outputs.map { training.program.values[$0.scores].count } }
}
