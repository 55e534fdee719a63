// Patches: their bytes, what a reader refuses, and that a walk through the weights meets each of them.

import PagefoldCore
import PagefoldFold
import PagefoldTestCases
import Testing

@Suite struct PatchTests {
    /// One network of `paged` weights and a tail of 5, on frames that it uses several times and two exclusive pages.
    private static func fold(paged: Int, pageSize: Int, patches: Patches?) -> Fold {
        let values = [Shape(channels: 1), Shape(channels: paged + 5)]
        var step = Step(opcode: .dense, input: 0, output: 1)
        step.weights = 0
        let program = Program(
            values: values, steps: [step], outputs: [ProgramOutput(value: 1)], pagedCount: paged,
            weightCount: paged + 5)
        return Fold(
            pageSize: pageSize, pool: randomNumbers(2 * pageSize, seed: 1),
            networks: [
                FoldedNetwork(
                    text: NetworkText(name: "walk"), program: program,
                    pageTable: (0..<program.pageCount(pageSize: pageSize)).map { [1, 2, 0, 3, 1][$0 % 5] },
                    exclusivePages: randomNumbers(2 * pageSize, seed: 2), patches: patches,
                    tail: randomNumbers(5, seed: 3))
            ])
    }

    // MARK: Bytes

    @Test func theBytesAreThoseOfTheFormat() throws {
        // Ten weights in blocks of two: five blocks, the first, the fourth and the last of them patched.
        let patches = Patches(size: 2, indices: [0, 3, 4], values: [1, -2, 0.5, 0, 3, 1024])
        let fold = Self.fold(paged: 10, pageSize: 4, patches: patches)
        let bytes = fold.encoded()
        let range = try #require(SmallFold.range(of: .patches, network: 0, in: bytes))
        let golden: [UInt8] = [
            2, 0, 0, 0, 3, 0, 0, 0,  // block size, count
            0, 0, 3, 0, 4, 0, 0, 0,  // numbers, filled up to a multiple of four bytes
            0x00, 0x00, 0x80, 0x3F, 0x00, 0x00, 0x00, 0xC0,  // 1, -2
            0x00, 0x00, 0x00, 0x3F, 0x00, 0x00, 0x00, 0x00,  // 0.5, 0
            0x00, 0x00, 0x40, 0x40, 0x00, 0x00, 0x80, 0x44,  // 3, 1024
        ]
        #expect(Array(bytes[range]) == golden)
        #expect(bytes[FoldFormat.headerSize + 4 * FoldFormat.sectionEntrySize] == 7, "fifth section, kind 7")
        #expect(try SmallFold.aligned(bytes) { raw in try FoldReader(raw).fold() } == fold)
    }

    /// 65,536 blocks have numbers of two bytes; one more, even if it is not whole, makes them four.
    @Test(arguments: [
        (65_536, 1, 2), (65_537, 1, 4), (131_072, 2, 2), (131_073, 2, 4), (70_001, 7, 2), (1, 4, 2),
    ])
    func blockNumbersWidenWhenTwoBytesDoNotDo(paged: Int, size: Int, width: Int) throws {
        let last = (paged - 1) / size
        let blocks = last == 0 ? [0] : [0, last / 2, last]
        let patches = Patches(
            size: size, indices: blocks, values: randomNumbers(blocks.count * size, seed: 4))
        let fold = Self.fold(paged: paged, pageSize: 28_672, patches: patches)  // 2¹² · 7
        let due = 8 + (blocks.count * width + 3) / 4 * 4 + 4 * blocks.count * size
        #expect(Patches.byteCount(count: blocks.count, size: size, pagedCount: paged) == due)
        try SmallFold.aligned(fold.encoded()) { raw in
            let reader = try FoldReader(raw)
            #expect(reader.sectionSizes.first { $0.kind == .patches }?.bytes == due)
            let same = reader.fold() == fold  // Too large to be printed.
            #expect(same)
        }
    }

    @Test func withoutBlocksThereIsNoSection() throws {
        var fold = try SmallFold.make()
        fold.networks[0].patches = Patches(size: 4, indices: [], values: [])
        let bytes = fold.encoded()
        fold.networks[0].patches = nil
        #expect(bytes == fold.encoded())
    }

    // MARK: What is refused

    struct Mistake: Sendable, CustomStringConvertible {
        let description: String
        let told: String
        var patches = Patches(size: 4, indices: [1, 9, 17], values: randomNumbers(12, seed: 6))
        /// A number put into the section behind the writer's back, and where.
        var forged: (at: Int, number: UInt32)?
        /// The section's length, if not its own.
        var length: Int?
    }

