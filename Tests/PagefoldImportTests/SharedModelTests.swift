// What readers of models share: constants, sizes, axis orders, windows. No format is involved.

import PagefoldCore
import PagefoldData
import PagefoldGraph
import Testing

@testable import PagefoldImport

struct ConstantTests {
    /// A graph of named operations.
    private struct Toy: ConstantSource {
        var operations: [String: ConstantOperation<String>]

        func constantOperation(_ reference: String) -> ConstantOperation<String>? { operations[reference] }

        func error(_ reference: String, _ problem: String, _ remedy: String) -> InputError {
            InputError(file: "toy", field: reference, problem: problem, remedy: remedy)
        }
    }

    private static func tensor(_ values: [Double], _ shape: [Int]? = nil) -> ConstantTensor {
        ConstantTensor(elementType: .f32, shape: shape ?? [values.count], values: values)
    }

    @Test func operationsAreApplied() throws {
        let toy = ConstantEvaluator(
            Toy(operations: [
                "a": .value(Self.tensor([1, -2.5, 4])), "two": .filled(.f32, shape: [1], listed: [2]),
                "sum": .binary("a", "two", +), "less": .binary("two", "a", -),
                "root": .unary("two") { $0 * $0 },
                "whole": .converted("a", .i32), "same": .same("sum"), "one": .single("two"),
                "many": .single("a"),
                "fill": .filled(.i64, shape: [2, 2], listed: [7, 8]),
                "zeros": .filled(.f32, shape: [0], listed: []),
                "pair": .value(Self.tensor([1, 2])), "odd": .binary("a", "pair", +), "open": .same("input"),
            ]))
        #expect(try toy.value("same")?.values == [3, -0.5, 6])
        #expect(try toy.value("less")?.values == [1, 4.5, -2])
        #expect(try toy.value("root")?.values == [4])
        #expect(try toy.value("whole") == ConstantTensor(elementType: .i32, shape: [3], values: [1, -2, 4]))
        #expect(try toy.value("a")?.integers == [1, .min, 4])
        #expect(try toy.value("one")?.values == [2])
        #expect(
            try toy.value("fill") == ConstantTensor(elementType: .i64, shape: [2, 2], values: [7, 8, 8, 8]))
        #expect(try toy.value("zeros")?.values == [])
        for name in ["many", "odd", "open", "input"] { #expect(try toy.value(name) == nil) }
    }

    @Test func loopsAndLongChainsEnd() throws {
        var operations: [String: ConstantOperation<String>] = [
            "a": .same("b"), "b": .same("a"), "0": .value(Self.tensor([1])),
        ]
        for i in 1...100 { operations["\(i)"] = .same("\(i - 1)") }
        #expect(try ConstantEvaluator(Toy(operations: operations)).value("a") == nil)
        #expect(try ConstantEvaluator(Toy(operations: operations)).value("63")?.values == [1])
        #expect(try ConstantEvaluator(Toy(operations: operations)).value("64") == nil)
    }

    @Test(arguments: [[1 << 24, 2], [1 << 40, 1 << 40], [2, -1]])
    func aSmallFileDoesNotGrow(_ shape: [Int]) {
        let toy = ConstantEvaluator(Toy(operations: ["a": .filled(.f32, shape: shape, listed: [1])]))
        let error = #expect(throws: InputError.self) { try toy.value("a") }
        #expect(error?.field == "a")
    }

    @Test func axesMove() {
        let tensor = Self.tensor((0..<24).map { Double($0) }, [2, 3, 4])
        for axes in [[0, 1, 2], [2, 0, 1], [1, 0, 2], [2, 1, 0]] {
            let moved = tensor.transposed(axes)
            #expect(moved.shape == axes.map { tensor.shape[$0] })
            var place = 0
            for a in 0..<moved.shape[0] {
                for b in 0..<moved.shape[1] {
                    for c in 0..<moved.shape[2] {
                        var index = [0, 0, 0]
                        for (axis, value) in zip(axes, [a, b, c]) { index[axis] = value }
                        #expect(moved.values[place] == Double(index[0] * 12 + index[1] * 4 + index[2]))
                        place += 1
                    }
                }
            }
        }
        #expect(Self.tensor([5], []).transposed([]).values == [5])
        let none = Self.tensor([], [0, 1 << 40, 1 << 40]).transposed([2, 0, 1])
        #expect(none.shape == [1 << 40, 0, 1 << 40])
    }
}

