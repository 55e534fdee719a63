// A small fold with everything that a fold file can hold, and fold files with corrected checksums. Not a test.

import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases

enum SmallFold {
    /// Two networks on four frames, one exclusive page, patches, with branches, a convolution, batch normalisation,
    /// softmax.
    static func make(
        formats: WeightFormats = WeightFormats(), tails: [NumberFormat] = [.float32, .float32]
    ) throws -> Fold {
        let pageSize = 16
        var first = NetworkBuilder("image", input: Shape(channels: 2, height: 5, width: 4), seed: 3)
        let start = first.add(
            .convolution(outputs: 3, window: Window(height: 3, width: 3, padding: Padding(top: 1, bottom: 1)))
        )
        first.add(.activation(.leakyRelu, alpha: 0.2))
        first.add(.batchNormalisation(epsilon: 1e-3))
        first.add(.maxPool(Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)))
        let left = first.last
        first.add(.averagePool(Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)), from: [start])
        first.add(.concatenate, from: [left, first.last])
        first.add(.globalAveragePool)
        first.add(.dense(outputs: 3))
        first.add(.softmax)
        var second = NetworkBuilder("vector", input: Shape(channels: 5), seed: 4)
        second.add(.dense(outputs: 4))
        second.add(.activation(.sigmoid))
        let value = second.last
        second.add(.add, from: [value, value])
        second.add(.bias)
        second.add(.reshape(Shape(channels: 1, height: 2, width: 2)))
        second.add(.activation(.tanh))
        let networks = try [first.network, second.network].map { try $0.lowered(for: .inference) }
        let pool = randomNumbers(4 * pageSize, seed: 8)
        return Fold(
            pageSize: pageSize, pool: pool, quanta: formats.pool.hasQuantum ? [0.5, 0.125, 1, 0.0625] : [],
            networks: networks.enumerated().map { index, network in
                let pages = (network.program.pagedCount + pageSize - 1) / pageSize
                var table = (0..<pages).map { ($0 * 3 + index) % 4 }
                if index == 0 { table[pages - 1] = 4 }
                return FoldedNetwork(
                    text: NetworkText(
                        name: network.name, preprocessing: index == 0 ? "scale divisor=255" : "",
                        classes: index == 0 ? ["null", "ένα", "two"] : []),
                    program: network.program, pageTable: table,
                    exclusivePages: index == 0 ? randomNumbers(pageSize, seed: 9) : [],
                    exclusiveQuanta: index == 0 && formats.exclusivePages.hasQuantum ? [0.25] : [],
                    // Inside a page, inside another, and the last paged weights, which lie in the exclusive page.
                    patches: index == 0
                        ? Patches(size: 4, indices: [1, 9, 17], values: randomNumbers(12, seed: 10))
                        : nil,
                    tail: Array(network.weights[network.program.pagedCount...]), tailFormat: tails[index])
            }, formats: formats)
    }

    /// A network with two inputs, two outputs and two states, each page on a frame of its own.
    static func makePorts() throws -> Fold {
        try PortCase.network().lowered(for: .inference).alone(pageSize: 16)
    }

    /// Calls `body` with the bytes at a multiple of 64, as a mapped file has them.
    static func aligned<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 64)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        return try body(UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count]))
    }

    /// A section as the table of a file has it.
    private struct Section {
        let kind: UInt16
        let network: UInt16
        /// Where its entry of the table begins.
        let entry: Int
        let range: Range<Int>
    }

    /// As docs/format.md says: pool and exclusive pages at multiples of 64, the others of 4.
    private static func start(of kind: UInt16, after end: Int) -> Int {
        let alignment = kind == 1 || kind == 4 ? 64 : 4
        return (end + alignment - 1) / alignment * alignment
    }

    /// Sections up to the first that leaves the file.
    private static func sections(of bytes: [UInt8]) -> [Section] {
        func number(_ at: Int, _ size: Int) -> UInt64 {
            (0..<size).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
        }
        let count = Int(number(12, 4))
        var position = FoldFormat.headerSize + count * FoldFormat.sectionEntrySize
        guard count < 64, position <= bytes.count else { return [] }
        var result = [Section]()
        for index in 0..<count {
            let entry = FoldFormat.headerSize + index * FoldFormat.sectionEntrySize
            let kind = UInt16(number(entry, 1))
            let start = start(of: kind, after: position)
            let length = number(entry + 8, 8)
            guard start <= bytes.count, length <= UInt64(bytes.count - start) else { break }
            position = start + Int(length)
            result.append(
                Section(
                    kind: kind, network: UInt16(number(entry + 2, 2)), entry: entry, range: start..<position))
        }
        return result
    }

    /// Makes all checksums right again, so that what stands behind them is put to the test.
    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        func store(_ value: UInt32, _ at: Int) {
            for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i)) }
        }
        for section in sections(of: bytes) {
            store(CRC32C.checksum(Array(bytes[section.range])), section.entry + 4)
        }
        let end = FoldFormat.headerSize + Int(bytes[12]) * FoldFormat.sectionEntrySize
        if end <= bytes.count {
            store(CRC32C.checksum(Array(bytes[FoldFormat.headerSize..<end])), 56)
        }
        store(CRC32C.checksum(Array(bytes[..<60])), 60)
        return bytes
    }

    /// Where a section of a network lies in the file.
    static func range(of kind: FoldSection, network: Int?, in bytes: [UInt8]) -> Range<Int>? {
        let owner = network.map { UInt16($0) } ?? .max
        return sections(of: bytes).first { $0.kind == kind.rawValue && $0.network == owner }?.range
    }

    /// Where the entry of a section of a network begins.
    static func entry(of kind: FoldSection, network: Int, in bytes: [UInt8]) -> Int? {
        sections(of: bytes).first { $0.kind == kind.rawValue && $0.network == network }?.entry
    }

    /// The file with a section of another length: what stands behind it moves. Checksums are not repaired.
    static func resized(
        _ kind: FoldSection, network: Int, to length: Int, in bytes: [UInt8]
    ) -> [UInt8] {
        let sections = sections(of: bytes)
        var result = Array(bytes[..<(sections.last!.entry + FoldFormat.sectionEntrySize)])
        for section in sections {
            var content = Array(bytes[section.range])
            if section.kind == kind.rawValue && section.network == network {
                content = Array((content + [UInt8](repeating: 0, count: length)).prefix(length))
                for i in 0..<8 {
                    result[section.entry + 8 + i] = UInt8(truncatingIfNeeded: length >> (8 * i))
                }
            }
            let start = start(of: section.kind, after: result.count)
            result += [UInt8](repeating: 0, count: start - result.count)
            result += content
        }
        for i in 0..<8 { result[16 + i] = UInt8(truncatingIfNeeded: result.count >> (8 * i)) }
        return result
    }
}

