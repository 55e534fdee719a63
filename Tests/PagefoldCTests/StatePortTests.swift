// Networks with several inputs, outputs and states through pagefold.h.

import CPagefold
import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldRuntime
import PagefoldTestCases
import Testing

@Suite struct StatePortTests {
    /// Writes one network into the folder of another fold.
    private static func write(_ network: Network, in fold: TemporaryFold) throws -> String {
        let lowered = try network.lowered(for: .inference)
        let pages = lowered.program.pageCount(pageSize: 16)
        let padding = [Float](repeating: 0, count: pages * 16 - lowered.program.pagedCount)
        let folded = FoldedNetwork(
            text: lowered.text, program: lowered.program, pageTable: Array(0..<pages),
            tail: Array(lowered.weights[lowered.program.pagedCount...]))
        let bytes = Fold(
            pageSize: 16, pool: Array(lowered.weights[..<lowered.program.pagedCount]) + padding,
            networks: [folded]
        ).encoded()
        return try fold.write(Data(bytes), as: "ports.fold")
    }

    #if os(Linux)
        @Test(.enabled(if: Compiler.canCompile, "needs clang, and no sanitizer"))
        func aProgramRunsThem() throws {
            let fold = try TemporaryFold()
            let path = try Self.write(PortCase.network(), in: fold)
            let program = fold.folder + "/program"
            let compiled = try Compiler.compile(
                Repository.program("ports"), to: program, ["-D_GNU_SOURCE", "-Wno-reserved-identifier"])
            try #require(compiled.status == 0, "\(compiled.errors)")
            let outcome = try Compiler.run(program, [path])
            #expect(outcome.status == 0, "\(outcome.errors)")

            let session = try FoldFile(path: path).session("stream")
            var answers = [String]()
            for run in 0..<100 {
                for port in 0..<2 {
                    let input = session.input(at: port)
                    for index in input.indices {
                        input[index] = Float((index * 7 + run * 3 + port) % 11) / 11
                    }
                }
                session.run()
            }
            for port in 0..<2 { answers += session.output(at: port).map { String(format: "%.9g", $0) } }
            let due =
                [
                    "stream 2 2 0 0 0 48",
                    "image 2x5x4 5/1 4/2 2/0 2 0.5 128 0 0 \"scale divisor=2\" 0",
                    "vector 3x1x1 1/1 3/0 0 1 0 0 0 \"\" 0",
                    "class 4x1x1 4/0 0 1 0 0 1 \"\" 4", "label null", "label ένα", "label ", "label three",
                    "level 1x1x1 4 9.53674e-07 -7 1 0 \"\" 0",
                ] + answers + ["allocations 0"] + answers + ["states told", ""]
            #expect(outcome.output.components(separatedBy: "\n") == due)
        }
    #endif

    @Test func aBatchOfSeveralPortsIsTheSessions() throws {
        let fold = try TemporaryFold()
        let path = try Self.write(PortCase.network(hasStates: false), in: fold)
        var file: OpaquePointer?
        #expect(pagefold_file_open(path, &file, nil, 0) == PAGEFOLD_OK)
        defer { pagefold_file_close(file) }
        var batch: OpaquePointer?
        #expect(pagefold_batch_open(file, 0, nil, 0, &batch, nil, 0) == PAGEFOLD_OK)
        defer { pagefold_batch_close(batch) }
        let (count, sizes) = (19, [40, 3, 6, 6])
        let samples = sizes.enumerated().map { randomNumbers(count * $1, seed: UInt64($0)) }
        let answers = [count * 4, count].map { UnsafeMutableBufferPointer<Float>.allocate(capacity: $0) }
        defer { for answer in answers { answer.deallocate() } }
        let inputs = samples.map { sample in
            let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: sample.count)
            _ = copy.initialize(from: sample)
            return copy
        }
        defer { for input in inputs { input.deallocate() } }
        var from = inputs.map { UnsafePointer<Float>($0.baseAddress) }
        var to = answers.map(\.baseAddress)
        #expect(pagefold_batch_run_ports(batch, from, count, to) == PAGEFOLD_OK)

        let session = try FoldFile(path: path).batchSession("stream")
        let names = session.text.inputs.map(\.name)
        let due = try session.run(Dictionary(uniqueKeysWithValues: zip(names, samples)))
        #expect(Array(answers[0]) == due["class"] && Array(answers[1]) == due["level"])

        #expect(pagefold_batch_run(batch, from[0], count, to[0]) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_batch_run_ports(batch, nil, count, to) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_batch_run_ports(batch, from, -1, to) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_batch_run_ports(batch, from, .max / 8, to) == PAGEFOLD_BAD_ARGUMENT)
        #expect(pagefold_batch_run_ports(nil, from, count, to) == PAGEFOLD_BAD_ARGUMENT)
        from[3] = nil
        #expect(pagefold_batch_run_ports(batch, from, count, to) == PAGEFOLD_BAD_ARGUMENT)
        from[3] = UnsafePointer(inputs[3].baseAddress)
        to[1] = nil
        #expect(pagefold_batch_run_ports(batch, from, count, to) == PAGEFOLD_BAD_ARGUMENT)
    }
}
