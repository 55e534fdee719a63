// What narrow frames hold: codes, bytes and values against the plain definition in docs/format.md.

@testable import PagefoldCore
@testable import PagefoldFold
import PagefoldTestCases
import Testing

@Suite struct NumberFormatTests {
    /// All numbers that a frame of a format can hold, in double precision.
    static func numbers(_ format: NumberFormat, quantum: Double) -> [Double] {
        switch format {
        case .float32: []
        case .float16:
            (0...UInt16.max).map { Double(Float16(bitPattern: $0)) }.filter(\.isFinite)
        case .fixed16: (-32_768...32_767).map { Double($0) / 256 }
        case .float8:
            (0..<0x7F).flatMap { code in
                let (exponent, fraction) = (code / 8, Double(code % 8) / 8)
                let power = Double(sign: .plus, exponent: max(exponent, 1) - 7, significand: 1)
                return [-1, 1].map { $0 * ((exponent > 0 ? 1 : 0) + fraction) * power }
            }
        case .int8, .int4, .int3, .int2, .int1:
            (0..<1 << format.bits).map { (Double($0) - Double(1 << format.bits - 1) / 2) * quantum }
        }
    }

    /// The numbers of formats whose quantum is 1 or that have none, rising.
    static let rising = Dictionary(
        uniqueKeysWithValues: NumberFormat.allCases.map { ($0, numbers($0, quantum: 1).sorted()) })

    /// The number of a format that is nearest.
    static func nearest(_ value: Float, as format: NumberFormat, quantum: Double = 1) -> Double {
        guard let numbers = rising[format], !numbers.isEmpty else { return Double(value) }
        var (low, high) = (0, numbers.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if numbers[middle] * quantum < Double(value) { low = middle } else { high = middle }
        }
        let (below, above) = (numbers[low] * quantum, numbers[high] * quantum)
        return abs(below - Double(value)) < abs(above - Double(value)) ? below : above
    }

    static func fold(
        _ format: NumberFormat, pool: [Float], quanta: [Float], pageSize: Int
    ) -> Fold {
        Fold(
            pageSize: pageSize, pool: pool, quanta: format.hasQuantum ? quanta : [], networks: [],
            formats: WeightFormats(pool: format))
    }

    /// Names and codes that job files, records and fold files have.
    @Test func namesAndCodesStay() {
        let names = ["float32", "float16", "fixed16", "int8", "int4", "int3", "int2", "int1", "float8"]
        #expect(NumberFormat.allCases.map { "\($0)" } == names)
        #expect(NumberFormat.allCases.map(\.rawValue) == Array(0...8))
        #expect(NumberFormat.ofVectors == [.float32, .float16, .float8])
        #expect(NumberFormat.ofVectors.map(\.traits.vectorCode) == [0, 1, 2])
        let vectors = (0...255 as ClosedRange<UInt8>).map(NumberFormat.init(vectorCode:))
        #expect(vectors == [.float32, .float16, .float8] + [NumberFormat?](repeating: nil, count: 253))
    }

    /// The table's numbers follow from the definition.
    @Test(arguments: NumberFormat.allCases.filter { $0 != .float32 })
    func largestAndSmallest(format: NumberFormat) {
        let positive = Self.numbers(format, quantum: 1).filter { $0 > 0 }
        #expect(positive.max() == Double(format.largest))
        // Below the smallest normal number of a float there are as many as it has fractions, without zero.
        let below = format.kind == .float ? 1 << format.traits.fraction - 1 : 0
        #expect(positive.sorted()[below] == Double(format.traits.smallestNormal))
        #expect((format.traits.normalQuantum != nil) == format.hasQuantum)
    }

