// A fold as the bytes of a fold file (docs/format.md). Where the bytes go is the caller's business.

import PagefoldCore

extension Fold {
    /// The bytes of the fold file. The same fold always gives the same bytes.
    public func encoded() -> [UInt8] {
        precondition(networks.count < UInt16.max, "at most 65,534 networks")
        var sections: [(kind: FoldSection, network: UInt16, format: NumberFormat, bytes: [UInt8])] = [
            (.pool, .max, .float32, formats.pool.encoded(pool, quanta: quanta, pageSize: pageSize))
        ]
        let size = FoldSize(self)
        let entryBits = size.entryBits
        precondition(entryBits <= FoldFormat.mostEntryBits, "at most 2^25 frames and exclusive pages")
        for (index, network) in networks.enumerated() {
            let number = UInt16(index)
            sections.append((.program, number, .float32, network.program.encoded(with: network.text)))
            sections.append((.pageTable, number, .float32, network.encodedTable(entryBits: entryBits)))
            if !network.exclusivePages.isEmpty {
                let pages = formats.exclusivePages.encoded(
                    network.exclusivePages, quanta: network.exclusiveQuanta, pageSize: pageSize)
                sections.append((.exclusivePages, number, .float32, pages))
            }
            if let patches = network.patches, !patches.indices.isEmpty {
                let bytes = patches.encoded(
                    pagedCount: network.program.pagedCount, format: network.tailFormat)
                sections.append((.patches, number, network.tailFormat, bytes))
            }
            sections.append((.tail, number, network.tailFormat, network.tailFormat.encoded(network.tail)))
            sections.append((.text, number, .float32, Array(network.text.encoded.utf8)))
        }

        var offset = FoldFormat.headerSize + sections.count * FoldFormat.sectionEntrySize
        var table = [UInt8]()
        var body = [UInt8]()
        let bodyStart = offset
        for section in sections {
            let start = section.kind.start(after: offset)!
            body += [UInt8](repeating: 0, count: start - offset)
            body += section.bytes
            guard let format = section.format.traits.vectorCode else {
                preconditionFailure("tails and patches are not stored as \(section.format)")
            }
            table += [section.kind.rawValue, format] + bytes(section.network)
            table += bytes(CRC32C.checksum(section.bytes)) + bytes(UInt64(section.bytes.count))
            offset = start + section.bytes.count
        }
        precondition(
            bodyStart + body.count == offset && offset == size.bytes, "FoldSize and FoldWriter differ")

        var header = FoldFormat.magic
        header += bytes(FoldFormat.version) + bytes(UInt32(sections.count))
        header += bytes(UInt64(offset))
        header += bytes(UInt32(pageSize)) + bytes(UInt32(frameCount))
        header += bytes(UInt32(networks.count)) + bytes(UInt32(entryBits))
        header += [formats.pool.rawValue, formats.exclusivePages.rawValue]
        header += [UInt8](repeating: 0, count: FoldFormat.headerSize - 8 - header.count)
        header += bytes(CRC32C.checksum(table))
        header += bytes(CRC32C.checksum(header))
        return header + table + body
    }
}

extension FoldedNetwork {
    fileprivate func encodedTable(entryBits: Int) -> [UInt8] {
        var writer = BitWriter()
        for entry in pageTable { writer.append(UInt32(entry), bits: entryBits) }
        return writer.finished() + [UInt8](repeating: 0, count: PageTableView.slack)
    }
}

func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

extension NumberFormat {
    func encoded(_ values: [Float]) -> [UInt8] {
        var result = [UInt8]()
        append(values, quantum: 1, to: &result)
        return result
    }
}
