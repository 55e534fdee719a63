// Layers whose forms the node tests do not have: several maps at a time, wide windows, many sequences, computed places.

import Foundation
import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct ONNXLayerTests {
    /// A convolution by its definition, in double precision: x [n][c][h][w], weight [o][c / groups][kh][kw].
    private static func convolution(
        _ x: [Double], _ sizes: [Int], _ weight: [Double], _ kernel: [Int], pads: [Int], strides: [Int],
        dilations: [Int],
        groups: Int = 1
    ) -> [Double] {
        let (n, c, h, w) = (sizes[0], sizes[1], sizes[2], sizes[3])
        let (o, share, kh, kw) = (kernel[0], kernel[1], kernel[2], kernel[3])
        let rows = (h + pads[0] + pads[2] - (kh - 1) * dilations[0] - 1) / strides[0] + 1
        let columns = (w + pads[1] + pads[3] - (kw - 1) * dilations[1] - 1) / strides[1] + 1
        var result: [Double] = []
        for sample in 0..<n {
            for out in 0..<o {
                let first = out / (o / groups) * share
                for i in 0..<rows {
                    for j in 0..<columns {
                        var sum = 0.0
                        for channel in 0..<share {
                            for k in 0..<kh {
                                for l in 0..<kw {
                                    let (y, z) = (
                                        i * strides[0] + k * dilations[0] - pads[0],
                                        j * strides[1] + l * dilations[1] - pads[1]
                                    )
                                    guard (0..<h).contains(y), (0..<w).contains(z) else { continue }
                                    sum +=
                                        x[((sample * c + first + channel) * h + y) * w + z]
                                        * weight[((out * share + channel) * kh + k) * kw + l]
                                }
                            }
                        }
                        result.append(sum)
                    }
                }
            }
        }
        return result
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var sizes: [Int]
        var kernel: [Int]
        var pads = [0, 0, 0, 0]
        var strides = [1, 1]
        var dilations = [1, 1]
        var groups = 1
        var testDescription: String { "\(sizes) \(kernel) \(pads) \(strides) \(dilations) \(groups)" }
    }

    @Test(arguments: [
        // Several maps.
        Case(sizes: [3, 2, 5, 4], kernel: [4, 2, 3, 3], pads: [1, 0, 1, 2], strides: [2, 1]),
        Case(sizes: [4, 2, 6, 5], kernel: [2, 1, 2, 3], strides: [3, 2], groups: 2),
        Case(sizes: [2, 1, 7, 7], kernel: [1, 1, 3, 2], pads: [2, 1, 0, 0], dilations: [2, 3]),
        Case(sizes: [5, 3, 1, 6], kernel: [2, 3, 1, 1]),
        // Wide windows and strides.
        Case(sizes: [1, 2, 1, 700], kernel: [2, 2, 1, 300], pads: [0, 7, 0, 5], strides: [1, 3]),
        Case(sizes: [1, 2, 1, 900], kernel: [2, 2, 1, 300], strides: [1, 300]),
        Case(sizes: [1, 1, 1, 900], kernel: [3, 1, 1, 257], strides: [1, 1]),
        Case(
            sizes: [1, 2, 600, 2], kernel: [2, 1, 270, 2], pads: [3, 0, 0, 1], strides: [260, 1], groups: 2),
        Case(sizes: [1, 1, 1, 900], kernel: [1, 1, 1, 260], strides: [1, 2], dilations: [1, 3]),
        Case(sizes: [1, 1, 1, 1000], kernel: [1, 1, 1, 3], strides: [1, 400]),
        // Both.
        Case(sizes: [2, 1, 3, 600], kernel: [2, 1, 2, 256], pads: [1, 0, 0, 0], strides: [1, 4]),
    ])
    func convolutionsAreWhatTheySay(_ test: Case) throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", test.sizes)
        builder.weight("w", test.kernel)
        let weight = builder.graph.initializer[0].floatData.map { Double($0) }
        builder.node(
            "Conv", ["x", "w"], ["y"],
            [
                "pads": .ints(test.pads.map { Int64($0) }), "strides": .ints(test.strides.map { Int64($0) }),
                "dilations": .ints(test.dilations.map { Int64($0) }), "group": .int(Int64(test.groups)),
            ])
        builder.output("y")
        let x = ONNXBuilder.numbers(test.sizes.reduce(1, *), seed: 5)
        let due = Self.convolution(
            x, test.sizes, weight, test.kernel, pads: test.pads, strides: test.strides,
            dilations: test.dilations,
            groups: test.groups)
        #expect(try misfit(builder.answers(x)[0], due, relative: 1e-4, absolute: 1e-4) == nil)
    }

    /// Pools by their definition along one axis, padding left out or counted.
    private static func pooled(
        _ x: [Double], window: Int, stride: Int, dilation: Int, before: Int, after: Int, isMaximum: Bool,
        counts: Bool
    ) -> [Double] {
        let count = (x.count + before + after - (window - 1) * dilation - 1) / stride + 1
        return (0..<count).map { place in
            let places = (0..<window).map { place * stride + $0 * dilation - before }
            let inside = places.filter { x.indices.contains($0) }.map { x[$0] }
            return isMaximum
                ? inside.max() ?? 0 : inside.reduce(0, +) / Double(counts ? window : inside.count)
        }
    }

    @Test(arguments: [
        (5, 1, 2, 0, 0), (3, 2, 3, 2, 1), (300, 7, 1, 9, 20), (7, 300, 1, 0, 0), (1, 1, 9, 0, 0),
        (64, 3, 5, 10, 0),
    ])
    func poolsAreWhatTheySay(_ window: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ after: Int)
        throws
    {
        let x = ONNXBuilder.numbers(700, seed: 8)
        for (operation, counts) in [("MaxPool", false), ("AveragePool", false), ("AveragePool", true)] {
            var builder = ONNXBuilder(opset: 19)
            builder.input("x", [1, 1, 700])
            builder.node(
                operation, ["x"], ["y"],
                [
                    "kernel_shape": .ints([Int64(window)]), "strides": .ints([Int64(stride)]),
                    "dilations": .ints([Int64(dilation)]), "pads": .ints([Int64(before), Int64(after)]),
                    "count_include_pad": .int(counts ? 1 : 0),
                ])
            builder.output("y")
            let due = Self.pooled(
                x, window: window, stride: stride, dilation: dilation, before: before, after: after,
                isMaximum: operation == "MaxPool", counts: counts)
            #expect(
                try misfit(builder.answers(x)[0], due, relative: 1e-4, absolute: 1e-5) == nil, "\(operation)")
        }
    }

    @Test func poolsOverSeveralMaps() throws {
        for sizes in [[3, 2, 4], [3, 2, 4, 4]] {
            var (many, one) = (ONNXBuilder(opset: 13), ONNXBuilder(opset: 13))
            let window = ONNXBuilder.Attribute.ints(sizes.dropFirst(2).map { _ in 2 })
            many.input("x", sizes)
            one.input("x", [1] + sizes.dropFirst())
            many.node("AveragePool", ["x"], ["y"], ["kernel_shape": window])
            one.node("AveragePool", ["x"], ["y"], ["kernel_shape": window])
            many.output("y")
            one.output("y")
            let x = ONNXBuilder.numbers(sizes.reduce(1, *), seed: 2)
            let each = x.count / 3
            let due = try (0..<3).flatMap { try one.answers(Array(x[$0 * each..<($0 + 1) * each]))[0] }
            #expect(try misfit(many.answers(x)[0], due, relative: 1e-5) == nil)
        }
    }

    // MARK: Many sequences

    /// Written out over few moments, many sequences give what each gives alone.
    @Test(arguments: [("LSTM", 4, 0), ("GRU", 3, 0), ("GRU", 3, 1), ("RNN", 1, 0)])
    func sequencesSideBySide(_ operation: String, _ gates: Int, _ linear: Int64) throws {
        func model(_ sequences: Int) -> ONNXBuilder {
            var builder = ONNXBuilder(opset: 14)
            builder.input("x", [2, sequences, 3])
            builder.input("h", [2, sequences, 4])
            builder.weight("w", [2, gates * 4, 3])
            builder.weight("r", [2, gates * 4, 4])
            builder.weight("b", [2, gates * 8])
            var attributes: [String: ONNXBuilder.Attribute] = ["direction": .text("bidirectional")]
            if operation == "GRU" { attributes["linear_before_reset"] = .int(linear) }
            let outputs = operation == "LSTM" ? ["y", "n", "c"] : ["y", "n"]
            builder.node(operation, ["x", "w", "r", "b", "", "h"], outputs, attributes)
            for output in outputs { builder.output(output) }
            return builder
        }
        let count = 5
        let (x, h) = (
            ONNXBuilder.numbers(2 * count * 3, seed: 4), ONNXBuilder.numbers(2 * count * 4, seed: 6)
        )
        let together = try model(count).answers(x, h)
        let single = try PortRun(try model(1).network())
        for sequence in 0..<count {
            func part(_ all: [Double], _ length: Int) -> [Double] {
                (0..<2).flatMap { (direction: Int) -> [Double] in
                    let start = (direction * count + sequence) * length
                    return Array(all[start..<start + length])
                }
            }
            let alone = single([part(x, 3), part(h, 4)])
            // y is [moments][directions][sequences][units], the others [directions][sequences][units].
            let y = (0..<4).flatMap { (row: Int) -> [Double] in
                let start = (row * count + sequence) * 4
                return Array(together[0][start..<start + 4])
            }
            #expect(misfit(y, alone[0], relative: 1e-4, absolute: 1e-5) == nil)
            for index in 1..<together.count {
                #expect(misfit(part(together[index], 4), alone[index], relative: 1e-4, absolute: 1e-5) == nil)
            }
        }
    }

    // MARK: Computed places

    @Test func placesThatAreComputedAreLookedUp() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", [1, 4, 3])
        builder.node("ArgMax", ["x"], ["top"], ["axis": .int(1)])
        builder.constant("minus", [], [-1], type: .int64)
        builder.node("Add", ["top", "minus"], ["before"])
        builder.node("GatherElements", ["x", "top"], ["a"], ["axis": .int(1)])
        builder.node("GatherElements", ["x", "before"], ["b"], ["axis": .int(1)])
        builder.constant("flat", [1], [-1], type: .int64)
        builder.node("Reshape", ["top", "flat"], ["list"])
        builder.node("Gather", ["x", "list"], ["c"], ["axis": .int(1)])
        builder.output("a", "b", "c")
        let x: [Double] = [1, 9, 2, 4, 5, 6, 7, 8, 3, 0, 1, 2]
        let answers = try builder.answers(x)
        #expect(answers[0] == [7, 9, 6])
        // One before the first counts from the end.
        #expect(answers[1] == [4, 1, 2])
        #expect(answers[2] == [7, 8, 3, 1, 9, 2, 4, 5, 6])
    }

    // MARK: Others

    @Test func theLastOfEqualOnes() throws {
        for (operation, due) in [("ArgMax", [2.0, 1]), ("ArgMin", [0, 2])] {
            var builder = ONNXBuilder(opset: 13)
            builder.input("x", [1, 2, 3])
            builder.node(operation, ["x"], ["y"], ["axis": .int(2), "select_last_index": .int(1)])
            builder.output("y")
            #expect(try builder.answers([1, 5, 5, 3, 3, 2]) == [due])
        }
    }

    @Test func bothFactorsAreRepeated() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("a", [3, 1, 2, 2])
        builder.input("b", [1, 2, 2, 1])
        builder.node("MatMul", ["a", "b"], ["y"])
        builder.output("y")
        let answer = try builder.answers([1, 0, 0, 1, 2, 0, 0, 2, 0, 1, 1, 0], [5, 6, 7, 8])
        #expect(answer == [[5, 6, 7, 8, 10, 12, 14, 16, 6, 5, 8, 7]])
    }

    /// One axis after the other, and three together.
    @Test func volumes() throws {
        var builder = ONNXBuilder(opset: 13)
        builder.input("x", [1, 2, 5, 4, 3])
        builder.weight("w", [3, 2, 2, 3, 2])
        builder.weight("c", [3])
        builder.node(
            "Conv", ["x", "w", "c"], ["y"],
            ["pads": .ints([1, 0, 1, 0, 1, 0]), "strides": .ints([2, 1, 1])])
        builder.node("MaxPool", ["x"], ["m"], ["kernel_shape": .ints([2, 1, 3])])
        builder.output("y", "m")
        let x = ONNXBuilder.numbers(120, seed: 9)
        let (weight, bias) = (builder.graph.initializer[0].floatData, builder.graph.initializer[1].floatData)
        var due: [Double] = []
        for out in 0..<3 {
            for t in 0..<3 {
                for i in 0..<3 {
                    for j in 0..<3 {
                        var sum = Double(bias[out])
                        for c in 0..<2 {
                            for k in 0..<12 {
                                let (a, b, d) = (k / 6, k / 2 % 3, k % 2)
                                let (z, y, u) = (t * 2 + a - 1, i + b, j + d - 1)
                                guard (0..<5).contains(z), (0..<4).contains(y), (0..<3).contains(u) else {
                                    continue
                                }
                                sum +=
                                    x[((c * 5 + z) * 4 + y) * 3 + u] * Double(weight[(out * 2 + c) * 12 + k])
                            }
                        }
                        due.append(sum)
                    }
                }
            }
        }
        let answers = try builder.answers(x)
        #expect(misfit(answers[0], due, relative: 1e-4, absolute: 1e-5) == nil)
        var largest: [Double] = []
        for c in 0..<2 {
            for z in 0..<4 {
                for y in 0..<4 {
                    let places = (0..<6).map { ((c * 5 + z + $0 / 3) * 4 + y) * 3 + $0 % 3 }
                    largest.append(places.map { x[$0] }.max() ?? 0)
                }
            }
        }
        #expect(misfit(answers[1], largest, relative: 1e-6) == nil)
    }

    @Test func packedWeights() throws {
        var builder = ONNXBuilder(opset: 17)
        builder.domains["com.microsoft"] = 1
        builder.input("x", [1, 16])
        let bytes = (0..<16).map { Double(($0 * 37 + 11) % 256) }
        builder.constant("w", [2, 1, 8], bytes, type: .uint8)
        builder.constant("s", [2], [0.5, 0.25])
        builder.node(
            "MatMulNBits", ["x", "w", "s"], ["y"],
            ["K": .int(16), "N": .int(2), "bits": .int(4), "block_size": .int(16)], domain: "com.microsoft")
        builder.output("y")
        let x = ONNXBuilder.numbers(16, seed: 1)
        let due = (0..<2).map { row in
            (0..<16).reduce(0.0) { sum, column in
                let byte = Int(bytes[row * 8 + column / 2])
                let number = Double(column % 2 == 0 ? byte & 15 : byte >> 4) - 8
                return sum + number * [0.5, 0.25][row] * x[column]
            }
        }
        #expect(try misfit(builder.answers(x)[0], due, relative: 1e-4) == nil)
        builder.graph.node[0].attribute[0].i = 1 << 40
        #expect(throws: InputError.self) { try builder.network() }
    }
}