    /// Two frames of five weights as version 0.2.0 wrote them, and the bits of the numbers that it read.
    @Test(
        arguments: [
            (
                .float32,
                "2C AA B3 BC 37 64 F6 10 7B 68 F2 5A 4C A0 9E 37 96 D4 F4 F5 42 8E 7B D9 7D F6 92 D9 68 AA CF 13 57 2B D6 A7 A9 39 5B 4B",
                [
                    0xBCB3_AA2C, 0x10F6_6437, 0x5AF2_687B, 0x379E_A04C, 0xF5F4_D496,
                    0xD97B_8E42, 0xD992_F67D, 0x13CF_AA68, 0xA7D6_2B57, 0x4B5B_39A9,
                ]
            ),
            (
                .float16, "A6 06 CB A4 D1 8F 86 4F 87 B5 66 9A 6E DF CE E3 9D 92 E3 EF",
                [
                    0x38D4_C000, 0xBC99_6000, 0xB9FA_2000, 0x41F0_C000, 0xBEB0_E000,
                    0xBB4C_C000, 0xC3ED_C000, 0xC479_C000, 0xBA53_A000, 0xC5FC_6000,
                ]
            ),
            (
                .fixed16, "1B 1C 8D 61 7F DE 20 A6 74 B5 11 FC 8B E0 77 9F 48 0C EF C7",
                [
                    0x41E0_D800, 0x42C3_1A00, 0xC206_0400, 0xC2B3_C000, 0xC295_1800,
                    0xC07B_C000, 0xC1FB_A800, 0xC2C1_1200, 0x4144_8000, 0xC260_4400,
                ]
            ),
            (
                .int8, "B8 9B C7 FA 3C B5 F0 43 83 05 66 2E 55 35",
                [
                    0x40B4_C180, 0x402F_F500, 0x40E4_BE80, 0x4143_F3C0, 0xC0D7_F280,
                    0x418E_A1C0, 0x4215_F6A0, 0xC1A1_4B40, 0x3F95_4C00, 0xC223_4B20,
                ]
            ),
            (
                .int4, "44 EA 0D DB 5D 01 66 2E 55 35",
                [
                    0xBEB3_2800, 0xBEB3_2800, 0x3E7F_F000, 0x3F26_5C00, 0x3F0C_C400,
                    0x3F95_4C00, 0x3FEA_9C00, 0x3FEA_9C00, 0xBF55_4800, 0xC00A_A200,
                ]
            ),
            (
                .int3, "A6 3E 13 56 66 2E 55 35",
                [
                    0x3E7F_F000, 0x3D4C_C000, 0xBE19_9000, 0x3EB3_2800, 0xBD4C_C000,
                    0xBE2A_A000, 0xBEFF_F000, 0xBF95_4C00, 0xBE2A_A000, 0x3EFF_F000,
                ]
            ),
            (
                .int2, "AE 01 FF 00 66 2E 55 35",
                [
                    0x3D4C_C000, 0x3E19_9000, 0x3D4C_C000, 0x3D4C_C000, 0xBD4C_C000,
                    0x3EFF_F000, 0x3EFF_F000, 0x3EFF_F000, 0x3EFF_F000, 0xBEFF_F000,
                ]
            ),
            (
                .int1, "1D 01 66 2E 55 35",
                [
                    0x3D4C_C000, 0xBD4C_C000, 0x3D4C_C000, 0x3D4C_C000, 0x3D4C_C000,
                    0x3E2A_A000, 0xBE2A_A000, 0xBE2A_A000, 0xBE2A_A000, 0xBE2A_A000,
                ]
            ),
            (
                .float8, "09 52 AE D8 47 62 60 AA BC 03",
                [
                    0x3C90_0000, 0x4120_0000, 0xBEE0_0000, 0xC180_0000, 0x4070_0000,
                    0x4220_0000, 0x4200_0000, 0xBEA0_0000, 0xBFC0_0000, 0x3BC0_0000,
                ]
            ),
        ] as [(NumberFormat, String, [UInt32])])
    func filesOfBeforeAreReadAsBefore(format: NumberFormat, hex: String, numbers: [UInt32]) {
        var bytes = hex.split(separator: " ").map { UInt8($0, radix: 16)! }
        if format != .float32 { bytes += [UInt8](repeating: 0, count: 8) }
        let view = bytes.withUnsafeBytes { raw in
            let view = FrameView(section: raw.baseAddress!, format: format, pageSize: 5, count: 2)
            #expect(view.values.map(\.bitPattern) == numbers)
            return (view.values, view.quantumValues)
        }
        #expect(view.1 == (format.hasQuantum ? [0.099_975_586, 0.333_251_95] : []))
        #expect(format.encoded(view.0, quanta: view.1, pageSize: 5) == bytes)
    }

    /// Infinities, and what IEEE 754 and the Open Compute Project call "not a number".
    @Test(arguments: [NumberFormat.float16, .float8])
    func whatIsBeyondTheLargestIsNoNumber(format: NumberFormat) {
        for code in 0..<(1 as UInt32) << UInt32(format.bits) {
            let bytes = [UInt8(code & 255), UInt8(code >> 8)]
            let bad = bytes.withUnsafeBytes {
                FrameView(section: $0.baseAddress!, format: format, pageSize: 1, count: 1).firstNotFinite()
            }
            let isNumber =
                format == .float16 ? Float16(bitPattern: UInt16(code)).isFinite : code & 0x7F != 0x7F
            #expect((bad == nil) == isNumber)
        }
    }

