// Functions of single numbers with their derivatives, parametric ReLU, constants, and softmax along an axis, on all instruction
// sets: against double precision, behind guards, and on numbers that are none.
import CPagefoldKernels
import PagefoldTestCases
import Testing

@testable import PagefoldCore

@Suite struct FunctionKernelTests {
    private static func numbers(of function: Function) -> (alpha: Float, beta: Float) {
        (function.usesAlpha ? 0.7 : 0, function.usesBeta ? 0.4 : 0)
    }

    /// Those of `ElementwiseTests.range` that the function has a result for.
    private static func range(of function: Function) -> [Float] {
        ElementwiseTests.range.filter { x in
            switch function {
            case .logarithm, .reciprocal, .squareRoot, .power: x > 0
            default: true
            }
        }
    }

    /// Applies a kernel to numbers that lie before a guard, without alignment.
    private func apply(
        _ function: Function, _ x: [Float], _ alpha: Float, _ beta: Float, upstream: [Float]? = nil
    ) -> [Float] {
        let x = GuardedMemory(x)
        let y = GuardedMemory(count: x.bytes.count)
        let kind = Int32(function.rawValue)
        if let upstream {
            let dy = GuardedMemory(upstream)
            pf_function_backward(
                kind, alpha, beta, upstream.count, x.floats.baseAddress, dy.floats.baseAddress,
                y.floats.baseAddress)
            withExtendedLifetime(dy) {}
        } else {
            pf_function_forward(
                kind, alpha, beta, x.floats.count, x.floats.baseAddress, y.floats.baseAddress)
        }
        return withExtendedLifetime(x) { Array(y.floats) }
    }

