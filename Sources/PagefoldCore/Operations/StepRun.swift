// One step at work in the interpreter, and what several operations share when they are computed plainly.

/// A step with its operands and its result in the arena and its weights in place.
struct StepRun {
    let step: Step
    let x: UnsafePointer<Float>
    let xShape: Shape
    /// The first operand once more where there is no second.
    let second: UnsafePointer<Float>
    let secondShape: Shape
    /// The result. It overlaps no operand.
    let y: UnsafeMutablePointer<Float>
    let yShape: Shape
    let weights: WeightView

    /// Reads weights from an offset of the flat vector; nil for none.
    func cursor(_ offset: UInt32) -> WeightCursor? {
        offset == Step.none32 ? nil : weights.cursor(at: Int(offset))
    }

    /// Calls `body` with the range of each channel of the result.
    func forEachChannel(_ body: (Range<Int>) -> Void) {
        for c in 0..<yShape.channels { body(c * yShape.spatial..<(c + 1) * yShape.spatial) }
    }

    /// Copies the first operand.
    func copy() { y.update(from: x, count: xShape.count) }

    /// Applies the step's activation to the result.
    func activate() {
        let count = yShape.count
        switch step.activation {
        case .none: break
        case .relu: for i in 0..<count { y[i] = max(y[i], 0) }
        case .relu6: for i in 0..<count { y[i] = min(max(y[i], 0), 6) }
        case .leakyRelu: for i in 0..<count { y[i] = y[i] > 0 ? y[i] : step.alpha * y[i] }
        case .sigmoid: for i in 0..<count { y[i] = 1 / (1 + exponential(-y[i])) }
        case .tanh: for i in 0..<count { y[i] = 2 / (1 + exponential(-2 * y[i])) - 1 }
        }
    }
}

/// eˣ without a mathematics library: 2ⁿ · eʳ with |r| ≤ ln 2 / 2 and a Taylor polynomial of degree 7
/// (relative error below 3e-7). Saturates instead of overflowing.
public func exponential(_ x: Float) -> Float {
    guard !x.isNaN else { return x }  // Weights of a damaged file may make one: it must not trap below.
    let bounded = min(max(x, -87), 88)
    let n = (bounded * 1.442_695_04).rounded()
    let r = bounded - n * 0.693_359_375 + n * 2.121_944_4e-4
    var sum: Float = 1 / 5040
    sum = sum * r + 1 / 720
    sum = sum * r + 1 / 120
    sum = sum * r + 1 / 24
    sum = sum * r + 1 / 6
    sum = sum * r + 1 / 2
    sum = sum * r + 1
    sum = sum * r + 1
    return sum * Float(sign: .plus, exponent: Int(n), significand: 1)
}
