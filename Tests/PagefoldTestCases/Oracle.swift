// Runs a lowered network with the interpreter over scattered pages, as a session would. Not a test itself.

public import PagefoldCore
import PagefoldFold
public import PagefoldGraph

extension LoweredNetwork {
    /// The interpreter's answer to one sample; the weights lie in pages of `pageSize`, in reverse order in memory.
    public func interpret(_ sample: [Float], pageSize: Int = 7) -> [Float] {
        interpret(runs: [[sample]], pageSize: pageSize)[0][0]
    }

    /// The same for runs one after the other, each with a sample for every input.
    /// - Returns: for each run the answers in the order of the outputs.
    public func interpret(runs: [[[Float]]], pageSize: Int = 7) -> [[[Float]]] {
        let count = program.pagedCount
        let pageCount = (count + pageSize - 1) / pageSize
        var scattered = [Float](repeating: .nan, count: max(pageCount * pageSize, 1))
        for i in 0..<count {
            scattered[(pageCount - 1 - i / pageSize) * pageSize + i % pageSize] = weights[i]
        }
        let tail = Array(weights[count...]) + [.nan]
        var arena = [Float](repeating: .nan, count: max(program.arenaCount, 1))
        var states = [Float](repeating: 0, count: program.stateCount + 1)
        return scattered.withUnsafeBufferPointer { pool in
            tail.withUnsafeBufferPointer { tail in
                // Two more, as an entry is read four bytes at a time.
                let pages = (0..<pageCount + 2).map { UInt16(max(pageCount - 1 - $0, 0)).littleEndian }
                return pages.withUnsafeBytes { pages in
                    arena.withUnsafeMutableBufferPointer { arena in
                        func frames(_ count: Int) -> FrameView {
                            FrameView(
                                section: pool.baseAddress!, format: .float32, pageSize: pageSize, count: count
                            )
                        }
                        let view = WeightView(
                            pool: frames(max(pageCount, 1)), exclusivePages: frames(0),
                            pageTable: PageTableView(
                                start: pages.baseAddress!, entryBits: 16, count: pageCount),
                            pagedCount: count, tail: tail.baseAddress!)
                        return states.withUnsafeMutableBufferPointer { states in
                            let interpreter = Interpreter(
                                program: program, weights: view, arena: arena.baseAddress!,
                                states: states.baseAddress)
                            return runs.map { interpreter.answer($0, program) }
                        }
                    }
                }
            }
        }
    }
}

extension Interpreter {
    /// Runs a sample of every input, and copies all answers.
    public func answer(_ samples: [[Float]], _ program: Program) -> [[Float]] {
        for (index, sample) in samples.enumerated() {
            input(at: index).update(from: sample, count: sample.count)
        }
        run()
        return program.outputs.enumerated().map { index, output in
            Array(
                UnsafeBufferPointer(start: self.output(at: index), count: program.values[output.value].count))
        }
    }
}

/// Largest difference of two answers, relative to the largest number of the second (at least 1); infinite when
/// lengths differ or a number is not finite.
public func relativeDifference(_ a: [Float], _ b: [Double]) -> Double {
    guard a.count == b.count, a.allSatisfy(\.isFinite) else { return .infinity }
    let scale = b.reduce(1) { max($0, abs($1)) }
    return zip(a, b).reduce(0) { max($0, abs(Double($1.0) - $1.1) / scale) }
}
