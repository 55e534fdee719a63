// One step at work in the interpreter, and what several operations share when they are computed plainly.

/// A step with its operands and its result in the arena and its weights in place.
struct StepRun {
    let step: Step
    let x: UnsafePointer<Float>
    let xShape: Shape
    /// The first operand once more where there is no second.
    let second: UnsafePointer<Float>
    let secondShape: Shape
    /// The result. It overlaps no operand, but that of a reshape may be its operand.
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

    /// Copies the first operand, where it is not the result itself.
    func copy() {
        if UnsafePointer(y) != x { y.update(from: x, count: xShape.count) }
    }

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
        case .clip: for i in 0..<count { y[i] = min(max(y[i], step.alpha), step.beta) }
        }
    }
}
