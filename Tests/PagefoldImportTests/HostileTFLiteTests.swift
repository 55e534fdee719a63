// Damaged and hostile TFLite files: whatever is in them, import ends with a network or with one InputError, never with a trap.
// These tests sample; PAGEFOLD_MUTATIONS=1000000 asks for more.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct HostileTFLiteTests {
    /// Import, and lowering where there is something to lower.
    private static func load(_ bytes: [UInt8]) throws(InputError) {
        _ = try TFLiteGoldens.load(bytes).lowered(for: .inference)
    }

    /// One of each family of operators.
    private static let seeds = [
        "conv-dilated", "depthwise-strides", "transposed-odd", "dense-positions", "matmul-adjoint",
        "average_pool_2d-wide", "sum-n1", "strided-slice-ellipsis", "mirror-symmetric", "gather-nd", "shapes",
        "dilation-line", "lstm", "bidirectional-lstm-merged", "svdf-rank", "variables-first", "if",
        "quantised-chain", "four-bits", "sparse-blocks", "file-labels", "file-signatures", "file-detection",
    ]

    @Test(arguments: seeds)
    func everyPrefixIsRefused(_ name: String) throws {
        let whole = TFLiteGoldens.bytes(name)
        #expect(throws: Never.self) { try Self.load(whole) }
        // What tools append, or the last padding, may be missing.
        let due = (try TFLiteModel(whole, file: "m")).buffers.map(\.upperBound).max() ?? 0
        for length in 0..<whole.count {
            do throws(InputError) {
                try Self.load(Array(whole.prefix(length)))
                #expect(length >= due)
            } catch {
                #expect(!error.field.isEmpty && !error.problem.isEmpty && !error.remedy.isEmpty)
            }
        }
    }

    @Test(arguments: seeds)
    func flippedBitsDoNotTrap(_ name: String) {
        let whole = TFLiteGoldens.bytes(name)
        var refused = 0
        for place in whole.indices {
            var bytes = whole
            bytes[place] ^= 1 << UInt8(place & 7)
            do throws(InputError) { try Self.load(bytes) } catch { refused += 1 }
        }
        #expect(refused > 0)
    }

    /// Offsets, lengths, enumerations and references to tables are replaced, one to three at a time.
    @Test func mutationsDoNotTrap() {
        let asked = ProcessInfo.processInfo.environment["PAGEFOLD_MUTATIONS"].flatMap { Int($0) } ?? 10_000
        let names = TFLiteGoldens.names + TFLiteGoldens.files
        var (refused, imported) = (0, 0)
        for index in 0..<asked {
            var mutation = TFLiteMutation(
                TFLiteGoldens.bytes(names[index % names.count]), seed: UInt64(index))
            for _ in 0...index % 3 { mutation.mutate() }
            do throws(InputError) {
                try Self.load(mutation.bytes)
                imported += 1
            } catch {
                #expect(!error.field.isEmpty && !error.problem.isEmpty && !error.remedy.isEmpty)
                refused += 1
            }
        }
        #expect(refused > asked / 10 && imported > asked / 10)
    }

    /// In a file of a few megabytes, a million operators could share one list of a million tensors.
    @Test func sharedListsDoNotGrow() throws {
        let whole = TFLiteGoldens.bytes("add-n")
        let model = try TFLiteModel(whole, file: "m")
        #expect(model.subgraphs[0].operators[0].inputs.count == 3)
        var limit = NumberLimit(1)
        let root = try FlatBuffer(bytes: whole).root()
        #expect(try root.tables(2, &limit).count == 1)
        #expect(throws: FlatBufferDamage.self) { _ = try root.tables(4, &limit).count }
    }
}

/// The smallest files that people have; skipped where ../shared is missing.
@Suite(.enabled(if: !TFLiteGoldens.shared("corpus").isEmpty, "no shared models here"))
struct HostileSharedTFLiteTests {
    private static let files: [String] = {
        let sizes = TFLiteGoldens.shared("corpus").map { path in
            (path, (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0)
        }
        return sizes.sorted { $0.1 < $1.1 }.prefix(20).map(\.0)
    }()

    /// All places of a file where more is asked for, which is for an optimised build: an hour becomes four minutes with
    /// `PAGEFOLD_MUTATIONS=1 swift test -c release -Xswiftc -enable-testing --filter HostileSharedTFLite`. A few otherwise.
    private static func places(_ bytes: [UInt8]) -> StrideTo<Int> {
        let isWhole = ProcessInfo.processInfo.environment["PAGEFOLD_MUTATIONS"] != nil
        return stride(from: 3, to: bytes.count, by: isWhole ? 1 : max(1, bytes.count / 24))
    }

    @Test(arguments: files)
    func damageDoesNotTrap(_ path: String) throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for place in Self.places(whole) {
            var flipped = whole
            flipped[place] ^= 1 << UInt8(place & 7)
            for bytes in [Array(whole.prefix(place)), flipped] {
                do throws(InputError) { _ = try TFLiteGoldens.load(bytes).lowered(for: .inference) } catch {
                    #expect(!error.field.isEmpty && !error.problem.isEmpty && !error.remedy.isEmpty)
                }
            }
        }
    }
}

/// Changes that keep a file a FlatBuffer nearly everywhere.
struct TFLiteMutation {
    private(set) var bytes: [UInt8]
    private var state: UInt64

    init(_ bytes: [UInt8], seed: UInt64) {
        self.bytes = bytes
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678
    }

    private mutating func random(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % max(1, bound)
    }

    private func word(_ place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
    }

    private mutating func put(_ value: UInt32, at place: Int, count: Int) {
        for i in 0..<count where place + i < bytes.count {
            bytes[place + i] = UInt8(value >> UInt32(8 * i) & 255)
        }
    }

    mutating func mutate() {
        guard bytes.count > 16 else { return }
        let place = random((bytes.count - 4) / 4) * 4
        let old = word(place)
        switch random(6) {
        case 0:
            // Lengths and sizes at their limits.
            let values: [UInt32] = [
                0, 1, 2, 3, 4, 0x7F, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, UInt32(bytes.count),
                UInt32(bytes.count - place),
            ]
            put(values[random(values.count)], at: place, count: 4)
        case 1:
            let steps: [UInt32] = [1, 4, 8, UInt32.max, UInt32.max - 3, old]
            put(old &+ steps[random(steps.count)], at: place, count: 4)
        case 2:
            // A reference to what another reference names.
            let other = random((bytes.count - 4) / 4) * 4
            put(UInt32(truncatingIfNeeded: other) &+ word(other) &- UInt32(place), at: place, count: 4)
        case 3:
            // Fields of tables, which are listed in 16 bits.
            let values: [UInt32] = [0, 2, 4, 6, 8, 12, 0xFFFF, old & 0xFFFF &+ 2, old & 0xFFFF &- 2]
            put(values[random(values.count)], at: place + 2 * random(2), count: 2)
        case 4:
            // Enumerations: operators, types, activations.
            put(UInt32(random(210)), at: place + random(4), count: 1)
        default:
            put(UInt32(random(8)), at: place + random(4), count: 1)
        }
    }
}