    /// Written and read again, each weight is the nearest number that its frame can hold.
    @Test(arguments: NumberFormat.allCases, [1, 7, 10, 64, 100])
    func weightsBecomeTheNearestNumbers(format: NumberFormat, pageSize: Int) throws {
        let frames = 5
        let pool = randomNumbers(frames * pageSize, seed: 4, scale: 2)
        let quanta: [Float] = [0.25, 1, 0.0078125, 0, 3]
        let bytes = Self.fold(format, pool: pool, quanta: quanta, pageSize: pageSize).encoded()
        let read = try SmallFold.aligned(bytes) { try FoldReader($0).fold() }
        for (index, value) in read.pool.enumerated() {
            let quantum = Double(format.hasQuantum ? quanta[index / pageSize] : 1)
            let nearest = Self.nearest(pool[index], as: format, quantum: quantum)
            #expect(
                abs(abs(Double(value) - Double(pool[index])) - abs(nearest - Double(pool[index]))) <= 1e-9)
        }
        #expect(read.quanta == (format.hasQuantum ? quanta : []))
        #expect(read.encoded() == bytes)
        let section = try #require(format.byteCount(frames: frames, pageSize: pageSize))
        let stored = try SmallFold.aligned(bytes) { try FoldReader($0).sectionSizes[0].bytes }
        #expect(stored == section)
        let codes = frames * ((pageSize * format.bits + 7) / 8)
        #expect(section >= codes && section <= codes + 2 * frames + 9)
    }

    /// The bits of docs/format.md by hand: three-bit codes 0, 1, 2 … 7, 0, 1, the lowest bits first.
    @Test func codesLieSideBySide() throws {
        let pool = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1].map { Float($0) - 3.5 }
        let bytes = Self.fold(.int3, pool: pool, quanta: [1], pageSize: 10).encoded()
        let start = FoldFormat.headerSize + FoldFormat.sectionEntrySize
        let section = Array(bytes[(start + 63) / 64 * 64..<bytes.count])
        #expect(section[..<4] == [0b1000_1000, 0b1100_0110, 0b1111_1010, 0b0000_1000])
        // One as float16, then eight zeros.
        #expect(Array(section[4...]) == [0x00, 0x3C] + [UInt8](repeating: 0, count: 8))
    }

    /// A whole fold, pages, patches and tails: what is read is what was rounded, and is written as the same bytes.
    @Test(arguments: NumberFormat.allCases, NumberFormat.allCases)
    func foldsOfAllFormatsAreReadBack(pool: NumberFormat, exclusive: NumberFormat) throws {
        let first = Int(pool.rawValue + exclusive.rawValue)
        let tails = [0, 1].map { NumberFormat.ofVectors[(first + $0) % 3] }
        let fold = try SmallFold.make(
            formats: WeightFormats(pool: pool, exclusivePages: exclusive), tails: tails)
        let bytes = fold.encoded()
        let read = try SmallFold.aligned(bytes) { try FoldReader($0).fold() }
        #expect(read.encoded() == bytes)
        #expect(read.formats == fold.formats)
        for (network, original) in zip(read.networks, fold.networks) {
            let vectors = original.tailFormat
            #expect(network.tailFormat == vectors)
            #expect(network.tail == original.tail.map { Float(Self.nearest($0, as: vectors)) })
            #expect(
                network.patches?.values
                    == original.patches?.values.map { Float(Self.nearest($0, as: vectors)) })
            #expect(network.pageTable == original.pageTable)
        }
        // The interpreter finds the same numbers one by one.
        try SmallFold.aligned(bytes) { raw in
            let reader = try FoldReader(raw)
            for (view, network) in zip(reader.networks, read.networks) {
                let flat = read.weights(of: network)
                var paged = [Float](repeating: .nan, count: network.program.pagedCount)
                view.weights.copyPaged(to: &paged)
                #expect(paged == Array(flat[..<paged.count]))
            }
        }
    }

    @Test(arguments: [(40, 9), (40, 255), (41, 9), (41, 255)] as [(Int, UInt8)])
    func unknownFormatsAreRefused(byte: Int, code: UInt8) throws {
        var bytes = try SmallFold.make(formats: WeightFormats(pool: .int4)).encoded()
        bytes[byte] = code
        let error = #expect(throws: FoldError.self) {
            _ = try SmallFold.aligned(SmallFold.repaired(bytes)) { try FoldReader($0) }
        }
        #expect(error?.part == "header")
        #expect(error?.problem.contains("formats") == true)
    }

    /// The entries of tails and patches have codes of their own: 0, 1, 2. No other section has one.
    @Test(
        arguments: [
            (FoldSection.tail, 3, "numbers of format 3"), (.tail, 255, "numbers of format 255"),
            (.tail, 1, "weights are due"), (.patches, 2, "float8 beside a tail of float32"),
            (.program, 1, "numbers of format 1"), (.text, 2, "numbers of format 2"),
        ] as [(FoldSection, UInt8, String)])
    func unknownFormatsOfTailsAreRefused(kind: FoldSection, code: UInt8, problem: String) throws {
        var bytes = try SmallFold.make().encoded()
        bytes[try #require(SmallFold.entry(of: kind, network: 0, in: bytes)) + 1] = code
        let error = #expect(throws: FoldError.self) {
            _ = try SmallFold.aligned(SmallFold.repaired(bytes)) { try FoldReader($0) }
        }
        #expect(error?.part == kind.name && error?.network == 0)
        #expect(error?.problem.contains(problem) == true)
    }

    /// Each format under the name of each other: lengths differ, or all numbers must still be finite.
    @Test(arguments: NumberFormat.allCases)
    func aForgedFormatIsRefusedOrRead(format: NumberFormat) throws {
        let bytes = try SmallFold.make(
            formats: WeightFormats(pool: format), tails: [.float16, .float16]
        ).encoded()
        for other in NumberFormat.allCases {
            var forged = bytes
            forged[40] = other.rawValue
            SmallFold.aligned(SmallFold.repaired(forged)) { raw in
                guard let reader = try? FoldReader(raw) else { return }
                let most = other.kind == .float ? other.largest : .greatestFiniteMagnitude
                let areNumbers = reader.pool.values.allSatisfy { $0.magnitude <= most }
                #expect(areNumbers)
            }
        }
    }

    /// Half-way between two numbers the even code wins; beyond the largest there is the largest; NaN is refused.
    @Test func theEdgesOfFloat8() throws {
        let numbers: [(Float, Float)] = [
            (1.0625, 1), (1.1875, 1.25), (-1.0625, -1), (448, 448), (464, 448), (1e30, 448), (-1e30, -448),
            (0x1p-9, 0x1p-9), (0x1p-10, 0), (0x1.8p-9, 0x1p-8), (0x1.Fp-7, 0x1p-6), (0x1p-6, 0x1p-6), (0, 0),
        ]
        let pool = numbers.map(\.0)
        let bytes = Self.fold(.float8, pool: pool, quanta: [], pageSize: pool.count).encoded()
        #expect(try SmallFold.aligned(bytes) { try FoldReader($0).fold() }.pool == numbers.map(\.1))
        for vectors in [false, true] {
            var fold = try SmallFold.make(
                formats: WeightFormats(pool: .float8), tails: [.float8, .float8])
            if vectors { fold.networks[0].tail[3] = .nan } else { fold.pool[3] = -.nan }
            let error = #expect(throws: FoldError.self) {
                _ = try SmallFold.aligned(fold.encoded()) { try FoldReader($0) }
            }
            #expect(error?.problem == "weight 3 is not finite")
        }
    }

    /// A page of one weight is not rounded up to two.
    @Test(arguments: NumberFormat.allCases, [1, 2, 3])
    func pagesOfOneWeight(format: NumberFormat, count: Int) throws {
        var fold = try SmallFold.make(formats: WeightFormats(exclusivePages: format))
        fold.pageSize = 1
        fold.networks = []
        let section = format.encoded(
            [Float](repeating: 1, count: count), quanta: [Float](repeating: 2, count: count), pageSize: 1)
        #expect(format.byteCount(frames: count, pageSize: 1) == section.count)
        #expect(format.byteCount(frames: count + 1, pageSize: 1) != section.count)
    }

    @Test(arguments: [UInt16(0x7C00), 0xFC01, 0x7E00, 0x8001])
    func stepsThatAreNoneAreRefused(bits: UInt16) throws {
        var fold = try SmallFold.make(formats: WeightFormats(pool: .int2))
        fold.quanta[2] = Float(Float16(bitPattern: bits))
        let error = #expect(throws: FoldError.self) {
            _ = try SmallFold.aligned(fold.encoded()) { try FoldReader($0) }
        }
        #expect(error?.part == "pool")
    }
}
