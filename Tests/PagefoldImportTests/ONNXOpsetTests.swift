// What changed between versions of operators: each form gives what its version says. Forms of today are in the node tests.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct ONNXOpsetTests {
    private typealias Build = ONNXBuilder

    private static func floats(_ dims: [Int], _ values: [Double]) -> ONNXTensorProto {
        Build.tensor("", dims, values)
    }
    private static func wholes(_ values: [Double], _ dims: [Int]? = nil) -> ONNXTensorProto {
        Build.tensor("", dims ?? [values.count], values, type: .int64)
    }

    private static let six = floats([2, 3], [1, 2, 3, 4, 5, 6])

    @Test func axesMovedFromAttributesToInputs() throws {
        let wide = Self.floats([1, 2, 1, 3], [1, 2, 3, 4, 5, 6])
        #expect(try onnxResult("Squeeze", opset: 11, [wide], ["axes": .ints([0, -2])])[0].shape == [2, 3])
        #expect(try onnxResult("Squeeze", opset: 13, [wide, Self.wholes([0, -2])])[0].shape == [2, 3])
        #expect(try onnxResult("Squeeze", opset: 13, [wide])[0].shape == [2, 3])
        #expect(
            try onnxResult("Unsqueeze", opset: 11, [Self.six], ["axes": .ints([0, 3])])[0].shape == [
                1, 2, 3, 1,
            ])
        #expect(
            try onnxResult("Unsqueeze", opset: 13, [Self.six, Self.wholes([3, 0])])[0].shape == [1, 2, 3, 1])
        for opset: Int64 in [11, 13] {
            let isOld = opset < 13
            let sum = try onnxResult(
                "ReduceSum", opset: opset, isOld ? [Self.six] : [Self.six, Self.wholes([1])],
                isOld ? ["axes": .ints([1]), "keepdims": .int(0)] : ["keepdims": .int(0)])
            #expect(sum[0].values == [6, 15] && sum[0].shape == [2])
        }
        for opset: Int64 in [13, 18] {
            let isOld = opset < 18
            let top = try onnxResult(
                "ReduceMax", opset: opset, isOld ? [Self.six] : [Self.six, Self.wholes([0])],
                isOld ? ["axes": .ints([0])] : [:])
            #expect(top[0].values == [4, 5, 6] && top[0].shape == [1, 3])
        }
        #expect(
            try onnxResult("ReduceSum", opset: 13, [Self.six], ["noop_with_empty_axes": .int(1)])[0].values
                .count == 6)
        #expect(throws: InputError.self) {
            try onnxResult("Squeeze", opset: 13, [Self.six, Self.wholes([0])])
        }
        #expect(throws: InputError.self) {
            try onnxResult("Unsqueeze", opset: 13, [Self.six, Self.wholes([0, 0])])
        }
        #expect(throws: InputError.self) {
            try onnxResult("ReduceSum", opset: 13, [Self.six, Self.wholes([2])])
        }
    }

    @Test func splitHasFourForms() throws {
        func shapes(
            _ opset: Int64, _ inputs: [ONNXTensorProto?], _ attributes: [String: ONNXBuilder.Attribute]
        ) throws -> [[Int]] {
            try onnxResult("Split", opset: opset, inputs, attributes, outputs: 2).map(\.shape)
        }
        #expect(
            try shapes(11, [Self.six], ["axis": .int(1), "split": .ints([1, 2])]) == [[2, 1], [2, 2]])
        #expect(try shapes(13, [Self.six, Self.wholes([1, 2])], ["axis": .int(-1)]) == [[2, 1], [2, 2]])
        #expect(try shapes(13, [Self.six], [:]) == [[1, 3], [1, 3]])
        #expect(try shapes(18, [Self.six], ["axis": .int(1), "num_outputs": .int(2)]) == [[2, 2], [2, 1]])
        #expect(throws: InputError.self) {
            try shapes(13, [Self.six, Self.wholes([1, 3])], ["axis": .int(1)])
        }
        #expect(throws: InputError.self) {
            try shapes(13, [Self.six, Self.wholes([-1, 3])], ["axis": .int(1)])
        }
    }

    @Test func boundsOfClipsAndPadsMoved() throws {
        let old = try onnxResult("Clip", opset: 6, [Self.six], ["min": .float(2), "max": .float(4)])
        #expect(old[0].values == [2, 2, 3, 4, 4, 4])
        let new = try onnxResult("Clip", opset: 11, [Self.six, nil, Self.floats([], [4])])
        #expect(new[0].values == [1, 2, 3, 4, 4, 4])
        let line = Self.floats([3], [1, 2, 3])
        #expect(
            try onnxResult("Pad", opset: 1, [line], ["paddings": .ints([1, 0])])[0].values == [0, 1, 2, 3])
        #expect(
            try onnxResult("Pad", opset: 2, [line], ["pads": .ints([0, 1]), "value": .float(9)])[0].values
                == [1, 2, 3, 9])
        #expect(
            try onnxResult("Pad", opset: 11, [line, Self.wholes([-1, 1]), Self.floats([], [7])])[0].values
                == [2, 3, 7])
        #expect(
            try onnxResult("Pad", opset: 18, [Self.six, Self.wholes([0, 1]), nil, Self.wholes([-2])])[0]
                .values
                == [1, 2, 3, 4, 5, 6, 0, 0, 0])
        #expect(throws: InputError.self) { try onnxResult("Pad", opset: 11, [line, Self.wholes([1])]) }
        #expect(throws: InputError.self) { try onnxResult("Pad", opset: 11, [line, Self.wholes([-2, -2])]) }
    }

    @Test func slicesHadAttributes() throws {
        let old = try onnxResult(
            "Slice", opset: 9, [Self.six],
            ["starts": .ints([1]), "ends": .ints([1 << 40]), "axes": .ints([1])])
        #expect(old[0].values == [2, 3, 5, 6])
        let back = try onnxResult(
            "Slice", opset: 10,
            [Self.six, Self.wholes([-1]), Self.wholes([-0x1p62]), Self.wholes([1]), Self.wholes([-1])])
        #expect(back[0].values == [3, 2, 1, 6, 5, 4])
        let nothing = try onnxResult(
            "Slice", opset: 10, [Self.six, Self.wholes([3]), Self.wholes([9]), Self.wholes([1])])
        #expect(nothing[0].shape == [2, 0])
        #expect(throws: InputError.self) {
            try onnxResult(
                "Slice", opset: 10,
                [Self.six, Self.wholes([0]), Self.wholes([1]), Self.wholes([1]), Self.wholes([0])])
        }
    }

    /// Before opset 13 all axes from the named one on are classes together.
    @Test func softmaxWasFlattened() throws {
        let x = Self.floats([1, 2, 2], [0, 0, 0, 0])
        #expect(try onnxResult("Softmax", opset: 11, [x])[0].values == [0.25, 0.25, 0.25, 0.25])
        #expect(try onnxResult("Softmax", opset: 13, [x])[0].values == [0.5, 0.5, 0.5, 0.5])
        #expect(
            try onnxResult("Softmax", opset: 11, [x], ["axis": .int(2)])[0].values == [0.5, 0.5, 0.5, 0.5])
        #expect(
            try misfit(
                onnxResult("LogSoftmax", opset: 11, [x])[0].values, [Double](repeating: -1.3862944, count: 4),
                relative: 1e-6) == nil)
        #expect(try onnxResult("Hardmax", opset: 13, [Self.six])[0].values == [0, 0, 1, 0, 0, 1])
    }

    @Test func broadcastingWasAnAttribute() throws {
        let pair = Self.floats([2], [10, 20])
        let along = try onnxResult(
            "Add", opset: 6, [Self.six, pair], ["broadcast": .int(1), "axis": .int(0)])
        #expect(along[0].values == [11, 12, 13, 24, 25, 26])
        let suffix = try onnxResult(
            "Mul", opset: 6, [Self.six, Self.floats([3], [1, 0, 2])], ["broadcast": .int(1)])
        #expect(suffix[0].values == [1, 0, 6, 4, 0, 12])
        let map = Self.floats([1, 2, 1, 2], [-1, -2, -3, 4])
        #expect(
            try onnxResult("PRelu", opset: 6, [map, Self.floats([2], [2, 3])])[0].values == [-2, -4, -9, 4])
    }

    @Test func upsamplesBecameResizes() throws {
        let x = Self.floats([1, 1, 2, 2], [1, 2, 3, 4])
        let doubled: [Double] = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]
        let scales = Self.floats([4], [1, 1, 2, 2])
        #expect(
            try onnxResult("Upsample", opset: 7, [x], ["scales": .floats([1, 1, 2, 2])])[0].values == doubled)
        #expect(try onnxResult("Upsample", opset: 9, [x, scales])[0].values == doubled)
        #expect(try onnxResult("Resize", opset: 10, [x, scales])[0].values == doubled)
        #expect(try onnxResult("Resize", opset: 11, [x, nil, scales])[0].values == doubled)
        #expect(
            try onnxResult("Resize", opset: 13, [x, nil, nil, Self.wholes([1, 1, 4, 4])])[0].values == doubled
        )
        // Opset 10 lays linear places from the first on, opset 11 half a pixel aside.
        let line = Self.floats([1, 1, 1, 2], [0, 4])
        let twice = Self.floats([4], [1, 1, 1, 2])
        #expect(
            try onnxResult("Resize", opset: 10, [line, twice], ["mode": .text("linear")])[0].values == [
                0, 2, 4, 4,
            ])
        #expect(
            try onnxResult("Resize", opset: 11, [line, nil, twice], ["mode": .text("linear")])[0].values == [
                0, 1, 3, 4,
            ])
        #expect(throws: InputError.self) { try onnxResult("Resize", opset: 11, [x]) }
        #expect(throws: InputError.self) {
            try onnxResult("Upsample", opset: 9, [x, Self.floats([4], [1, 1, -2, 1e9])])
        }
    }

    @Test func dropoutIsForTraining() throws {
        for (opset, attributes) in [
            (Int64(6), ["is_test": ONNXBuilder.Attribute.int(1)]), (7, ["ratio": .float(0.5)]), (13, [:]),
        ] {
            #expect(
                try onnxResult("Dropout", opset: opset, [Self.six], attributes)[0].values == [
                    1, 2, 3, 4, 5, 6,
                ])
        }
        let both = try onnxResult("Dropout", opset: 10, [Self.six], outputs: 2)
        #expect(both[1].values == [1, 1, 1, 1, 1, 1] && both[1].elementType == .bool)
        let training = Build.tensor("", [], [1], type: .bool)
        #expect(throws: InputError.self) {
            try onnxResult("Dropout", opset: 13, [Self.six, Self.floats([], [0.5]), training])
        }
    }

    @Test func batchNormalisationIsForInference() throws {
        let x = Self.floats([1, 2, 1, 1], [3, 5])
        func vector(_ values: [Double]) -> ONNXTensorProto { Self.floats([2], values) }
        let operands = [x, vector([2, 1]), vector([1, 0]), vector([1, 1]), vector([4, 16])]
        for (opset, attributes) in [
            (Int64(6), ["is_test": ONNXBuilder.Attribute.int(1)]), (8, ["spatial": .int(1)]), (9, [:]),
            (15, [:]),
        ] {
            let result = try onnxResult("BatchNormalization", opset: opset, operands, attributes)[0].values
            #expect(misfit(result, [3, 1], relative: 1e-4) == nil)
        }
        #expect(throws: InputError.self) {
            try onnxResult("BatchNormalization", opset: 8, operands, ["spatial": .int(0)])
        }
        #expect(throws: InputError.self) {
            try onnxResult("BatchNormalization", opset: 15, operands, ["training_mode": .int(1)])
        }
        #expect(throws: InputError.self) {
            try onnxResult("BatchNormalization", opset: 9, operands, outputs: 2)
        }
    }

    @Test func otherFormsOfTheirTime() throws {
        #expect(
            try onnxResult("Reshape", opset: 1, [Self.six], ["shape": .ints([3, -1])])[0].shape == [3, 2])
        #expect(try onnxResult("Concat", opset: 1, [Self.six, Self.six])[0].shape == [2, 6])
        #expect(
            try onnxResult("Tile", opset: 1, [Self.six, Self.wholes([2], []), Self.wholes([1], [])])[0].shape
                == [2, 6])
        #expect(
            try onnxResult("TopK", opset: 1, [Self.six], ["k": .int(1)], outputs: 2).map(\.values) == [
                [3, 6], [2, 2],
            ])
        let least = try onnxResult(
            "TopK", opset: 11, [Self.six, Self.wholes([2])], ["largest": .int(0), "axis": .int(-1)],
            outputs: 2)
        #expect(least.map(\.values) == [[1, 2, 4, 5], [0, 1, 0, 1]])
        #expect(
            try onnxResult(
                "Gemm", opset: 6, [Self.six, Self.floats([3, 1], [1, 1, 1]), Self.floats([1], [5])],
                ["broadcast": .int(1)])[0].values == [11, 20])
        let average = try onnxResult(
            "AveragePool", opset: 6, [Self.floats([1, 1, 2, 2], [1, 2, 3, 6])],
            ["kernel_shape": .ints([2, 2])])
        #expect(average[0].values == [3])
        #expect(
            try onnxResult("Cast", opset: 1, [Self.six], ["to": .text("FLOAT")])[0].values == [
                1, 2, 3, 4, 5, 6,
            ])
        #expect(
            try onnxResult(
                "Scatter", opset: 9, [Self.six, Self.wholes([2], [1, 1]), Self.floats([1, 1], [9])],
                ["axis": .int(1)])[0].values == [1, 2, 9, 4, 5, 6])
    }

    /// What a third operator set or Core ML's converter writes.
    @Test func operatorsOfConverters() throws {
        let image = Self.floats([1, 2, 1, 1], [10, 20])
        #expect(
            try onnxResult(
                "ImageScaler", opset: 8, [image], ["scale": .float(0.5), "bias": .floats([1, -1])])[0].values
                == [6, 9])
        #expect(
            try onnxResult(
                "Scaler", opset: 8, [Self.six], ["offset": .floats([1, 2, 3]), "scale": .floats([2])],
                domain: "ai.onnx.ml")[0]
                .values == [0, 0, 0, 6, 6, 6])
        #expect(
            try onnxResult("Normalizer", opset: 8, [Self.six], ["norm": .text("L1")], domain: "ai.onnx.ml")[0]
                .values
                .map { ($0 * 30).rounded() } == [5, 10, 15, 8, 10, 12])
    }
}
