// Operations of two operands with repeated sides, on all instruction sets: one sample behind guards, and blocks both ways,
// against plain loops; and the points at which a derivative is chosen.
import CPagefoldKernels
import PagefoldTestCases
import Testing

@Suite struct ArithmeticKernelTests {
    static let kinds = [
        PF_ADD, PF_SUBTRACT, PF_MULTIPLY, PF_DIVIDE, PF_MAXIMUM, PF_MINIMUM, PF_POWER, PF_LESS, PF_EQUAL,
    ]

    /// Sides of both operands.
    struct Sides: CustomTestStringConvertible, Sendable {
        let x: [Int]
        let second: [Int]
        var testDescription: String { "\(x) and \(second)" }

        static let all = [
            Sides(x: [3, 4, 19], second: [3, 4, 19]), Sides(x: [3, 4, 19], second: [3, 1, 1]),
            Sides(x: [1, 1, 1], second: [2, 3, 16]), Sides(x: [1, 4, 17], second: [3, 1, 17]),
            Sides(x: [2, 5, 1], second: [1, 1, 33]), Sides(x: [1, 1, 1], second: [1, 1, 1]),
        ]

        var size: [Int] { zip(x, second).map { max($0, $1) } }
        static func steps(_ sides: [Int]) -> [Int] {
            [sides[0] == 1 ? 0 : sides[1] * sides[2], sides[1] == 1 ? 0 : sides[2], sides[2] == 1 ? 0 : 1]
        }
        static func count(_ sides: [Int]) -> Int { sides.reduce(1, *) }

        func form(_ kind: pf_arithmetic_kind) -> pf_arithmetic {
            func three(_ numbers: [Int]) -> (Int64, Int64, Int64) {
                (Int64(numbers[0]), Int64(numbers[1]), Int64(numbers[2]))
            }
            return pf_arithmetic(
                size: three(size), x_step: three(Self.steps(x)), second_step: three(Self.steps(second)),
                kind: Int32(kind.rawValue))
        }

        /// Calls `body` with each place of the result and the places of both operands there.
        func forEachPlace(_ body: (_ y: Int, _ x: Int, _ second: Int) -> Void) {
            let (size, a, b) = (size, Self.steps(x), Self.steps(second))
            var place = 0
            for i in 0..<size[0] {
                for j in 0..<size[1] {
                    for k in 0..<size[2] {
                        body(place, i * a[0] + j * a[1] + k * a[2], i * b[0] + j * b[1] + k * b[2])
                        place += 1
                    }
                }
            }
        }
    }

    /// The result of x and z, and its derivatives by both.
    private func due(
        _ kind: pf_arithmetic_kind, _ x: Double, _ z: Double
    ) -> (y: Double, dx: Double, dz: Double) {
        switch kind {
        case PF_ADD: (x + z, 1, 1)
        case PF_SUBTRACT: (x - z, 1, -1)
        case PF_MULTIPLY: (x * z, z, x)
        case PF_DIVIDE: (x / z, 1 / z, -x / (z * z))
        case PF_MAXIMUM: x >= z ? (x, 1, 0) : (z, 0, 1)
        case PF_MINIMUM: x <= z ? (x, 1, 0) : (z, 0, 1)
        case PF_POWER:
            (
                exponential(z * logarithm(x)), z * exponential((z - 1) * logarithm(x)),
                exponential(z * logarithm(x)) * logarithm(x)
            )
        case PF_LESS: (x < z ? 1 : 0, 0, 0)
        default: (x == z ? 1 : 0, 0, 0)
        }
    }