    @Test(arguments: Function.allCases, instructionSets)
    func functionsAgreeWithDoublePrecisionAndTheInterpreter(function: Function, set: String) {
        let (alpha, beta) = Self.numbers(of: function)
        let x = Self.range(of: function)
        let y = with(set) { apply(function, x, alpha, beta) }
        for (x, y) in zip(x, y) {
            let due = ReferenceNetwork.applied(function, Double(x), Double(alpha), Double(beta))
            // Where a sum takes the digits away, those of its terms remain.
            let scale = max(abs(due), Double(min(1, x.magnitude)))
            #expect(abs(Double(y) - due) <= 2e-6 * scale || due > 1e38, "\(x): \(y) instead of \(due)")
            let plain = function(x, alpha, beta)
            #expect(
                abs(Double(y) - Double(plain)) <= 4e-6 * scale || due > 1e38, "\(x): \(y) and \(plain)")
        }
    }

    @Test(arguments: Function.allCases, instructionSets)
    func derivativesAreDifferences(function: Function, set: String) {
        let (alpha, beta) = Self.numbers(of: function)
        // Off the kinks, and where differences have digits.
        let x = Self.range(of: function).filter { (0.01...20).contains($0.magnitude) }.map { $0 * 1.003 }
        let upstream = (0..<x.count).map { Float($0 % 5) - 2 }
        let dx = with(set) { apply(function, x, alpha, beta, upstream: upstream) }
        for i in x.indices {
            let step = 1e-5 * Double(x[i].magnitude)
            func due(_ x: Double) -> Double {
                ReferenceNetwork.applied(function, x, Double(alpha), Double(beta))
            }
            let slope = (due(Double(x[i]) + step) - due(Double(x[i]) - step)) / (2 * step)
            #expect(
                abs(Double(dx[i]) - slope * Double(upstream[i])) <= 1e-5 * max(1, abs(slope)),
                "\(x[i]): \(dx[i]) instead of \(slope) · \(upstream[i])")
        }
    }

    /// One number at a time or many, the arithmetic is the same.
    @Test(arguments: Function.allCases, instructionSets)
    func theRestOfAVectorIsAsTheVector(function: Function, set: String) {
        let (alpha, beta) = Self.numbers(of: function)
        let x = randomNumbers(48, seed: 6).map { $0 + 1.5 }
        with(set) {
            let y = apply(function, x, alpha, beta)
            let dx = apply(function, x, alpha, beta, upstream: x)
            for count in [1, 3, 15, 17, 33] {
                let part = Array(x[..<count])
                #expect(apply(function, part, alpha, beta) == Array(y[..<count]))
                #expect(apply(function, part, alpha, beta, upstream: part) == Array(dx[..<count]))
            }
        }
    }

    static let oddNumbers: [Float] = [
        0, -0.0, 0x1p-140, -0x1p-140, 1, -1, 1e30, -1e30, .infinity, -.infinity, .nan,
    ]

    /// As the interpreter has it; very large ones may saturate at another place.
    @Test(arguments: Function.allCases, instructionSets)
    func oddNumbersGiveWhatTheInterpreterHas(function: Function, set: String) {
        let exponents: [Float] =
            function == .power ? [0.7, -0.5, 2, 3, -1, 0, 0.5] : [Self.numbers(of: function).alpha]
        for alpha in exponents {
            let beta = Self.numbers(of: function).beta
            let y = with(set) { apply(function, Self.oddNumbers, alpha, beta) }
            for (x, y) in zip(Self.oddNumbers, y) {
                let due = function(x, alpha, beta)
                #expect(y.isAbout(due, of: x), "\(function) of \(x) with \(alpha): \(y) instead of \(due)")
                if x.isNaN && !(function == .power && alpha == 0) { #expect(y.isNaN) }
            }
        }
    }

    @Test(arguments: instructionSets)
    func thePowerOfZeroIsFlat(set: String) {
        let x: [Float] = [0, 1, -2, 0.5]
        let dx = with(set) { apply(.power, x, 0, 0, upstream: [1, 2, 3, 4]) }
        #expect(dx == [0, 0, 0, 0])
    }

    @Test(arguments: instructionSets, [1, 3, 16, 19])
    func parametricRelu(set: String, spatial: Int) {
        let channels = 5
        let x = Floats(random: channels * spatial * lanes, seed: 1)
        let dy = Floats(random: x.count, seed: 2)
        let slope = GuardedMemory(randomNumbers(channels, seed: 3))
        let (y, dx) = (Floats(x.count), Floats(x.count))
        func s(_ i: Int) -> Double { Double(slope.floats[i / spatial / lanes]) }
        let (width, depth) = (Int32(spatial), Int32(channels))
        with(set) {
            pf_parametric_relu_forward(depth, width, x.pointer, slope.floats.baseAddress, y.pointer)
            let due = (0..<x.count).map { x[$0] > 0 ? Double(x[$0]) : s($0) * Double(x[$0]) }
            #expect(error(y, due) < 1e-6)
            var sums = [Double](repeating: 0, count: channels * lanes)
            for i in 0..<x.count where x[i] <= 0 {
                sums[i / spatial / lanes * lanes + i % lanes] += Double(dy[i]) * Double(x[i])
            }
            for squared in [false, true] {
                for hasGradient in [true, false] {
                    let dslope = Floats(random: channels, seed: 4)
                    let dueSlope = addLanes(sums, squared: squared, to: dslope)
                    pf_parametric_relu_backward(
                        depth, width, x.pointer, slope.floats.baseAddress, dy.pointer,
                        hasGradient ? dx.pointer : nil, dslope.pointer, squared ? 1 : 0)
                    #expect(error(dslope, dueSlope) < 2e-6)
                }
            }
            #expect(
                error(dx, (0..<x.count).map { x[$0] > 0 ? Double(dy[$0]) : s($0) * Double(dy[$0]) }) < 1e-6)
        }
    }

    @Test(arguments: instructionSets, Cut.all + Cut.narrow)
    func parametricReluOfOneSample(set: String, cut: Cut) {
        for (channels, spatial) in [(1, 1), (17, 3), (33, 16), (5, 37)] {
            let flat = randomNumbers(channels + 3, seed: 5)
            let x = GuardedMemory(randomNumbers(channels * spatial, seed: 6))
            with(set) {
                cut.compare(flat, paged: channels + 1) { weights in
                    let y = GuardedMemory(count: x.bytes.count)
                    pf_single_parametric_relu(
                        Int32(channels), Int32(spatial), weights, 3, x.floats.baseAddress,
                        y.floats.baseAddress)
                    if cut.format == .float32 {
                        for i in x.floats.indices {
                            let number = x.floats[i]
                            #expect(y.floats[i] == (number > 0 ? number : flat[3 + i / spatial] * number))
                        }
                    }
                    return Array(y.floats)
                }
            }
        }
    }

    @Test(arguments: instructionSets)
    func constantsAreInAllLanes(set: String) {
        let numbers = GuardedMemory(randomNumbers(19, seed: 7))
        let y = GuardedMemory(count: numbers.bytes.count * lanes, alignment: 64)
        with(set) { pf_constant_block(19, numbers.floats.baseAddress, y.floats.baseAddress) }
        #expect(y.floats.indices.allSatisfy { y.floats[$0] == numbers.floats[$0 / lanes] })
    }

    @Test(arguments: instructionSets, [1, 3, 16, 37])
    func softmaxAlongAnAxis(set: String, pace: Int) {
        for length in [1, 2, 9] {
            for isLogarithm: Int32 in [0, 1] where length > 1 || isLogarithm == 0 {
                func softmax(_ unit: Int) -> pf_softmax_axis {
                    pf_softmax_axis(
                        outer: 3, length: Int64(length), pace: Int64(pace * unit), is_logarithm: isLogarithm)
                }
                compareSampleWithBlock(set, [3 * length * pace], to: 3 * length * pace) { unit, x, y in
                    withUnsafePointer(to: softmax(unit)) { pf_softmax_axis_forward($0, x[0], y) }
                }
                guard length > 1 else { continue }
                compareSampleWithBlock(
                    set, [3 * length * pace, 3 * length * pace], to: 3 * length * pace
                ) { unit, numbers, dx in
                    withUnsafePointer(to: softmax(unit)) {
                        pf_softmax_axis_backward($0, numbers[0], numbers[1], dx)
                    }
                }
            }
        }
    }

    @Test(arguments: instructionSets, [0, 1])
    func softmaxOfWideAndOddNumbers(set: String, isLogarithm: Int32) {
        let numbers: [Float] = [1000, 999, -1000, 0, .nan, 1, 2, 3]
        let x = GuardedMemory(numbers)
        let y = GuardedMemory(count: x.bytes.count)
        var softmax = pf_softmax_axis(outer: 2, length: 4, pace: 1, is_logarithm: isLogarithm)
        with(set) { pf_softmax_axis_forward(&softmax, x.floats.baseAddress, y.floats.baseAddress) }
        let first = isLogarithm == 1 ? [-0.313261688, -1.313261688] : [0.731058579, 0.268941421]
        #expect(abs(Double(y.floats[0]) - first[0]) < 1e-6 && abs(Double(y.floats[1]) - first[1]) < 1e-6)
        #expect(y.floats[..<4].allSatisfy { $0.isFinite })
        #expect(y.floats[4...].allSatisfy { $0.isNaN }, "one that is none spoils its line")
    }
}

extension Float {
    /// The same number to a few digits; both without a result; or both beyond what exponentials reach.
    /// - Parameter x: what the function was applied to.
    fileprivate func isAbout(_ other: Float, of x: Float) -> Bool {
        if isNaN || other.isNaN { return isNaN && other.isNaN }
        if magnitude > 1e30 && other.magnitude > 1e30 { return (self > 0) == (other > 0) }
        // An exponential is never below 1e-38.
        return (self - other).magnitude <= max(1e-5 * other.magnitude, 1e-37 * min(max(1, x.magnitude), 1e30))
    }
}
