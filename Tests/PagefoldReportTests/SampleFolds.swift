// Folds of made-up networks, for the page of one fold. Not tests themselves.

import PagefoldCore
import PagefoldFold

@testable import PagefoldReport

enum SampleFolds {
    /// Dense layers that share frames, with exclusive pages too, as `pagefold info --html` shows them.
    static func page(networks count: Int) -> FoldPage {
        let (pageSize, frames) = (8, 40)
        let networks = (0..<count).map { index -> FoldedNetwork in
            let outputs = 12 + 3 * index
            let weights = 16 * outputs
            var step = Step(opcode: .dense, input: 0, output: 1)
            step.weights = 0
            let program = Program(
                values: [Shape(channels: 16), Shape(channels: outputs)], steps: [step],
                outputs: [ProgramOutput(value: 1)], pagedCount: weights, weightCount: weights)
            let pages = program.pageCount(pageSize: pageSize)
            return FoldedNetwork(
                text: NetworkText(name: "a network called \(index)"), program: program,
                pageTable: (0..<pages).map { ($0 * (index + 3) + index) % (frames + 2) },
                exclusivePages: [Float](repeating: 0.5, count: 2 * pageSize), tail: [])
        }
        let fold = Fold(
            pageSize: pageSize, pool: [Float](repeating: 0.25, count: frames * pageSize), networks: networks)
        let bytes = fold.encoded()
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: bytes.count, alignment: FoldFormat.alignment)
        defer { memory.deallocate() }
        memory.copyBytes(from: bytes)
        guard let reader = try? FoldReader(UnsafeRawBufferPointer(memory)) else {
            fatalError("a test makes a wrong fold")
        }
        return FoldPage(
            reader, name: "sample.fold", arenas: (0..<count).map { 1_000 * ($0 + 1) },
            memory: [
                FoldPage.Amount(name: "flash", bytes: bytes.count, note: "the whole file"),
                FoldPage.Amount(
                    name: "RAM, weights read in flash", bytes: 1_000 * count,
                    note: "largest arena \(1_000 * count) (a network called \(count - 1)), states 0"),
            ])
    }
}