    /// Above zero, and every third one equal to all of its kind.
    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        randomNumbers(count, seed: seed).enumerated().map { $0 % 3 == 0 ? 1.25 : $1 + 1.5 }
    }

    @Test(arguments: instructionSets, Sides.all)
    func oneSample(set: String, sides: Sides) {
        for kind in Self.kinds {
            let x = GuardedMemory(numbers(Sides.count(sides.x), seed: 1))
            let second = GuardedMemory(numbers(Sides.count(sides.second), seed: 2))
            let y = GuardedMemory(count: 4 * Sides.count(sides.size))
            var form = sides.form(kind)
            with(set) {
                pf_arithmetic_forward(
                    &form, 1, x.floats.baseAddress, second.floats.baseAddress, y.floats.baseAddress)
            }
            sides.forEachPlace { place, a, b in
                let expected = due(kind, Double(x.floats[a]), Double(second.floats[b])).y
                #expect(abs(Double(y.floats[place]) - expected) <= 2e-6 * abs(expected), "\(kind)")
            }
            withExtendedLifetime((x, second)) {}
        }
    }

    @Test(arguments: instructionSets, Sides.all)
    func blocksBothWays(set: String, sides: Sides) {
        let (left, right, count) = (Sides.count(sides.x), Sides.count(sides.second), Sides.count(sides.size))
        for kind in Self.kinds {
            func block(_ numbers: [Float]) -> GuardedMemory {
                let memory = GuardedMemory(count: 4 * numbers.count, alignment: 64)
                for (i, number) in numbers.enumerated() { memory.floats[i] = number }
                return memory
            }
            let x = block(numbers(left * lanes, seed: 3))
            let second = block(numbers(right * lanes, seed: 4))
            let dy = block(randomNumbers(count * lanes, seed: 5))
            let y = block([Float](repeating: .nan, count: count * lanes))
            let dx = block([Float](repeating: .nan, count: left * lanes))
            let dz = block([Float](repeating: .nan, count: right * lanes))
            var form = sides.form(kind)
            with(set) {
                let (a, b) = (x.floats.baseAddress, second.floats.baseAddress)
                pf_arithmetic_forward(&form, Int64(lanes), a, b, y.floats.baseAddress)
                pf_arithmetic_backward(&form, 0, a, b, dy.floats.baseAddress, dx.floats.baseAddress)
                pf_arithmetic_backward(&form, 1, a, b, dy.floats.baseAddress, dz.floats.baseAddress)
            }
            var result = [Double](repeating: 0, count: count * lanes)
            var byFirst = [Double](repeating: 0, count: left * lanes)
            var bySecond = [Double](repeating: 0, count: right * lanes)
            sides.forEachPlace { place, a, b in
                for lane in 0..<lanes {
                    let (p, a, b) = (place * lanes + lane, a * lanes + lane, b * lanes + lane)
                    let expected = due(kind, Double(x.floats[a]), Double(second.floats[b]))
                    result[p] = expected.y
                    byFirst[a] += expected.dx * Double(dy.floats[p])
                    bySecond[b] += expected.dz * Double(dy.floats[p])
                }
            }
            #expect(relativeDifference(Array(y.floats), result) < 2e-6, "\(kind)")
            #expect(relativeDifference(Array(dx.floats), byFirst) < 1e-5, "\(kind), first")
            #expect(relativeDifference(Array(dz.floats), bySecond) < 1e-5, "\(kind), second")
        }
    }

    /// x, z and dy = 2, the results and the gradients that are due, in lanes of one block.
    private func points(_ set: String, _ kind: pf_arithmetic_kind, _ pairs: [(Float, Float)]) -> (
        y: [Float], dx: [Float], dz: [Float]
    ) {
        let (x, z, dy) = (Floats(lanes, of: 1), Floats(lanes, of: 1), Floats(lanes, of: 2))
        for (i, pair) in pairs.enumerated() { (x[i], z[i]) = pair }
        let results = (0..<3).map { _ in Floats(lanes) }
        var form = Sides(x: [1, 1, 1], second: [1, 1, 1]).form(kind)
        with(set) {
            pf_arithmetic_forward(&form, Int64(lanes), x.pointer, z.pointer, results[0].pointer)
            pf_arithmetic_backward(&form, 0, x.pointer, z.pointer, dy.pointer, results[1].pointer)
            pf_arithmetic_backward(&form, 1, x.pointer, z.pointer, dy.pointer, results[2].pointer)
        }
        let parts = results.map { Array($0.array[..<pairs.count]) }
        return (parts[0], parts[1], parts[2])
    }

    @Test(arguments: instructionSets)
    func theFirstOfEqualNumbersHasTheGradient(set: String) {
        for kind in [PF_MAXIMUM, PF_MINIMUM] {
            let (y, dx, dz) = points(set, kind, [(0.5, 0.5), (-3, -3)])
            #expect(y == [0.5, -3] && dx == [2, 2] && dz == [0, 0])
        }
    }

    @Test(arguments: instructionSets)
    func whatIsNoNumberStaysNone(set: String) {
        for kind in Self.kinds where kind != PF_LESS && kind != PF_EQUAL {
            let y = points(set, kind, [(.nan, 1.5), (1.5, .nan)]).y
            #expect(y.allSatisfy { $0.isNaN }, "\(kind): \(y)")
        }
        for kind in [PF_LESS, PF_EQUAL] {
            #expect(points(set, kind, [(.nan, 1.5), (1.5, .nan)]).y == [0, 0])
        }
    }

    /// To x: z · x^(z − 1), 0 where z is 0. To z: y · ln x, 0 where x is not above 0.
    @Test(arguments: instructionSets)
    func powersOfZeroAndBelow(set: String) {
        let (y, dx, dz) = points(
            set, PF_POWER, [(0, 0), (0, 2), (0, 3), (-2, 2), (-2, 3), (-2, 0), (4, 0), (1, 5), (0, 1)])
        func isClose(_ a: [Float], _ b: [Float]) -> Bool {
            zip(a, b).allSatisfy { ($0 - $1).magnitude <= 1e-5 * max(1, $1.magnitude) }
        }
        #expect(isClose(y, [1, 0, 0, 4, -8, 1, 1, 1, 0]), "\(y)")
        #expect(isClose(dx, [0, 0, 0, -8, 24, 0, 0, 10, 2]), "\(dx)")
        #expect(isClose(dz, [0, 0, 0, 0, 0, 0, 2.7725887, 0, 0]), "\(dz)")
    }
}
