// Damaged and forged fold files end in a FoldError, or in a network that runs within its buffers; never in a trap.

import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct DamagedFoldTests {
    /// Reads the bytes; when they are accepted, runs what is small enough to be run.
    /// - Returns: whether they were accepted.
    @discardableResult
    private func survives(_ bytes: [UInt8]) -> Bool {
        SmallFold.aligned(bytes) { raw in
            guard let reader = try? FoldReader(raw) else { return false }
            for network in reader.networks
            where network.program.work < 2_000_000 && network.program.arenaCount < 1 << 22 {
                _ = network.interpret()
            }
            _ = reader.fold()
            return true
        }
    }

    @Test func everyFlippedBitIsNoticed() throws {
        let bytes = try SmallFold.make().encoded()
        // Bytes between sections are nobody's; every other one is under a checksum.
        let padding = try paddingBytes(bytes)
        for position in bytes.indices {
            for bit in [0, 3, 7] {
                var damaged = bytes
                damaged[position] ^= 1 << bit
                #expect(survives(damaged) == padding.contains(position), "byte \(position), bit \(bit)")
            }
        }
    }

    @Test func everyTruncationIsNoticed() throws {
        let bytes = try SmallFold.make().encoded()
        for length in bytes.indices { #expect(!survives(Array(bytes[..<length])), "\(length) bytes") }
        #expect(!survives(bytes + [0]))
    }

    @Test func everyTruncationWithRightChecksumsIsNoticed() throws {
        let bytes = try SmallFold.make().encoded()
        for length in FoldFormat.headerSize..<bytes.count {
            var cut = Array(bytes[..<length])
            for i in 0..<8 { cut[16 + i] = UInt8(truncatingIfNeeded: length >> (8 * i)) }
            #expect(!survives(SmallFold.repaired(cut)), "\(length) bytes")
        }
    }

    /// Checksums are no protection against a forger: everything behind them is checked, too.
    @Test(arguments: ["header", "sections", "program 0", "program 1", "page table", "patches", "text"])
    func forgedBytesNeverTrap(part: String) throws {
        let bytes = try SmallFold.make().encoded()
        let sections = Int(bytes[12])
        let tableEnd = FoldFormat.headerSize + sections * FoldFormat.sectionEntrySize
        let range: Range<Int>? =
            switch part {
            case "header": 8..<FoldFormat.headerSize
            case "sections": FoldFormat.headerSize..<tableEnd
            case "program 0": SmallFold.range(of: .program, network: 0, in: bytes)
            case "program 1": SmallFold.range(of: .program, network: 1, in: bytes)
            case "page table": SmallFold.range(of: .pageTable, network: 0, in: bytes)
            case "patches": SmallFold.range(of: .patches, network: 0, in: bytes)
            default: SmallFold.range(of: .text, network: 0, in: bytes)
            }
        var refused = 0
        for position in try #require(range) {
            for value in [0, 1, 2, 3, 7, 16, 127, 128, 255, Int(bytes[position]) + 1] {
                var forged = bytes
                forged[position] = UInt8(truncatingIfNeeded: value)
                if !survives(SmallFold.repaired(forged)) { refused += 1 }
            }
        }
        #expect(refused > 0)
    }

    /// Sections follow each other without a gap: what a wrong length takes or leaves is noticed.
    @Test(arguments: [-4, -1, 1, 4, 60])
    func aSectionOfAnotherLengthIsRefused(change: Int) throws {
        let bytes = try SmallFold.make().encoded()
        for kind in [FoldSection.program, .pageTable, .exclusivePages, .tail] {
            let length = try #require(SmallFold.range(of: kind, network: 0, in: bytes)).count + change
            let moved = SmallFold.resized(kind, network: 0, to: length, in: bytes)
            let error = #expect(throws: FoldError.self) {
                try SmallFold.aligned(SmallFold.repaired(moved)) { raw in try FoldReader(raw).fileSize }
            }
            #expect(error?.part == kind.name || error?.part == "page table", "\(kind)")
        }
        var longer = SmallFold.repaired(bytes + [0, 0, 0, 0])
        longer[16] = UInt8(truncatingIfNeeded: longer.count)
        longer[17] = UInt8(truncatingIfNeeded: longer.count >> 8)
        let error = #expect(throws: FoldError.self) {
            try SmallFold.aligned(SmallFold.repaired(longer)) { raw in try FoldReader(raw).fileSize }
        }
        #expect(error?.part == "section table")
    }

    /// What a program says in numbers that no writer makes, and headers of other widths and versions.
    @Test(
        arguments: [
            (nil, [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "a number of more than five bytes"),
            (nil, [0xFF, 0xFF, 0xFF, 0xFF, 0x10], "a number of more than 32 bits"),
            (nil, [0x80], "cut short"),
            (8, [1], "version 1, written by Pagefold 0.1; this is version 3"),
            (8, [2], "version 2, written by Pagefold 0.2; this is version 3"),
            (8, [4], "version 4, written by a later Pagefold; this is version 3"),
            (36, [0], "page-table entries of 0 bits"),
            (36, [26], "page-table entries of 26 bits"),
        ] as [(Int?, [UInt8], String)])
    func forgeriesAreToldApart(place: Int?, forged: [UInt8], told: String) throws {
        var bytes = try SmallFold.make().encoded()
        let program = try #require(SmallFold.range(of: .program, network: 0, in: bytes))
        if place == nil { bytes = SmallFold.resized(.program, network: 0, to: forged.count, in: bytes) }
        let start = place ?? program.lowerBound
        bytes.replaceSubrange(start..<start + forged.count, with: forged)
        let error = #expect(throws: FoldError.self) {
            try SmallFold.aligned(SmallFold.repaired(bytes)) { raw in try FoldReader(raw).fileSize }
        }
        #expect(error?.problem == told)
    }

    /// Two forged places at a time: offsets with counts, shapes with windows.
    @Test func pairsOfForgedBytesNeverTrap() throws {
        let bytes = try SmallFold.make().encoded()
        let range = try #require(SmallFold.range(of: .program, network: 0, in: bytes))
        var random = RandomSource(seed: 1)
        var accepted = 0
        for _ in 0..<4_000 {
            var forged = bytes
            for _ in 0..<2 + random.below(2) {
                let value = [0, 1, 2, 4, 255, random.below(256)][random.below(6)]
                forged[range.lowerBound + random.below(range.count)] = UInt8(value)
            }
            if survives(SmallFold.repaired(forged)) { accepted += 1 }
        }
        #expect(accepted > 0, "some forgeries are harmless, or the test tests nothing")
    }

    /// Weights at the edge of what a float holds overflow to infinities and NaN; they run all the same.
    @Test func absurdWeightsRun() throws {
        var fold = try SmallFold.make()
        let huge = Float.greatestFiniteMagnitude
        fold.pool = fold.pool.indices.map { $0 % 2 == 0 ? huge : -huge }
        for index in fold.networks.indices {
            fold.networks[index].tail = fold.networks[index].tail.map { _ in huge }
            fold.networks[index].exclusivePages = fold.networks[index].exclusivePages.map { _ in -huge }
            fold.networks[index].patches?.values = [Float](repeating: huge, count: 12)
        }
        #expect(survives(fold.encoded()))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func weightsThatAreNotFiniteAreRefused(weight: Float) throws {
        let fold = try SmallFold.make()
        var broken = fold
        broken.pool[5] = weight
        #expect(throws: FoldError("pool", "weight 5 is not finite")) { try read(broken) }
        broken = fold
        broken.networks[1].tail[2] = weight
        #expect(throws: FoldError("tail", network: 1, "weight 2 is not finite")) { try read(broken) }
        broken = fold
        broken.networks[0].exclusivePages[3] = weight
        #expect(throws: FoldError.self) { try read(broken) }
    }

    @Test func anErrorNamesTheFileAndThePart() throws {
        var fold = try SmallFold.make()
        fold.networks[1].pageTable[0] = 7
        do {
            try read(fold)
            Issue.record("a page on a frame that is not there was accepted")
        } catch let error as FoldError {
            let told = error.inFile("some.fold").description
            #expect(told.hasPrefix("some.fold: network 1, page table: page 0 names frame 7"))
        }
    }

    private func read(_ fold: Fold) throws {
        _ = try SmallFold.aligned(fold.encoded()) { raw in try FoldReader(raw).fileSize }
    }

    private func paddingBytes(_ bytes: [UInt8]) throws -> Set<Int> {
        var free = Set(bytes.indices)
        let sections = Int(bytes[12])
        free.subtract(0..<FoldFormat.headerSize + sections * FoldFormat.sectionEntrySize)
        for kind in FoldSection.allCases {
            for network in [nil, 0, 1] as [Int?] {
                if let range = SmallFold.range(of: kind, network: network, in: bytes) { free.subtract(range) }
            }
        }
        return free
    }
}
