// How many bytes a fold file has, without writing it: the layout of FoldWriter as arithmetic. FoldWriter checks itself
// against it.

public import PagefoldCore

/// The bytes of a fold file by what is in it.
public struct FoldSize: Sendable {
    /// What one network brings to a file.
    public struct Network: Sendable {
        /// Bytes of the sections that do not depend on where pages lie: program, tail, text.
        fileprivate let fixedBytes: (program: Int, tail: Int, text: Int)
        fileprivate let pagedCount: Int
        fileprivate let tailFormat: NumberFormat
        /// Pages of its page table.
        fileprivate let pages: Int
        public var exclusivePages: Int
        /// How many patches it has, and the weights in each.
        public var patches: Int
        public var patchSize: Int

        public init(
            _ program: Program, text: NetworkText, pageSize: Int, tailFormat: NumberFormat,
            exclusivePages: Int = 0, patches: Int = 0, patchSize: Int = 1
        ) {
            fixedBytes = (
                program.encoded(with: text).count, tailFormat.width * program.tailCount,
                text.encoded.utf8.count
            )
            pagedCount = program.pagedCount
            self.tailFormat = tailFormat
            pages = program.pageCount(pageSize: pageSize)
            self.exclusivePages = exclusivePages
            self.patches = patches
            self.patchSize = patchSize
        }
    }

    public var pageSize: Int
    public var formats: WeightFormats
    /// Frames of the pool.
    public var frames: Int
    public var networks: [Network]

    public init(pageSize: Int, formats: WeightFormats, frames: Int, networks: [Network]) {
        self.pageSize = pageSize
        self.formats = formats
        self.frames = frames
        self.networks = networks
    }

    public init(_ fold: Fold) {
        self.init(
            pageSize: fold.pageSize, formats: fold.formats, frames: fold.frameCount,
            networks: fold.networks.map { network in
                Network(
                    network.program, text: network.text, pageSize: fold.pageSize,
                    tailFormat: network.tailFormat,
                    exclusivePages: network.exclusivePages.count / fold.pageSize,
                    patches: network.patches?.indices.count ?? 0, patchSize: network.patches?.size ?? 1)
            })
    }

    /// Bits of an entry of a page table: as many as can name every frame and every exclusive page of any network.
    public var entryBits: Int {
        let most = networks.map(\.exclusivePages).max() ?? 0
        return Int.bitWidth - max(frames + most - 1, 1).leadingZeroBitCount
    }

    /// Bytes of the whole file.
    public var bytes: Int {
        let sections = networks.reduce(1) {
            $0 + 4 + ($1.exclusivePages > 0 ? 1 : 0) + ($1.patches > 0 ? 1 : 0)
        }
        var end = FoldFormat.headerSize + sections * FoldFormat.sectionEntrySize
        func add(_ kind: FoldSection, _ bytes: Int) { end = kind.start(after: end)! + bytes }
        add(.pool, frameBytes(formats.pool, frames))
        for network in networks {
            add(.program, network.fixedBytes.program)
            add(.pageTable, PageTableView.byteCount(entries: network.pages, entryBits: entryBits)!)
            if network.exclusivePages > 0 {
                add(.exclusivePages, frameBytes(formats.exclusivePages, network.exclusivePages))
            }
            if network.patches > 0 {
                add(
                    .patches,
                    Patches.byteCount(
                        count: network.patches, size: network.patchSize, pagedCount: network.pagedCount,
                        format: network.tailFormat))
            }
            add(.tail, network.fixedBytes.tail)
            add(.text, network.fixedBytes.text)
        }
        return end
    }

    private func frameBytes(_ format: NumberFormat, _ count: Int) -> Int {
        guard let bytes = format.byteCount(frames: count, pageSize: pageSize) else {
            preconditionFailure("\(count) frames of \(pageSize) weights fit in no memory")
        }
        return bytes
    }
}