struct SizeTests {
    @Test func sizesAreWorkedOut() throws {
        let operations: [String: SizeOperation<String>] = [
            "shape": .sizes([-1, 4, 5, 6]), "batch": .slice("shape", SizeSlice(begin: 0, isSingle: true)),
            "rest": .slice("shape", SizeSlice(begin: 1)), "last": .slice("shape", SizeSlice(begin: -1)),
            "middle": .slice("shape", SizeSlice(begin: -3, end: -1)), "count": .product("rest"),
            "flat": .joined(["batch", "count"]), "same": .same("flat"), "open": .product("shape"),
            "beyond": .slice("shape", SizeSlice(begin: 9, isSingle: true)),
            "back": .slice("shape", SizeSlice(begin: 3, end: 1)), "loop": .same("loop"),
            "many": .joined(Array(repeating: "shape", count: 5)),
        ]
        func sizes(_ name: String) throws(InputError) -> [Int]? {
            try SizeEvaluator.sizes(name) { operations[$0] }
        }
        #expect(try sizes("same") == [-1, 120])
        #expect(try sizes("last") == [6])
        #expect(try sizes("middle") == [4, 5])
        for name in ["open", "beyond", "back", "loop", "many", "nowhere"] { #expect(try sizes(name) == nil) }
    }

    @Test(
        arguments: [
            ([2, -1], 12, [2, 6]), ([-1], 12, [12]), ([3, 4], 12, [3, 4]), ([5, -1], 12, nil),
            ([-1, -1], 12, nil),
            ([0, -1], 12, nil), ([-2, -1], 12, nil), ([1 << 40, -1], 12, nil),
        ] as [([Int], Int, [Int]?)])
    func anOpenSizeIsFilled(_ sizes: [Int], _ count: Int, _ expected: [Int]?) {
        #expect(SizeEvaluator.filled(sizes, count: count) == expected)
    }
}

struct ForeignValueTests {
    private static let shape = Shape(channels: 2, height: 3, width: 2)
    private static let last = ForeignValue(node: 4, map: shape, order: .channelsLast)
    private static let first = ForeignValue(node: 4, map: shape, order: .channelsFirst)

    @Test func sizesFollowTheOrder() {
        #expect(Self.last.sizes == [3, 2, 2])
        #expect(Self.first.sizes == [2, 3, 2])
        for value in [Self.last, Self.first] {
            #expect(ForeignValue.shape(of: value.sizes, order: value.order) == Self.shape)
            #expect(value.isMap && value.count == 12)
        }
        for sizes in [[0], [2, -1], [1, 1, 1, 1], [1 << 22, 2], [1 << 21, 1 << 21, 1 << 21]] {
            #expect(ForeignValue.shape(of: sizes, order: .channelsFirst) == nil)
        }
    }

    @Test func aFlattenKeepsChannelsFirstAndMovesChannelsLast() throws {
        let kept = try #require(Self.first.reshaped(to: [12]))
        #expect(kept.positions == nil)
        let moved = try #require(Self.last.reshaped(to: [12]))
        // Number t of [3][2][2] is pixel t / 2, channel t % 2.
        let places: [Int32] = [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]
        #expect(moved.positions == places)
        #expect(moved.reshaped(to: [3, 2, 2])?.positions == nil)
        // Pixels may be arranged anew, channels may not.
        #expect(Self.last.reshaped(to: [2, 3, 2])?.positions == nil)
        #expect(Self.last.reshaped(to: [3, 1, 4]) == nil)
        #expect(Self.first.reshaped(to: [4, 3, 1])?.isMap == true)
    }

