// A fold file read in place: bounds, checksums and programs are checked once, then weights are pointers into the
// bytes. It neither owns nor copies the bytes and knows nothing of files.

/// One network of a fold file, weights in place.
public struct NetworkView: @unchecked Sendable {  // Immutable bytes, kept alive by the owner of the file.
    public let text: NetworkText
    public let program: Program
    public let weights: WeightView
    /// Exclusive pages, whether an entry of the page table names them or not.
    public var exclusivePageCount: Int { weights.exclusivePages.count }

    /// For each page: a frame, or the number of frames plus the index of an exclusive page. Copied.
    public var pageTable: [Int] { (0..<weights.pageTable.count).map { weights.pageTable[$0] } }
    /// The bytes of the section of exclusive pages; none where there is no page.
    public let exclusiveBytes: UnsafeRawBufferPointer
    /// Blocks that do not follow the page table, if there are any.
    public var patches: PatchView? { weights.patches }
    /// Weights [pagedCount, weightCount), copied.
    public var tail: [Float] {
        weights.vectorFormat.values(at: weights.tail, count: program.tailCount)
    }
}

/// When the weights of a fold file are looked at for the first time. Everything else always is at opening.
public enum Verification: Sendable {
    /// At opening: all bytes are read.
    case atOnce
    /// Whenever `FoldReader.verify` is called: opening costs no more than the tables.
    case lazily
}

/// A fold file's content over bytes that someone else keeps.
public struct FoldReader: @unchecked Sendable {  // As above.
    public let pageSize: Int
    public let frameCount: Int
    public let networks: [NetworkView]
    public let pool: FrameView
    public let formats: WeightFormats
    /// Size of each section with its network (nil for the pool), for those who count bytes.
    public let sectionSizes: [(kind: FoldSection, network: Int?, bytes: Int)]
    public let fileSize: Int
    private let directory: SectionDirectory

    /// Reads and checks everything, or everything but weights. `bytes` must begin at a multiple of 64 and outlive the
    /// reader.
    /// - Parameter verified: called with the bytes of exclusive pages that have been verified, for those who do not want
    ///   to keep them in memory.
    /// - Throws: `FoldError` naming the part that is wrong. No content makes it trap.
    public init(
        _ bytes: UnsafeRawBufferPointer, verification: Verification = .atOnce,
        verified: ((UnsafeRawBufferPointer) -> Void)? = nil
    ) throws(FoldError) {
        let directory = try SectionDirectory(bytes)
        self.directory = directory
        pageSize = directory.pageSize
        frameCount = directory.frameCount
        fileSize = bytes.count
        sectionSizes = directory.sections.map { ($0.kind, $0.network, $0.bytes.count) }

        formats = directory.formats
        pool = try directory.frames(network: nil, count: frameCount)
        var networks = [NetworkView]()
        for index in 0..<directory.networkCount {
            networks.append(try Self.network(index, directory, pool))
        }
        self.networks = networks
        guard verification == .atOnce else { return }
        try verify(network: nil)
        for index in networks.indices {
            try verify(network: index)
            verified?(networks[index].exclusiveBytes)
        }
    }

    /// Checks the checksum and the numbers of the pool (nil) or of a network's exclusive pages.
    /// - Throws: `FoldError` naming the part that is wrong.
    public func verify(network: Int?) throws(FoldError) {
        try directory.verifyWeights(
            network: network, network.map { networks[$0].weights.exclusivePages } ?? pool)
    }

    private static func network(
        _ index: Int, _ directory: SectionDirectory, _ pool: FrameView
    ) throws(FoldError) -> NetworkView {
        let pageSize = directory.pageSize
        let (program, inputs, outputs) = try Program.decoding(
            try directory.section(.program, network: index).bytes, network: index)
        let table = try directory.section(.pageTable, network: index).bytes
        let pageCount = program.pageCount(pageSize: pageSize)
        let bits = directory.entryBits
        guard table.count == PageTableView.byteCount(entries: pageCount, entryBits: bits) else {
            throw FoldError("page table", network: index, "\(table.count) bytes for \(pageCount) pages")
        }
        var exclusive = FrameView(
            section: pool.codes, format: directory.formats.exclusivePages, pageSize: pageSize, count: 0)
        var exclusiveBytes = UnsafeRawBufferPointer(start: nil, count: 0)
        if let section = directory.optionalSection(.exclusivePages, network: index) {
            exclusive = try directory.frames(
                network: index, count: directory.exclusivePageCount(bytes: section.bytes.count))
            exclusiveBytes = section.bytes
        }
        let entries = PageTableView(
            start: table.baseAddress ?? pool.codes, entryBits: bits, count: pageCount)
        for page in 0..<pageCount where entries[page] >= directory.frameCount + exclusive.count {
            throw FoldError(
                "page table", network: index,
                "page \(page) names frame \(entries[page]), which is not there")
        }
        let (tail, format) = try directory.tail(network: index, count: program.tailCount)
        var patches: PatchView?
        if let section = directory.optionalSection(.patches, network: index) {
            guard section.format == format else {
                throw FoldError("patches", network: index, "\(section.format) beside a tail of \(format)")
            }
            patches = try PatchView(
                decoding: section.bytes, format: format, pagedCount: program.pagedCount,
                pageSize: pageSize, network: index)
        }
        let text = try NetworkText(
            decoding: try directory.section(.text, network: index).bytes, inputs: inputs, outputs: outputs,
            network: index)
        if let problem = text.problem(with: program) { throw FoldError("text", network: index, problem) }
        return NetworkView(
            text: text, program: program,
            weights: WeightView(
                pool: pool, exclusivePages: exclusive, pageTable: entries, pagedCount: program.pagedCount,
                patches: patches, tail: tail, vectorFormat: format),
            exclusiveBytes: exclusiveBytes)
    }
}
