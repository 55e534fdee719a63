// What a translation computes is what its constants say: the same operations on constants and on inputs give the same
// numbers. Constants are evaluated by loops over arrays, inputs by a network that keeps transposes as layouts.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldGraph
import Testing

@testable import PagefoldImport

@Suite struct TranslationTests {
    /// A chain of operations on one array and some constants, by a seed.
    struct Chain {
        var random: RandomSource
        var translation: Translation
        var value: TranslatedValue

        init(seed: UInt64, sizes: [Int], isConstant: Bool) throws {
            random = RandomSource(seed: seed)
            translation = Translation(name: "chain")
            value =
                isConstant
                ? .constant(TranslationTests.array(sizes, seed: seed))
                : try translation.input(NetworkPort(name: "x"), sizes: sizes)
        }

        private mutating func below(_ limit: Int) -> Int {
            min(Int(random.uniform() * Float(limit)), limit - 1)
        }

        private mutating func constant(_ sizes: [Int]) -> TranslatedValue {
            .constant(TranslationTests.array(sizes, seed: UInt64(below(1 << 20))))
        }

        mutating func step() throws {
            let sizes = value.sizes
            let axis = sizes.isEmpty ? 0 : below(sizes.count)
            switch sizes.isEmpty ? 9 : below(14) {
            case 0, 1:
                var axes = Array(sizes.indices)
                for i in axes.indices.dropLast() { axes.swapAt(i, i + below(axes.count - i)) }
                value = try translation.transpose(value, axes: axes)
            case 2, 3: value = try translation.reshape(value, to: newSizes(sizes.reduce(1, *)))
            case 4:
                guard sizes[axis] > 1 else { return }
                let start = below(sizes[axis])
                let isReversed = below(2) == 0
                let count = 1 + below(isReversed ? start + 1 : sizes[axis] - start)
                value = try translation.slice(
                    value, axis: axis, start: start, count: count, step: isReversed ? -1 : 1)
            case 5:
                let modes: [PaddingMode] = [.constant(2), .edge, .wrap] + (sizes[axis] > 2 ? [.reflect] : [])
                var (before, after) = (sizes.map { _ in 0 }, sizes.map { _ in 0 })
                before[axis] = below(2)
                after[axis] = below(2)
                value = try translation.pad(
                    value, before: before, after: after, mode: modes[below(modes.count)])
            case 6:
                var other = sizes
                other[axis] = 1 + below(3)
                let extra = constant(other)
                let parts = below(2) == 0 ? [value, extra] : [extra, value, value]
                value = try translation.concatenate(parts, axis: axis)
            case 7, 8:
                var other = sizes
                for i in other.indices where below(2) == 0 { other[i] = 1 }
                let functions: [BinaryFunction] = [
                    .add, .subtract, .multiply, .maximum, .minimum, .less, .greaterOrEqual,
                ]
                let function = functions[below(functions.count)]
                let extra = constant(Array(other.drop { $0 == 1 && below(2) == 0 }))
                value =
                    below(2) == 0
                    ? try translation.binary(function, value, extra)
                    : try translation.binary(function, extra, value)
            case 9:
                let functions: [UnaryFunction] = [
                    .relu, .negate, .square, .sigmoid, .clip(low: -0.5, high: 0.5), .absolute,
                ]
                value = try translation.unary(functions[below(functions.count)], value)
            case 10:
                let kinds: [ReductionKind] = [.sum, .mean, .maximum, .minimum, .l2, .argMax]
                let kind = kinds[below(kinds.count)]
                var axes = [axis]
                if kind != .argMax, sizes.count > 2, below(2) == 0 { axes.append((axis + 2) % sizes.count) }
                value = try translation.reduce(kind, value, axes: axes, keepsAxes: below(2) == 0)
            case 11:
                let places = (0..<1 + below(4)).map { _ in Double(below(sizes[axis])) }
                value = try translation.gather(
                    value,
                    indices: .constant(
                        ConstantTensor(elementType: .i64, shape: [places.count], values: places)),
                    axis: axis)
            case 12:
                // Both operands are computed, and lie differently.
                var axes = Array(sizes.indices)
                axes.swapAt(axis, 0)
                let turned = try translation.transpose(value, axes: axes)
                guard let both = Translation.broadcastSizes(turned.sizes, sizes), both.reduce(1, *) < 500
                else { return }
                value = try translation.binary(.add, value, try translation.unary(.square, turned))
            default:
                value = try translation.repeat(value, times: sizes.indices.map { $0 == axis ? 2 : 1 })
            }
            if value.sizes.reduce(1, *) > 300 {
                value = try translation.reduce(.mean, value, axes: [0], keepsAxes: true)
            }
        }

        private mutating func newSizes(_ count: Int) -> [Int] {
            var sizes: [Int] = []
            var rest = count
            while rest > 1 && sizes.count < 4 {
                let divisors = (1...rest).filter { rest % $0 == 0 }
                let size = divisors[below(divisors.count)]
                sizes.append(size)
                rest /= size
            }
            return sizes + (rest > 1 ? [rest] : []) + (below(2) == 0 ? [1] : [])
        }
    }

    static func array(_ sizes: [Int], seed: UInt64) -> ConstantTensor {
        var random = RandomSource(seed: seed)
        return ConstantTensor(
            elementType: .f32, shape: sizes,
            values: (0..<sizes.reduce(1, *)).map { _ in Double(random.uniform(-1, 1)) })
    }

    @Test(arguments: 0..<400) func inputsAndConstantsGiveTheSame(seed: Int) throws {
        let shapes = [
            [1, 3, 4, 5], [1, 4, 4, 2], [6], [1, 7], [2, 3, 2, 2, 3], [1, 5, 6], [1, 1, 8, 1],
        ]
        let sizes = shapes[seed % shapes.count]
        let seed = UInt64(seed)
        var known = try Chain(seed: seed, sizes: sizes, isConstant: true)
        var computed = try Chain(seed: seed, sizes: sizes, isConstant: false)
        for _ in 0..<8 {
            try known.step()
            try computed.step()
            #expect(known.value.sizes == computed.value.sizes)
        }
        let due = try #require(known.value.constant)
        try computed.translation.output(computed.value, NetworkPort(name: "y", meaning: .raw))
        let lowered = try computed.translation.finish().lowered(for: .inference)
        let input = lowered.text.inputs[0].outsideIndices(of: lowered.program.values[0])
        let numbers = Self.array(sizes, seed: seed).values.map { Float($0) }
        let answer = ModelRun(lowered)([input.map { numbers[$0] }])[0]
        let output = lowered.text.outputs[0].outsideIndices(
            of: lowered.program.values[lowered.program.outputs[0].value])
        #expect(output.count == due.values.count)
        for (place, number) in zip(output, answer) {
            #expect(abs(Double(number) - due.values[place]) < 1e-4 * max(1, abs(due.values[place])))
        }
    }
}
