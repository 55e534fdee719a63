// What narrow frames hold: codes, bytes and values against the plain definition in docs/format.md.

@testable import PagefoldCore
import PagefoldTestCases
import Testing

@Suite struct FrameFormatTests {
    /// All numbers that a frame of a format can hold, in double precision.
    static func numbers(_ format: FrameFormat, quantum: Double) -> [Double] {
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
        default: (0..<1 << format.bits).map { (Double($0) - Double(1 << format.bits - 1) / 2) * quantum }
        }
    }

    /// The number of a format without a quantum that is nearest.
    static func nearest(_ value: Float, as format: FrameFormat) -> Float {
        guard format != .float32 else { return value }
        return Float(numbers(format, quantum: 1).min { abs($0 - Double(value)) < abs($1 - Double(value)) }!)
    }

    static func fold(
        _ format: FrameFormat, pool: [Float], quanta: [Float], pageSize: Int
    ) -> Fold {
        Fold(
            pageSize: pageSize, pool: pool, quanta: format.hasQuantum ? quanta : [], networks: [],
            formats: WeightFormats(pool: format))
    }

    /// Written and read again, each weight is the nearest number that its frame can hold.
    @Test(arguments: FrameFormat.allCases, [1, 7, 10, 64, 100])
    func weightsBecomeTheNearestNumbers(format: FrameFormat, pageSize: Int) throws {
        let frames = 5
        let pool = randomNumbers(frames * pageSize, seed: 4, scale: 2)
        let quanta: [Float] = [0.25, 1, 0.0078125, 0, 3]
        let bytes = Self.fold(format, pool: pool, quanta: quanta, pageSize: pageSize).encoded()
        let read = try SmallFold.aligned(bytes) { try FoldReader($0).fold() }
        for (index, value) in read.pool.enumerated() {
            let quantum = Double(format.hasQuantum ? quanta[index / pageSize] : 1)
            guard format != .float32 else {
                #expect(value == pool[index])
                continue
            }
            let nearest = Self.numbers(format, quantum: quantum).map { abs($0 - Double(pool[index])) }.min()!
            #expect(abs(abs(Double(value) - Double(pool[index])) - nearest) <= 1e-9)
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
    @Test(arguments: FrameFormat.allCases, FrameFormat.allCases)
    func foldsOfAllFormatsAreReadBack(pool: FrameFormat, exclusive: FrameFormat) throws {
        let vectors = VectorFormat.allCases[Int(pool.rawValue + exclusive.rawValue) % 3]
        let fold = try SmallFold.make(
            formats: WeightFormats(pool: pool, exclusivePages: exclusive, vectors: vectors))
        let bytes = fold.encoded()
        let read = try SmallFold.aligned(bytes) { try FoldReader($0).fold() }
        #expect(read.encoded() == bytes)
        #expect(read.formats == fold.formats)
        for (network, original) in zip(read.networks, fold.networks) {
            #expect(network.tail == original.tail.map { Self.nearest($0, as: vectors.frameFormat) })
            #expect(
                network.patches?.values
                    == original.patches?.values.map { Self.nearest($0, as: vectors.frameFormat) })
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

    @Test(arguments: [(40, "formats"), (41, "formats"), (42, "formats")])
    func unknownFormatsAreRefused(byte: Int, told: String) throws {
        var bytes = try SmallFold.make(formats: WeightFormats(pool: .int4)).encoded()
        bytes[byte] = 99
        let error = #expect(throws: FoldError.self) {
            _ = try SmallFold.aligned(SmallFold.repaired(bytes)) { try FoldReader($0) }
        }
        #expect(error?.part == "header")
        #expect(error?.problem.contains(told) == true)
    }

    /// Each format under the name of each other: lengths differ, or all numbers must still be finite.
    @Test(arguments: FrameFormat.allCases)
    func aForgedFormatIsRefusedOrRead(format: FrameFormat) throws {
        let bytes = try SmallFold.make(formats: WeightFormats(pool: format, vectors: .float16)).encoded()
        for other in FrameFormat.allCases {
            var forged = bytes
            forged[40] = other.rawValue
            SmallFold.aligned(SmallFold.repaired(forged)) { raw in
                guard let reader = try? FoldReader(raw) else { return }
                let isFinite = reader.pool.values.allSatisfy(\.isFinite)
                #expect(isFinite)
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
            var fold = try SmallFold.make(formats: WeightFormats(pool: .float8, vectors: .float8))
            if vectors { fold.networks[0].tail[3] = .nan } else { fold.pool[3] = -.nan }
            let error = #expect(throws: FoldError.self) {
                _ = try SmallFold.aligned(fold.encoded()) { try FoldReader($0) }
            }
            #expect(error?.problem == "weight 3 is not finite")
        }
    }

    /// A page of one weight is not rounded up to two.
    @Test(arguments: FrameFormat.allCases, [1, 2, 3])
    func pagesOfOneWeight(format: FrameFormat, count: Int) throws {
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
