// The header and the section table of a fold file: where each section lies, checked against the bytes that are
// there. What is inside a section is not known here.

struct SectionDirectory {
    struct Section {
        let kind: FoldSection
        let network: Int?
        let bytes: UnsafeRawBufferPointer
        let checksum: UInt32

        /// Sections that may be large, of which nothing but weights is asked: they can be verified later.
        var isWeights: Bool { kind == .pool || kind == .exclusivePages }

        func verify() throws(FoldError) {
            guard CRC32C.checksum(bytes) == checksum else {
                throw FoldError("\(kind)", network: network, "its checksum is wrong")
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
        guard version == FoldFormat.version else {
            throw FoldError("header", "format version \(version), this reader knows \(FoldFormat.version)")
        }
        guard header.number(16, UInt64.self) == UInt64(file.count) else {
            throw FoldError(
                "header", "the file has \(file.count) bytes, \(header.number(16, UInt64.self)) were written")
        }
        pageSize = Int(header.number(24, UInt32.self))
        frameCount = Int(header.number(28, UInt32.self))
        networkCount = Int(header.number(32, UInt32.self))
        entryBits = Int(header.number(36, UInt32.self))
        guard pageSize > 0 else { throw FoldError("header", "page size 0") }
        guard pageSize <= Int(Int32.max), frameCount <= Int(Int32.max) else {
            throw FoldError("header", "\(frameCount) frames of \(pageSize) weights")
        }
        guard (1...FoldFormat.mostEntryBits).contains(entryBits) else {
            throw FoldError("header", "page-table entries of \(entryBits) bits")
        }
        formats = try WeightFormats(decoding: header)

        let count = Int(header.number(12, UInt32.self))
        guard count <= (file.count - FoldFormat.headerSize) / FoldFormat.sectionEntrySize else {
            throw FoldError("section table", "\(count) sections do not fit in the file")
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
            position = section.kind.start(after: position) + section.bytes.count
            let key = UInt64(section.kind.rawValue) << 32 | UInt64(section.network ?? 0)
            guard seen.insert(key).inserted else {
                throw FoldError("\(section.kind)", network: section.network, "is there twice")
            }
            sections.append(section)
        }
        guard position == file.count else {
            throw FoldError("section table", "the sections end at \(position), the file at \(file.count)")
        }
        self.sections = sections
    }

    private static func section(
        _ entry: UnsafeRawBufferPointer, of file: UnsafeRawBufferPointer, after end: Int, networks: Int
    ) throws(FoldError) -> Section {
        guard let kind = FoldSection(rawValue: entry.number(0, UInt16.self)) else {
            throw FoldError("section table", "unknown section \(entry.number(0, UInt16.self))")
        }
        let number = entry.number(2, UInt16.self)
        guard number == .max || Int(number) < networks else {
            throw FoldError("section table", "a section of network \(number), there are \(networks)")
        }
        let network = number == .max ? nil : Int(number)
        guard (kind == .pool) == (network == nil) else {
            throw FoldError("\(kind)", network: network, "belongs to the wrong owner")
        }
        let start = kind.start(after: end)
        let length = entry.number(8, UInt64.self)
        guard start <= file.count, length <= UInt64(file.count - start) else {
            throw FoldError("\(kind)", network: network, "lies outside the file")
        }
        let bytes = UnsafeRawBufferPointer(rebasing: file[start..<start + Int(length)])
        let result = Section(
            kind: kind, network: network, bytes: bytes, checksum: entry.number(4, UInt32.self))
        if !result.isWeights { try result.verify() }
        return result
    }

    func optionalSection(_ kind: FoldSection, network: Int?) -> UnsafeRawBufferPointer? {
        sections.first { $0.kind == kind && $0.network == network }?.bytes
    }

    /// Checksum and numbers of the pool (nil) or of a network's exclusive pages, which nobody has looked at yet.
    func verifyWeights(network: Int?, _ frames: FrameView) throws(FoldError) {
        let kind = network == nil ? FoldSection.pool : .exclusivePages
        guard let section = sections.first(where: { $0.kind == kind && $0.network == network })
        else { return }
        try section.verify()
        if let weight = frames.firstNotFinite() {
            throw FoldError("\(kind)", network: network, "weight \(weight) is not finite")
        }
    }

    func section(_ kind: FoldSection, network: Int?) throws(FoldError) -> UnsafeRawBufferPointer {
        guard let bytes = optionalSection(kind, network: network) else {
            throw FoldError("\(kind)", network: network, "is missing")
        }
        return bytes
    }

    /// The section of the pool (nil) or of a network's exclusive pages, of exactly `count` frames. Its checksum and
    /// numbers are for `verifyWeights`.
    func frames(network: Int?, count: Int) throws(FoldError) -> FrameView {
        let kind = network == nil ? FoldSection.pool : .exclusivePages
        let format = network == nil ? formats.pool : formats.exclusivePages
        let bytes = try section(kind, network: network)
        guard let size = format.byteCount(frames: count, pageSize: pageSize) else {
            throw FoldError(network == nil ? "header" : "\(kind)", network: network, "its size overflows")
        }
        guard bytes.count == size, let base = bytes.baseAddress else {
            throw FoldError(
                "\(kind)", network: network, "\(bytes.count) bytes where \(size) are due for \(count) frames")
        }
        return FrameView(section: base, format: format, pageSize: pageSize, count: count)
    }

    /// Exclusive pages in so many bytes; a length that fits no number of pages gives a number whose size differs.
    func exclusivePageCount(bytes: Int) -> Int {
        let format = formats.exclusivePages
        return max(bytes - (format == .float32 ? 0 : NumberFormat.slack), 0)
            / format.frameBytes(pageSize: pageSize)
    }

    /// A section of exactly `count` finite numbers of the format of tails.
    func vector(_ kind: FoldSection, network: Int, count: Int) throws(FoldError) -> UnsafeRawPointer {
        let bytes = try section(kind, network: network)
        let width = formats.vectors.width
        guard count >= 0, bytes.count % width == 0, bytes.count / width == count else {
            throw FoldError(
                "\(kind)", network: network, "\(bytes.count) bytes where \(count) weights are due")
        }
        guard let base = bytes.baseAddress else {
            throw FoldError("\(kind)", network: network, "is empty")
        }
        try Self.requireFinite(base, count: count, formats.vectors, kind, network: network)
        return base
    }

    static func requireFinite(
        _ start: UnsafeRawPointer, count: Int, _ format: NumberFormat, _ kind: FoldSection, network: Int
    ) throws(FoldError) {
        let frame = FrameView(section: start, format: format, pageSize: 1, count: count)
        if let weight = frame.firstNotFinite() {
            throw FoldError("\(kind)", network: network, "weight \(weight) is not finite")
        }
    }
}

extension FoldSection {
    /// Where a section begins that follows what ends at `end`.
    func start(after end: Int) -> Int { (end + alignment - 1) / alignment * alignment }
}

extension WeightFormats {
    fileprivate init(decoding header: UnsafeRawBufferPointer) throws(FoldError) {
        guard let pool = NumberFormat(rawValue: header[40]),
            let exclusivePages = NumberFormat(rawValue: header[41]),
            let vectors = NumberFormat(vectorCode: header[42])
        else { throw FoldError("header", "weights of formats \(header[40]), \(header[41]), \(header[42])") }
        self.init(pool: pool, exclusivePages: exclusivePages, vectors: vectors)
    }
}

extension UnsafeRawBufferPointer {
    /// A little-endian number at an offset that the caller has checked.
    func number<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
