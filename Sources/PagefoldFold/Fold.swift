// The content of a fold file as values, for those who make one. Those who run one read the bytes in place
// (FoldReader of PagefoldCore).

public import PagefoldCore

/// One network of a fold file.
public struct FoldedNetwork: Hashable, Sendable {
    public var text: NetworkText
    public var program: Program
    /// For each page: a frame, or the number of frames plus the index of an exclusive page.
    public var pageTable: [Int]
    /// [exclusive pages][page size]
    public var exclusivePages: [Float]
    /// The quantum of each exclusive page, where their format has one.
    public var exclusiveQuanta: [Float]
    /// Blocks finer than a page that do not follow the page table, if there are any.
    public var patches: Patches?
    /// Weights [pagedCount, weightCount) of the flat vector.
    public var tail: [Float]
    /// What tail and patches are stored as; one of `NumberFormat.ofVectors`.
    public var tailFormat: NumberFormat

    public init(
        text: NetworkText, program: Program, pageTable: [Int], exclusivePages: [Float] = [],
        exclusiveQuanta: [Float] = [], patches: Patches? = nil, tail: [Float],
        tailFormat: NumberFormat = .float32
    ) {
        self.text = text
        self.program = program
        self.pageTable = pageTable
        self.exclusivePages = exclusivePages
        self.exclusiveQuanta = exclusiveQuanta
        self.patches = patches
        self.tail = tail
        self.tailFormat = tailFormat
    }
}

/// A pool of frames and the networks that run from it. Weights are numbers that their formats hold; others are rounded
/// when the fold is written.
public struct Fold: Hashable, Sendable {
    /// Weights in a page and in a frame.
    public var pageSize: Int
    /// [frames][pageSize]
    public var pool: [Float]
    /// The quantum of each frame, where the pool's format has one.
    public var quanta: [Float]
    public var networks: [FoldedNetwork]
    public var formats: WeightFormats

    public init(
        pageSize: Int, pool: [Float], quanta: [Float] = [], networks: [FoldedNetwork],
        formats: WeightFormats = WeightFormats()
    ) {
        self.pageSize = pageSize
        self.pool = pool
        self.quanta = quanta
        self.networks = networks
        self.formats = formats
    }

    public var frameCount: Int { pool.count / pageSize }

    /// The flat weight vector of a network, gathered through its page table and its patches: for training and for
    /// tests. A running session never needs it.
    public func weights(of network: FoldedNetwork) -> [Float] {
        var flat = [Float]()
        flat.reserveCapacity(network.program.weightCount)
        for entry in network.pageTable {
            if entry < frameCount {
                flat += pool[entry * pageSize..<(entry + 1) * pageSize]
            } else {
                let page = entry - frameCount
                flat += network.exclusivePages[page * pageSize..<(page + 1) * pageSize]
            }
        }
        if let patches = network.patches {
            let size = patches.size
            for (index, block) in patches.indices.enumerated() {
                for i in 0..<size { flat[block * size + i] = patches.values[index * size + i] }
            }
        }
        flat.removeLast(flat.count - network.program.pagedCount)
        return flat + network.tail
    }
}

extension FoldReader {
    /// The content as values, for packing further. Copies all weights.
    public func fold() -> Fold {
        let folded = networks.map { network in
            FoldedNetwork(
                text: network.text, program: network.program, pageTable: network.pageTable,
                exclusivePages: network.weights.exclusivePages.values,
                exclusiveQuanta: network.weights.exclusivePages.quantumValues,
                patches: network.patches.map(Patches.init), tail: network.tail,
                tailFormat: network.weights.vectorFormat)
        }
        return Fold(
            pageSize: pageSize, pool: pool.values, quanta: pool.quantumValues, networks: folded,
            formats: formats)
    }
}
