// Fold files: what is written is what is read, and the same bytes again.

import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct FoldFileTests {
    @Test func whatIsWrittenIsRead() throws {
        let fold = try SmallFold.make()
        let bytes = fold.encoded()
        try SmallFold.aligned(bytes) { raw in
            let reader = try FoldReader(raw)
            #expect(reader.fold() == fold)
            #expect(reader.fold().encoded() == bytes)
            #expect(reader.fileSize == bytes.count)
            #expect(reader.networks[0].exclusivePageCount == 1)
            #expect(reader.networks[1].exclusivePageCount == 0)
            #expect(reader.networks[0].patches?.count == 3)
            #expect(reader.networks[1].patches == nil)
            #expect(reader.sectionSizes.reduce(0) { $0 + $1.bytes } < bytes.count)
        }
    }

    @Test(arguments: OperationCase.all)
    func everyOperationSurvivesTheFile(test: OperationCase) throws {
        for mode in [LoweringMode.inference, .training] {
            let lowered = try test.network.lowered(for: mode)
            let fold = lowered.alone(pageSize: 8)
            try SmallFold.aligned(fold.encoded()) { raw in
                let reader = try FoldReader(raw)
                #expect(reader.fold() == fold)
                let sample = randomNumbers(lowered.program.inputShape.count, seed: 5)
                #expect(reader.networks[0].interpret() == lowered.interpret(sample))
            }
        }
    }

    @Test func pagesAreReadInPlace() throws {
        try SmallFold.aligned(try SmallFold.make().encoded()) { raw in
            let reader = try FoldReader(raw)
            let file =
                UInt(bitPattern: raw.baseAddress!)..<UInt(bitPattern: raw.baseAddress!) + UInt(raw.count)
            for network in reader.networks {
                for page in 0..<network.weights.pageTable.count {
                    #expect(file.contains(UInt(bitPattern: network.weights.page(page).codes)))
                }
                #expect(file.contains(UInt(bitPattern: network.weights.tail)))
                if let values = network.patches?.values { #expect(file.contains(UInt(bitPattern: values))) }
            }
            #expect(UInt(bitPattern: reader.pool.codes) % 64 == 0)
        }
    }

    @Test func flatWeightsFollowThePageTable() throws {
        var fold = try SmallFold.make()
        fold.networks[0].patches = nil
        let network = fold.networks[0]
        let flat = fold.weights(of: network)
        #expect(flat.count == network.program.weightCount)
        for (page, entry) in network.pageTable.enumerated() {
            let source = entry < 4 ? fold.pool : network.exclusivePages
            let start = (entry < 4 ? entry : entry - 4) * 16
            for i in 0..<min(16, network.program.pagedCount - page * 16) {
                #expect(flat[page * 16 + i] == source[start + i])
            }
        }
        #expect(Array(flat.suffix(network.tail.count)) == network.tail)
    }

    /// An entry has the bits that the last frame or exclusive page needs.
    @Test(arguments: [
        (4, 0, 2), (5, 0, 3), (3, 1, 2), (4, 1, 3), (512, 0, 9), (513, 0, 10), (65_536, 0, 16),
        (65_536, 1, 17),
        (70_000, 2, 17),
    ])
    func entriesOfPageTablesAreAsWideAsTheyMustBe(frames: Int, exclusive: Int, bits: Int) throws {
        var builder = NetworkBuilder("wide", input: Shape(channels: 3))
        builder.add(.dense(outputs: 2))
        let lowered = try builder.network.lowered(for: .inference)
        var table = [0, frames - 1, frames - 2, 1, frames / 2, 2]
        for page in 0..<exclusive { table[page] = frames + page }
        let fold = Fold(
            pageSize: 1, pool: (0..<frames).map { Float($0) },
            networks: [
                FoldedNetwork(
                    text: NetworkText(name: "wide"), program: lowered.program, pageTable: table,
                    exclusivePages: (0..<exclusive).map { -Float($0) - 1 }, tail: Array(lowered.weights[6...])
                )
            ])
        try SmallFold.aligned(fold.encoded()) { raw in
            let reader = try FoldReader(raw)
            #expect(reader.fold() == fold)
            let size = reader.sectionSizes.first { $0.kind == .pageTable }?.bytes
            #expect(size == (6 * bits + 7) / 8 + 3)
        }
    }

    @Test(arguments: ["line\nbreak", "carriage\r\nreturn", "\u{2028}separator", "ünïcode 🗂"])
    func namesKeepToTheirLines(name: String) throws {
        var fold = try SmallFold.make()
        fold.networks[0].text = NetworkText(
            name: name, preprocessing: "a\nb\tc", classes: ["x\ny", "", "z\t"])
        try SmallFold.aligned(fold.encoded()) { raw in
            let text = try FoldReader(raw).networks[0].text
            #expect(text.name == String(name.map { $0.isNewline ? " " : $0 }))
            #expect(text.preprocessing == "a b c")
            #expect(text.classes == ["x y", "", "z "])
        }
    }

    @Test func exclusivePagesThatNoEntryNamesAreKept() throws {
        var fold = try SmallFold.make()
        fold.networks[0].exclusivePages += randomNumbers(2 * 16, seed: 11)
        #expect(try SmallFold.aligned(fold.encoded()) { raw in try FoldReader(raw).fold() } == fold)
    }

    @Test func aFoldWithoutNetworksOrFrames() throws {
        let fold = Fold(pageSize: 512, pool: [], networks: [])
        let read = try SmallFold.aligned(fold.encoded()) { raw in try FoldReader(raw).fold() }
        #expect(read == fold)
    }
}