extension Program {
    /// Inner-loop iterations of one run: what a test is ready to wait for.
    var work: Int {
        steps.reduce(0) { sum, step in
            let x = values[Int(step.input)]
            let y = values[Int(step.output)]
            let each: Double =
                switch step.opcode {
                case .convolution:
                    Double(x.channels / Int(step.groups)) * Double(step.kernelHeight)
                        * Double(step.kernelWidth)
                case .dense: Double(x.count)
                case .maxPool, .averagePool: Double(step.kernelHeight) * Double(step.kernelWidth)
                default: 1
                }
            return sum + Int(min(Double(x.count) + Double(y.count) * each, 1e12))
        }
    }
}

extension NetworkView {
    /// Runs the interpreter in place on a made-up input, or on one that is given.
    /// - Parameter other: a program to run on these weights instead of the network's own.
    func interpret(program other: Program? = nil, input: [Float]? = nil) -> [Float] {
        let program = other ?? program
        let samples = (0..<program.inputs).map { randomNumbers(program.values[$0].count, seed: 5) }
        return interpret(runs: [input.map { [$0] } ?? samples], program: other)[0].flatMap { $0 }
    }

    /// Runs the interpreter in place, one run after the other.
    func interpret(runs: [[[Float]]], program other: Program? = nil) -> [[[Float]]] {
        let program = other ?? program
        var arena = [Float](repeating: 0, count: max(program.arenaCount, 1))
        var states = [Float](repeating: 0, count: program.stateCount + 1)
        return arena.withUnsafeMutableBufferPointer { arena in
            states.withUnsafeMutableBufferPointer { states in
                let interpreter = Interpreter(
                    program: program, weights: weights, arena: arena.baseAddress!, states: states.baseAddress)
                return runs.map { interpreter.answer($0, program) }
            }
        }
    }
}

extension LoweredNetwork {
    /// A fold of this network alone, each page on a frame of its own.
    func alone(pageSize: Int) -> Fold {
        let pages = (program.pagedCount + pageSize - 1) / pageSize
        let padding = [Float](repeating: 0, count: pages * pageSize - program.pagedCount)
        return Fold(
            pageSize: pageSize, pool: Array(weights[..<program.pagedCount]) + padding,
            networks: [
                FoldedNetwork(
                    text: text, program: program, pageTable: Array(0..<pages),
                    tail: Array(weights[program.pagedCount...]))
            ])
    }
}
