// A network opened for running. Switching is to run another session: nothing is loaded, nothing is copied.

public import PagefoldCore

/// One network of a fold file with an arena for its activations. Not for two threads at the same time.
public final class Session {
    public let text: NetworkText
    public let program: Program
    private let file: FoldFile
    private let arena: UnsafeMutableBufferPointer<Float>
    private let pages: UnsafeMutableBufferPointer<UnsafePointer<Float>>
    private let interpreter: Interpreter

    init(file: FoldFile, network index: Int) {
        let view = file.reader.networks[index]
        self.file = file
        text = view.text
        program = view.program
        arena = .allocate(capacity: max(program.arenaCount, 1))
        arena.initialize(repeating: 0)
        pages = .allocate(capacity: max(view.pages.count, 1))
        _ = pages.initialize(from: view.pages)
        interpreter = Interpreter(
            program: program,
            weights: WeightView(
                pages: UnsafePointer(pages.baseAddress!), pageSize: file.reader.pageSize,
                pagedCount: program.pagedCount, overrides: view.overrides, tail: view.tail),
            arena: arena.baseAddress!)
    }

    deinit {
        arena.deallocate()
        pages.deallocate()
    }

    /// The answer to one sample.
    /// - Parameter input: `program.inputShape` in CHW order, preprocessed as `text.preprocessing` says.
    /// - Returns: `program.outputCount` numbers: probabilities where the network ends in softmax.
    public func run(_ input: [Float]) -> [Float] {
        precondition(
            input.count == program.inputShape.count, "a sample has \(program.inputShape.count) numbers")
        for (i, value) in input.enumerated() { interpreter.input[i] = value }
        interpreter.run()
        return Array(UnsafeBufferPointer(start: interpreter.output, count: program.outputCount))
    }
}
