// A fold as the bytes of a fold file (docs/format.md). Where the bytes go is the caller's business.

extension Fold {
    /// The bytes of the fold file. The same fold always gives the same bytes.
    public func encoded() -> [UInt8] {
        var sections: [(kind: FoldSection, network: UInt32, bytes: [UInt8])] = [
            (.pool, .max, formats.pool.encoded(pool, steps: steps, pageSize: pageSize))
        ]
        let wide = wideEntries
        for (index, network) in networks.enumerated() {
            let number = UInt32(index)
            sections.append((.program, number, network.program.encoded()))
            let table: [UInt8] =
                wide
                ? network.pageTable.flatMap { bytes(UInt32($0)) }
                : network.pageTable.flatMap { bytes(UInt16($0)) }
            sections.append((.pageTable, number, table))
            if !network.exclusivePages.isEmpty {
                let pages = formats.exclusivePages.encoded(
                    network.exclusivePages, steps: network.exclusiveSteps, pageSize: pageSize)
                sections.append((.exclusivePages, number, pages))
            }
            if let overrides = network.overrides, !overrides.blocks.isEmpty {
                let bytes = overrides.encoded(
                    pagedCount: network.program.pagedCount, format: formats.vectors)
                sections.append((.overrides, number, bytes))
            }
            sections.append((.tail, number, formats.vectors.encoded(network.tail)))
            sections.append((.text, number, Array(network.text.encoded.utf8)))
        }

        var offset = FoldFormat.headerSize + sections.count * FoldFormat.sectionEntrySize
        var table = [UInt8]()
        var body = [UInt8]()
        let bodyStart = offset
        for section in sections {
            // Only what a vector unit reads in place is aligned: the rest would be padding.
            let aligned = section.kind == .pool || section.kind == .exclusivePages
            let step = aligned ? FoldFormat.alignment : 4
            let start = (offset + step - 1) / step * step
            body += [UInt8](repeating: 0, count: start - offset)
            body += section.bytes
            table += bytes(section.kind.rawValue) + bytes(section.network)
            table += bytes(UInt64(start)) + bytes(UInt64(section.bytes.count))
            table += bytes(CRC32C.checksum(section.bytes)) + bytes(UInt32(0))
            offset = start + section.bytes.count
        }
        precondition(bodyStart + body.count == offset)

        var header = FoldFormat.magic
        let version =
            formats == WeightFormats() ? FoldFormat.versions.lowerBound : FoldFormat.versions.upperBound
        header += bytes(version) + bytes(UInt32(sections.count))
        header += bytes(UInt64(offset))
        header += bytes(UInt32(pageSize)) + bytes(UInt32(frameCount))
        header += bytes(UInt32(networks.count)) + bytes(UInt32(wide ? 4 : 2))
        header += [formats.pool.rawValue, formats.exclusivePages.rawValue, formats.vectors.rawValue]
        header += [UInt8](repeating: 0, count: FoldFormat.headerSize - 8 - header.count)
        header += bytes(CRC32C.checksum(table))
        header += bytes(CRC32C.checksum(header))
        return header + table + body
    }

    /// Page-table entries need four bytes each once two no longer count all frames and exclusive pages.
    var wideEntries: Bool {
        let mostExclusive = networks.map { $0.exclusivePages.count / pageSize }.max() ?? 0
        return frameCount + mostExclusive > Int(UInt16.max)
    }
}

extension Overrides {
    func encoded(pagedCount: Int, format: VectorFormat) -> [UInt8] {
        var result = bytes(UInt32(blockSize)) + bytes(UInt32(blocks.count))
        result +=
            Self.numberWidth(blockSize: blockSize, pagedCount: pagedCount) == 2
            ? blocks.flatMap { bytes(UInt16($0)) } : blocks.flatMap { bytes(UInt32($0)) }
        result += [UInt8](repeating: 0, count: (4 - result.count % 4) % 4)
        return result + format.encoded(values)
    }
}

extension NetworkText {
    package var encoded: String { ([name, preprocessing] + classes).map(oneLine).joined(separator: "\n") }

    private func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }
}

extension Program {
    package func encoded() -> [UInt8] {
        var result = bytes(UInt32(values.count)) + bytes(UInt32(steps.count))
        result += bytes(UInt32(pagedCount)) + bytes(UInt32(weightCount))
        result += bytes(UInt32(logits)) + bytes(UInt32(output)) + bytes(UInt64(0))
        for (shape, offset) in zip(values, arenaOffsets) {
            for number in [shape.channels, shape.height, shape.width, offset] {
                result += bytes(UInt32(number))
            }
        }
        for step in steps {
            result += [step.opcode.rawValue, step.activation.rawValue]
            result += bytes(step.input) + bytes(step.secondInput) + bytes(step.output)
            result +=
                bytes(step.weights) + bytes(step.bias) + bytes(step.scale) + bytes(step.alpha.bitPattern)
            result += [step.kernelHeight, step.kernelWidth, step.strideHeight, step.strideWidth]
            result += [step.padTop, step.padLeft, step.dilationHeight, step.dilationWidth]
            result += bytes(step.groups) + [0, 0]
        }
        return result
    }
}

private func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

extension VectorFormat {
    fileprivate func encoded(_ values: [Float]) -> [UInt8] {
        var result = [UInt8]()
        frameFormat.append(values, step: 1, to: &result)
        return result
    }
}
