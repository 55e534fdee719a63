// Rounding to what narrow frames hold, against the numbers that PagefoldCore writes and reads.

import CPagefoldKernels
import PagefoldCore
import PagefoldFold
import PagefoldTestCases
import Testing

@Suite struct RoundingTests {
    /// What training sees is what a session will read: large, tiny and ordinary weights, counts that fill no vector.
    @Test(arguments: SingleKernelTests.instructionSets, NumberFormat.allCases)
    func trainingSeesWhatIsStored(set: String, format: NumberFormat) throws {
        #expect(pf_choose_instruction_set(set) == 1)
        defer { pf_choose_instruction_set(nil) }
        for (count, quantum) in [(1, 0.25), (37, 0.0078125), (64, 1), (100, 0)] as [(Int, Float)] {
            var weights = randomNumbers(count, seed: UInt64(count))
            for (place, value) in [1e9, -1e9, 1e-6, -3e-5, 6.2e-5, 70_000, 0].enumerated() where place < count
            {
                weights[count - 1 - place] = Float(value)
            }
            if format == .float32 { weights[0] = 0.1 }
            var rounded = [Float](repeating: .nan, count: count)
            pf_round_weights(count, weights, Int32(format.rawValue), quantum, &rounded)
            let fold = Fold(
                pageSize: count, pool: rounded, quanta: format.hasQuantum ? [quantum] : [], networks: [],
                formats: WeightFormats(pool: format))
            let plain = Fold(
                pageSize: count, pool: weights, quanta: format.hasQuantum ? [quantum] : [], networks: [],
                formats: WeightFormats(pool: format))
            let stored = try Self.read(fold)
            #expect(stored == rounded)
            let written = try Self.read(plain)
            #expect(written == rounded)
        }
    }

    private static func read(_ fold: Fold) throws -> [Float] {
        let bytes = fold.encoded()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        return try FoldReader(UnsafeRawBufferPointer(buffer)).fold().pool
    }
}
