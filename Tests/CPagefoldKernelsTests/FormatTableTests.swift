// The table of number formats in Swift against that in C: every fact, every code, and what rounding makes of numbers.

import CPagefoldKernels
import PagefoldCore
import PagefoldTestCases
import Testing

extension NumberFormat {
    /// Quanta to try: powers of two, others, the smallest and the largest float16.
    fileprivate var quanta: [Float] { hasQuantum ? [1, 0.25, Float(Float16(0.1)), 3, 0x1p-24, 65_504] : [1] }

    /// Every code, then codes in another order, so that vectors begin and end in all places.
    fileprivate var codes: [UInt32] {
        let all = UInt32(1) << UInt32(bits)
        return Array(0..<all) + (0..<519).map { (($0 &* 0x9E37_79B1) >> 16) & (all - 1) }
    }
}

@Suite struct FormatTableTests {
    @Test(arguments: NumberFormat.allCases) func theTablesAgree(format: NumberFormat) throws {
        let row = try #require(pf_traits_of(Int32(format.rawValue))).pointee
        let kind =
            switch format.kind {
            case .float: PF_KIND_FLOAT
            case .fixed: PF_KIND_FIXED
            case .whole: PF_KIND_WHOLE
            }
        #expect(String(cString: row.name) == "\(format)")
        #expect(row.kind == kind)
        #expect(Int(row.bits) == format.bits)
        #expect(Int(row.fraction) == format.traits.fraction)
        #expect(row.largest == format.largest)
        #expect(row.smallest_normal == format.traits.smallestNormal)
    }

    @Test(arguments: [-1, 9, 10, 255, Int32.min, .max]) func neitherTableHasMoreRows(number: Int32) {
        #expect(pf_traits_of(number) == nil)
        #expect(UInt8(exactly: number).flatMap(NumberFormat.init(rawValue:)) == nil)
    }

    /// All codes of a format side by side, as frames and as tails have them.
    @Test(arguments: NumberFormat.allCases.filter { $0.bits <= 16 })
    func everyCodeMeansTheSame(format: NumberFormat) {
        let codes = format.codes
        var bytes = [UInt8](repeating: 0, count: codes.count * format.bits / 8 + 9)
        for (index, code) in codes.enumerated() {
            for bit in 0..<format.bits where code >> UInt32(bit) & 1 == 1 {
                bytes[(index * format.bits + bit) / 8] |= 1 << UInt8((index * format.bits + bit) % 8)
            }
        }
        for quantum in format.quanta {
            let expected = codes.map { format.decode($0, quantum: quantum) }
            // Many go through vectors; three at once are too few for that.
            for (set, atOnce) in instructionSets.flatMap({ [($0, codes.count), ($0, 3)] }) {
                for isTail in format.hasQuantum ? [false] : [false, true] {
                    let found = with(set) {
                        gathered(bytes, format, quantum, codes.count, atOnce: atOnce, isTail: isTail)
                    }
                    expectSame(found, expected, of: codes)
                }
            }
        }
    }

    private func gathered(
        _ bytes: [UInt8], _ format: NumberFormat, _ quantum: Float, _ count: Int, atOnce: Int, isTail: Bool
    ) -> [Float] {
        let table = [UInt8](repeating: 0, count: 4)
        let quanta = [Float16(quantum)]
        let number = Int32(format.rawValue)
        return bytes.withUnsafeBytes { codes in
            table.withUnsafeBytes { table in
                quanta.withUnsafeBytes { quanta in
                    let frames = pf_frames(
                        codes: codes.baseAddress, quanta: quanta.baseAddress, stride: 0, format: number)
                    var weights = pf_paged_weights(
                        pool: frames, exclusive: frames, tail: codes.baseAddress, table: table.baseAddress,
                        patch_indices: nil, patch_values: nil, paged: isTail ? 0 : Int64(count),
                        page_size: Int32(count), frames: 1, entry_bits: 1, patch_count: 0, patch_size: 1,
                        patch_bytes: 2, vector_format: number)
                    return [Float](unsafeUninitializedCapacity: count) { target, filled in
                        for start in stride(from: 0, to: count, by: atOnce) {
                            let many = Int64(min(atOnce, count - start))
                            pf_gather_weights(&weights, Int64(start), many, target.baseAddress! + start)
                        }
                        filled = count
                    }
                }
            }
        }
    }

    /// Training sees what is written and read. The kernels have no negative zero, which is of no consequence.
    @Test(arguments: NumberFormat.allCases)
    func roundingIsEncodingAndDecoding(format: NumberFormat) {
        for quantum in format.quanta + (format.hasQuantum ? [0] : []) {
            let numbers = Self.numbers(around: format, quantum: quantum)
            let zero: Float = format == .float32 ? -0.0 : 0  // What leaves -0 as it is, and what does not.
            let expected = numbers.map {
                format.decode(format.encode($0, quantum: quantum), quantum: quantum) + zero
            }
            for set in instructionSets {
                var rounded = [Float](repeating: .nan, count: numbers.count)
                with(set) {
                    pf_round_weights(numbers.count, numbers, Int32(format.rawValue), quantum, &rounded)
                }
                expectSame(rounded.map { $0 + zero }, expected, of: numbers)
            }
            // Two's complement has one number more below zero.
            let most = format.kind == .fixed ? 128 : format.largest * quantum
            #expect(format == .float32 || expected.allSatisfy { $0.magnitude <= most })
        }
    }

    /// Numbers that a format holds, those half-way between two, their neighbours, the ends of float32, and random ones.
    private static func numbers(around format: NumberFormat, quantum: Float) -> [Float] {
        var result: [Float] = [0, -0.0, .infinity, -.infinity]
        let held = format.bits > 16 ? [] : format.codes.map { format.decode($0, quantum: quantum) }.sorted()
        let edges: [Float] = [
            format.largest * quantum, format.traits.smallestNormal * quantum, .leastNonzeroMagnitude,
            .leastNormalMagnitude, .greatestFiniteMagnitude, 1e9, 1e-6, 3e-5, 6.2e-5, 70_000,
        ]
        let halfWay = zip(held, held.dropFirst()).map { $0 / 2 + $1 / 2 }
        for value in held + halfWay + edges {
            result += [value, value.nextUp, value.nextDown, -value]
        }
        result += randomNumbers(3_000, seed: 4, scale: format.largest < 1e5 ? format.largest * quantum : 1)
        result += randomNumbers(3_000, seed: 5)
        // Of all magnitudes.
        result += (0..<10_000 as Range<UInt32>).map { Float(bitPattern: $0 &* 0x9E37_79B1) }
        return result.filter { !$0.isNaN }
    }

    private func expectSame<Origin>(_ found: [Float], _ expected: [Float], of origin: [Origin]) {
        #expect(found.count == expected.count)
        let place = found.indices.first { found[$0].bitPattern != expected[$0].bitPattern }
        #expect(place == nil, "\(place.map { "\(origin[$0]): \(found[$0]), not \(expected[$0])" } ?? "")")
    }
}