    /// In the small fold: 72 paged weights, 18 blocks of 4, a section of 64 bytes.
    static let mistakes: [Mistake] = [
        Mistake(description: "no header", told: "cut short", length: 4),
        Mistake(description: "no bytes", told: "cut short", length: 0),
        Mistake(
            description: "blocks of nothing", told: "patches of 0 weights do not divide a page of 16",
            forged: (0, 0)),
        Mistake(
            description: "blocks across pages", told: "patches of 3 weights do not divide a page of 16",
            forged: (0, 3)),
        Mistake(
            description: "blocks larger than a page",
            told: "patches of 32 weights do not divide a page of 16",
            forged: (0, 32)),
        Mistake(description: "no block", told: "0 of 18 patches", forged: (4, 0)),
        Mistake(description: "more blocks than there are", told: "19 of 18 patches", forged: (4, 19)),
        Mistake(
            description: "more blocks than bytes", told: "64 bytes for 18 patches of 4 weights",
            forged: (4, 18)),
        Mistake(
            description: "fewer blocks than bytes", told: "64 bytes for 2 patches of 4 weights",
            forged: (4, 2)
        ),
        Mistake(description: "cut off", told: "60 bytes for 3 patches of 4 weights", length: 60),
        Mistake(
            description: "a block twice", told: "patch 9 stands behind patch 9",
            patches: Patches(size: 4, indices: [1, 9, 9], values: randomNumbers(12, seed: 6))),
        Mistake(
            description: "blocks that fall", told: "patch 1 stands behind patch 9",
            patches: Patches(size: 4, indices: [9, 1, 17], values: randomNumbers(12, seed: 6))),
        Mistake(
            description: "a block outside", told: "patch 18 is not one of the 18",
            patches: Patches(size: 4, indices: [1, 9, 18], values: randomNumbers(12, seed: 6))),
        Mistake(
            description: "not a number", told: "weight 5 is not finite",
            forged: (16 + 4 * 5, Float.nan.bitPattern)),
    ]

    @Test(arguments: mistakes)
    func wrongPatchesAreRefused(mistake: Mistake) throws {
        var fold = try SmallFold.make()
        fold.networks[0].patches = mistake.patches
        var bytes = fold.encoded()
        let range = try #require(SmallFold.range(of: .patches, network: 0, in: bytes))
        if let (at, number) = mistake.forged {
            for i in 0..<4 { bytes[range.lowerBound + at + i] = UInt8(truncatingIfNeeded: number >> (8 * i)) }
        }
        if let length = mistake.length {
            bytes = SmallFold.resized(.patches, network: 0, to: length, in: bytes)
        }
        #expect(throws: FoldError("patches", network: 0, mistake.told)) {
            try SmallFold.aligned(SmallFold.repaired(bytes)) { raw in try FoldReader(raw).fileSize }
        }
    }

    @Test func aNetworkWithoutPagedWeightsHasNoBlocks() {
        let patches = Patches(size: 4, indices: [0], values: [1, 2, 3, 4])
        let bytes = Self.fold(paged: 0, pageSize: 4, patches: patches).encoded()
        #expect(throws: FoldError("patches", network: 0, "1 of 0 patches")) {
            try SmallFold.aligned(bytes) { raw in try FoldReader(raw).fileSize }
        }
    }

    // MARK: Walking

    /// A dense layer of one input is its weights in order: read from every offset to the end, they are those that a
    /// look at each weight by itself finds.
    @Test(arguments: [1, 4, 16, 32], ["all", "every other", "first and last", "any", "none"])
    func aWalkFromAnyOffsetMeetsThePatches(size: Int, pattern: String) throws {
        let paged = 151
        let count = (paged + size - 1) / size
        var random = RandomSource(seed: UInt64(size))
        let blocks = (0..<count).filter { block in
            switch pattern {
            case "all": true
            case "every other": block % 2 == 1
            case "first and last": block == 0 || block == count - 1
            case "any": random.below(3) == 0
            default: false
            }
        }
        let patches = Patches(
            size: size, indices: blocks, values: randomNumbers(blocks.count * size, seed: 7))
        let fold = Self.fold(paged: paged, pageSize: 32, patches: blocks.isEmpty ? nil : patches)
        let network = fold.networks[0]
        let expected =
            (0..<paged).map { i in
                if let index = blocks.firstIndex(of: i / size) {
                    return patches.values[index * size + i % size]
                }
                let entry = network.pageTable[i / 32]
                return entry < 2
                    ? fold.pool[entry * 32 + i % 32] : network.exclusivePages[(entry - 2) * 32 + i % 32]
            } + network.tail
        #expect(fold.weights(of: network) == expected)

        try SmallFold.aligned(fold.encoded()) { raw in
            let reader = try FoldReader(raw)
            #expect(reader.fold() == fold)
            for offset in 0..<expected.count {
                var program = network.program
                program.values[1].channels = expected.count - offset
                program.steps[0].weights = UInt32(offset)
                let read = reader.networks[0].interpret(program: program, input: [1])
                #expect(read == Array(expected[offset...]), "from \(offset)")
            }
        }
    }
}