    @Test func denseColumnsFollowTheFlatten() throws {
        let matrix = ConstantTensor(elementType: .f32, shape: [2, 12], values: (0..<24).map { Double($0) })
        #expect(try #require(Self.first.reshaped(to: [12])).denseWeights(matrix) == matrix.values)
        let moved = try #require(Self.last.reshaped(to: [12])).denseWeights(matrix)
        for row in 0..<2 {
            for t in 0..<12 {
                let place = row * 12 + t % 2 * 6 + t / 2
                #expect(moved[place] == matrix.values[row * 12 + t])
            }
        }
    }

    @Test func numbersAChannel() throws {
        func numbers(_ value: ForeignValue, _ shape: [Int]) -> [Double]? {
            let count = shape.reduce(1, *)
            return value.perChannel(
                ConstantTensor(elementType: .f32, shape: shape, values: (0..<count).map { Double($0) }))
        }
        #expect(numbers(Self.last, [2]) == [0, 1])
        #expect(numbers(Self.last, [1, 1, 1, 2]) == [0, 1])
        #expect(numbers(Self.last, [2, 1, 1]) == nil)
        #expect(numbers(Self.last, []) == [0, 0])
        #expect(numbers(Self.first, [2, 1, 1]) == [0, 1])
        #expect(numbers(Self.first, [1, 2, 1, 1]) == [0, 1])
        // Of a map with channels first, a list belongs to the columns.
        #expect(numbers(Self.first, [2]) == nil)
        #expect(numbers(Self.first, [1, 2, 3, 2]) == nil)
        let flat = try #require(Self.last.reshaped(to: [12]))
        #expect(flat.positions != nil)
    }
}

struct WindowPlacementTests {
    /// A side, window, stride, dilation; zeros before and behind, results: as TensorFlow documents SAME and VALID.
    private static let cases:
        [(size: Int, window: Int, stride: Int, dilation: Int, same: [Int], valid: Int)] = [
            (5, 3, 1, 1, [1, 1, 5], 3), (5, 3, 2, 1, [1, 1, 3], 2), (6, 3, 2, 1, [0, 1, 3], 2),
            (5, 2, 1, 1, [0, 1, 5], 4), (5, 3, 1, 2, [2, 2, 5], 1), (4, 3, 1, 2, [2, 2, 4], 0),
            (7, 1, 3, 1, [0, 0, 3], 3), (2, 5, 1, 1, [2, 2, 2], 0),
        ]

    @Test(arguments: cases.indices)
    func sidesAreAsDocumented(_ number: Int) {
        let (size, side, stride, dilation, same, valid) = Self.cases[number]
        let shape = Shape(channels: 1, height: size, width: size)
        let window = Window(height: side, width: side, strideHeight: stride, strideWidth: stride)
        let placed = window.placed(over: shape, .same, dilationHeight: dilation, dilationWidth: dilation)
        #expect([placed.window.padding.top, placed.window.padding.bottom, placed.rows] == same)
        #expect([placed.window.padding.left, placed.window.padding.right, placed.columns] == same)
        let plain = window.placed(over: shape, .explicit, dilationHeight: dilation, dilationWidth: dilation)
        #expect(plain.window == window && plain.rows == valid && plain.columns == valid)
    }

    @Test func zerosThatAreThereArePartOfTheMap() {
        var window = Window(height: 3, width: 3, strideHeight: 2, strideWidth: 2)
        window.padding = Padding(top: 1, left: 2)
        let shape = Shape(channels: 1, height: 5, width: 5)
        #expect(window.placed(over: shape, .explicit).rows == 2)
        let same = window.placed(over: shape, .same)
        #expect(same.window.padding == Padding(top: 1, left: 3, bottom: 1, right: 1))
        #expect(same.rows == 3 && same.columns == 4)
    }
}
