// The header and the section table of a fold file: where each section lies, checked against the bytes that are
// there. What is inside a section is not known here.

struct SectionDirectory {
    struct Section {
        let kind: FoldSection
        let network: Int?
        let bytes: UnsafeRawBufferPointer
        /// Where it ends in the file.
        let end: Int
        let checksum: UInt32
        /// Of the numbers in a tail or in patches.
        let format: NumberFormat

        /// Sections that may be large, of which nothing but weights is asked: they can be verified later.
        var isWeights: Bool { kind == .pool || kind == .exclusivePages }

        func verify() throws(FoldError) {
            guard CRC32C.checksum(bytes) == checksum else {
                throw FoldError(kind.name, network: network, "its checksum is wrong")
            }
        }
    }

    let pageSize: Int
    let frameCount: Int
    let networkCount: Int
    let entryBits: Int
    let formats: WeightFormats
    let sections: [Section]

    init(_ file: UnsafeRawBufferPointer) throws(FoldError) {
        guard file.count >= FoldFormat.headerSize else {
            throw FoldError(
                "header", "the file has \(file.count) bytes, a header has \(FoldFormat.headerSize)")
        }
        guard file.prefix(8).elementsEqual(FoldFormat.magic) else {
            throw FoldError("header", "it does not begin as a fold file does")
        }
        let header = UnsafeRawBufferPointer(rebasing: file[..<FoldFormat.headerSize])
        let check = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: header[..<60]))
        guard check == header.number(60, UInt32.self) else {
            throw FoldError("header", "its checksum is wrong")
        }
        let version = header.number(8, UInt32.self)
        guard version == FoldFormat.version else { throw Self.otherVersion(version) }
        guard header.number(16, UInt64.self) == UInt64(file.count) else {
            throw FoldError(
                "header", "the file has \(file.count) bytes, \(header.number(16, UInt64.self)) were written")
        }
        func count(_ offset: Int, atMost limit: Int, _ what: String) throws(FoldError) -> Int {
            guard let number = header.count(offset, atMost: limit) else {
                throw FoldError("header", "\(header.number(offset, UInt32.self)) \(what), at most \(limit)")
            }
            return number
        }
        pageSize = try count(24, atMost: FoldFormat.largestPage, "weights in a page")
        frameCount = try count(28, atMost: 1 << FoldFormat.mostEntryBits, "frames")
        networkCount = try count(32, atMost: Int(UInt16.max), "networks")
        guard pageSize > 0 else { throw FoldError("header", "page size 0") }
        guard let bits = header.count(36, atMost: FoldFormat.mostEntryBits), bits > 0 else {
            throw FoldError("header", "page-table entries of \(header.number(36, UInt32.self)) bits")
        }
        entryBits = bits
        formats = try WeightFormats(decoding: header)

        let room = (file.count - FoldFormat.headerSize) / FoldFormat.sectionEntrySize
        guard let count = header.count(12, atMost: min(room, Int(Int32.max))) else {
            throw FoldError(
                "section table", "\(header.number(12, UInt32.self)) sections do not fit in the file")
        }
        guard networkCount <= count else { throw FoldError("header", "more networks than sections") }
        let start = FoldFormat.headerSize
        let end = start + count * FoldFormat.sectionEntrySize
        let table = UnsafeRawBufferPointer(rebasing: file[start..<end])
        guard CRC32C.checksum(table) == header.number(56, UInt32.self) else {
            throw FoldError("section table", "its checksum is wrong")
        }
        var sections = [Section]()
        var seen = Set<UInt64>()
        var position = end
        for i in 0..<count {
            let place = i * FoldFormat.sectionEntrySize
            let section = try Self.section(
                UnsafeRawBufferPointer(rebasing: table[place..<place + FoldFormat.sectionEntrySize]),
                of: file,
                after: position, networks: networkCount)
            position = section.end
            let key = UInt64(section.kind.rawValue) << 32 | UInt64(section.network ?? 0)
            guard seen.insert(key).inserted else {
                throw FoldError(section.kind.name, network: section.network, "is there twice")
            }
            sections.append(section)
        }
        guard position == file.count else {
            throw FoldError("section table", "the sections end at \(position), the file at \(file.count)")
        }
        self.sections = sections
    }

    private static func otherVersion(_ version: UInt32) -> FoldError {
        let known = FoldFormat.version
        return version < known
            ? FoldError(
                "header", "version \(version), written by Pagefold 0.\(version); this is version \(known)",
                remedy: "pack it again from its job file with this version, or run it with the old one")
            : FoldError(
                "header", "version \(version), written by a later Pagefold; this is version \(known)",
                remedy: "run it with that one")
    }

    private static func section(
        _ entry: UnsafeRawBufferPointer, of file: UnsafeRawBufferPointer, after end: Int, networks: Int
    ) throws(FoldError) -> Section {
        guard let kind = FoldSection(rawValue: entry[0]) else {
            throw FoldError("section table", "unknown section \(entry[0])")
        }
        let number = entry.number(2, UInt16.self)
        guard number == .max || Int(number) < networks else {
            throw FoldError("section table", "a section of network \(number), there are \(networks)")
        }
        let network = number == .max ? nil : Int(number)
        guard (kind == .pool) == (network == nil) else {
            throw FoldError(kind.name, network: network, "belongs to the wrong owner")
        }
        guard let format = NumberFormat(vectorCode: entry[1]), kind.isOfNumbers || format == .float32 else {
            throw FoldError(kind.name, network: network, "numbers of format \(entry[1])")
        }
        let length = entry.number(8, UInt64.self)
        guard let start = kind.start(after: end), start <= file.count, length <= UInt64(file.count - start)
        else { throw FoldError(kind.name, network: network, "lies outside the file") }
        let bytes = UnsafeRawBufferPointer(rebasing: file[start..<start + Int(length)])
        let result = Section(
            kind: kind, network: network, bytes: bytes, end: start + bytes.count,
            checksum: entry.number(4, UInt32.self), format: format)
        if !result.isWeights { try result.verify() }
        return result
    }

    func optionalSection(_ kind: FoldSection, network: Int?) -> Section? {
        sections.first { $0.kind == kind && $0.network == network }
    }

    /// Checksum and numbers of the pool (nil) or of a network's exclusive pages, which nobody has looked at yet.
    func verifyWeights(network: Int?, _ frames: FrameView) throws(FoldError) {
        let kind = network == nil ? FoldSection.pool : .exclusivePages
        guard let section = sections.first(where: { $0.kind == kind && $0.network == network })
        else { return }
        try section.verify()
        if let weight = frames.firstNotFinite() {
            throw FoldError(kind.name, network: network, "weight \(weight) is not finite")
        }
    }

    func section(_ kind: FoldSection, network: Int?) throws(FoldError) -> Section {
        guard let section = optionalSection(kind, network: network) else {
            throw FoldError(kind.name, network: network, "is missing")
        }
        return section
    }

    /// The section of the pool (nil) or of a network's exclusive pages, of exactly `count` frames. Its checksum and
    /// numbers are for `verifyWeights`.
    func frames(network: Int?, count: Int) throws(FoldError) -> FrameView {
        let kind = network == nil ? FoldSection.pool : .exclusivePages
        let format = network == nil ? formats.pool : formats.exclusivePages
        let bytes = try section(kind, network: network).bytes
        guard let size = format.byteCount(frames: count, pageSize: pageSize) else {
            throw FoldError(network == nil ? "header" : kind.name, network: network, "its size overflows")
        }
        guard bytes.count == size, let base = bytes.baseAddress else {
            throw FoldError(
                kind.name, network: network, "\(bytes.count) bytes where \(size) are due for \(count) frames")
        }
        return FrameView(section: base, format: format, pageSize: pageSize, count: count)
    }

    /// Exclusive pages in so many bytes; a length that fits no number of pages gives a number whose size differs.
    func exclusivePageCount(bytes: Int) -> Int {
        let format = formats.exclusivePages
        return max(bytes - (format == .float32 ? 0 : NumberFormat.slack), 0)
            / format.frameBytes(pageSize: pageSize)
    }

    /// The tail of a network: exactly `count` finite numbers.
    func tail(
        network: Int, count: Int
    ) throws(FoldError) -> (start: UnsafeRawPointer, format: NumberFormat) {
        let kind = FoldSection.tail
        let section = try section(kind, network: network)
        let bytes = section.bytes
        let width = section.format.width
        guard count >= 0, bytes.count % width == 0, bytes.count / width == count else {
            throw FoldError(
                kind.name, network: network, "\(bytes.count) bytes where \(count) weights are due")
        }
        guard let base = bytes.baseAddress else {
            throw FoldError(kind.name, network: network, "is empty")
        }
        try Self.requireFinite(base, count: count, section.format, kind, network: network)
        return (base, section.format)
    }

    static func requireFinite(
        _ start: UnsafeRawPointer, count: Int, _ format: NumberFormat, _ kind: FoldSection, network: Int
    ) throws(FoldError) {
        let frame = FrameView(section: start, format: format, pageSize: 1, count: count)
        if let weight = frame.firstNotFinite() {
            throw FoldError(kind.name, network: network, "weight \(weight) is not finite")
        }
    }
}

extension FoldSection {
    /// Where a section begins that follows what ends at `end`; nil where no memory reaches so far.
    package func start(after end: Int) -> Int? { FileSize(end).rounded(upTo: alignment).value }
}

extension WeightFormats {
    fileprivate init(decoding header: UnsafeRawBufferPointer) throws(FoldError) {
        guard let pool = NumberFormat(rawValue: header[40]),
            let exclusivePages = NumberFormat(rawValue: header[41])
        else { throw FoldError("header", "weights of formats \(header[40]), \(header[41])") }
        self.init(pool: pool, exclusivePages: exclusivePages)
    }
}
