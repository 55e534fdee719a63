// What a file is told to be, by its bytes.

import Foundation
import PagefoldCore
import Testing

@testable import PagefoldImport

struct ModelKindTests {
    private static func kind(_ bytes: [UInt8]) -> ModelKind {
        ModelKind(
            head: Array(bytes.prefix(ModelKind.headLength)), tail: Array(bytes.suffix(ModelKind.tailLength)))
    }

    @Test func everyKindHasASample() {
        let told = Set(ModelSamples.all.map(\.kind))
        #expect(Set(ModelKind.allCases).subtracting(told) == [.folder, .savedModelFolder])
    }

    @Test(arguments: ModelSamples.all)
    func isToldByItsBytes(_ sample: ModelSamples.Sample) { #expect(Self.kind(sample.bytes) == sample.kind) }

    /// Ends, whatever is cut off or changed; a cut file never becomes another kind of model with a signature.
    @Test(arguments: ModelSamples.all)
    func damageNeverTraps(_ sample: ModelSamples.Sample) {
        for length in 0...sample.bytes.count {
            let kind = Self.kind(Array(sample.bytes.prefix(length)))
            #expect((kind == .empty) == (length == 0))
        }
        for position in sample.bytes.indices.prefix(1000) {
            for flip: UInt8 in [0x01, 0x10, 0x80, 0xFF] {
                var damaged = sample.bytes
                damaged[position] ^= flip
                #expect(Self.kind(damaged) != .empty)
            }
        }
    }

    @Test func aNumberThatDoesNotEndIsNoMessage() {
        #expect(Self.kind([UInt8](repeating: 0xFF, count: 40)) == .unknown)
        // A field that claims more bytes than 64 bits count.
        #expect(Self.kind([0x08, 8, 0x3A] + [UInt8](repeating: 0xFF, count: 9) + [1]) == .onnx)
    }

    @Test func aTextIsCutWithinACharacter() {
        let text = Array(String(repeating: "ä", count: 4000).utf8)
        #expect(Self.kind([0x20] + text) == .text)
    }

    @Test func sentencesAreWhole() {
        for kind in ModelKind.allCases {
            #expect(kind.name.first?.isLetter == true && kind.name.last != ".")
            #expect(kind.advice.map { !$0.isEmpty && $0.last != "." } ?? true)
        }
        #expect(Set(ModelKind.allCases.map(\.name)).count == ModelKind.allCases.count - 1)
    }
}
