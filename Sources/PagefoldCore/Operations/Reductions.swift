// One number of all places of an axis, and resizing along an axis.

/// What a reduction makes of the places of an axis. Raw values are part of the fold file's format.
public enum Reduction: UInt8, Sendable, CaseIterable {
    case sum = 0
    case mean = 1
    case maximum = 2
    case minimum = 3
    case product = 4
    /// The first place of the largest number. Its derivative is zero.
    case argMax = 5
    /// The first place of the smallest number. Its derivative is zero.
    case argMin = 6
}

/// How a resized axis is read between its places. Raw values are part of the fold file's format.
public enum Interpolation: UInt8, Sendable, CaseIterable {
    /// Between the two places around, weighted; the outermost places go on outside.
    case linear = 0
    /// The place below.
    case floor = 1
    /// The place above.
    case ceiling = 2
}

extension OperationSpec {
    static let reduce = OperationSpec(
        "reduce", fields: [.mode, .axis],
        rule: { (shapes) throws(StepProblem) in
            guard Reduction(rawValue: shapes.step.mode) != nil else {
                throw StepProblem("there is no reduction \(shapes.step.mode)")
            }
            _ = try AxisWalk(shapes.x, axis: shapes.step.axis)
            return shapes.x.replacing(axis: shapes.step.axis, by: 1)
        },
        run: { run in
            guard let walk = try? AxisWalk(run.xShape, axis: run.step.axis),
                let reduction = Reduction(rawValue: run.step.mode)
            else { return }
            var place = 0
            walk.forEachLine { start in
                run.y[place] = reduced(run.x + start, walk, reduction)
                place += 1
            }
        })

    private static func reduced(_ x: UnsafePointer<Float>, _ walk: AxisWalk, _ reduction: Reduction) -> Float
    {
        var result = x[0]
        var best = 0
        for i in 1..<max(walk.length, 1) {
            let number = x[i * walk.pace]
            switch reduction {
            case .sum, .mean: result += number
            case .maximum: result = max(result, number)
            case .minimum: result = min(result, number)
            case .product: result *= number
            case .argMax:
                if number > result { (result, best) = (number, i) }
            case .argMin:
                if number < result { (result, best) = (number, i) }
            }
        }
        return switch reduction {
        case .mean: result / Float(walk.length)
        case .argMax, .argMin: Float(best)
        default: result
        }
    }

    /// Place i of the result is place `alpha · i + beta` of the operand.
    static let resize = OperationSpec(
        "resize", fields: [.mode, .axis], number: "operand's places in one of the result",
        secondNumber: "first place",
        rule: { (shapes) throws(StepProblem) in
            let (axis, step) = (shapes.step.axis, shapes.step)
            guard Interpolation(rawValue: step.mode) != nil else {
                throw StepProblem("there is no interpolation \(step.mode)")
            }
            _ = try AxisWalk(shapes.x, axis: axis)
            guard shapes.y.fits,
                shapes.y.replacing(axis: axis, by: 1) == shapes.x.replacing(axis: axis, by: 1)
            else { throw StepProblem("makes \(shapes.y) of \(shapes.x), which differ in more than one axis") }
            guard step.alpha.magnitude < 0x1p20, step.beta.magnitude < 0x1p20 else {
                throw StepProblem("reads places far outside")
            }
            return shapes.y
        },
        run: { run in
            guard let x = try? AxisWalk(run.xShape, axis: run.step.axis),
                let y = try? AxisWalk(run.yShape, axis: run.step.axis)
            else { return }
            for i in 0..<y.length {
                let between = ResizedPlace(run.step, i, length: x.length)
                for line in 0..<x.outer {
                    let low = run.x + (line * x.length + between.low) * x.pace
                    let high = run.x + (line * x.length + between.high) * x.pace
                    let target = run.y + (line * y.length + i) * y.pace
                    for j in 0..<x.pace { target[j] = low[j] + (high[j] - low[j]) * between.share }
                }
            }
        })
}

/// Which places of the operand a place of a resized axis lies between.
package struct ResizedPlace {
    package let low: Int
    package let high: Int
    /// Of the higher one.
    package let share: Float

    package init(_ step: Step, _ index: Int, length: Int) {
        // In double precision, where the product of two floats is exact.
        let place = Double(step.alpha) * Double(index) + Double(step.beta)
        let last = Double(length - 1)
        switch Interpolation(rawValue: step.mode) {
        case .floor, .ceiling:
            let whole = step.mode == Interpolation.floor.rawValue ? place.rounded(.down) : place.rounded(.up)
            low = Int(min(max(whole, 0), last))
            high = low
            share = 0
        default:
            let inside = min(max(place, 0), last)
            low = Int(inside.rounded(.down))
            high = min(low + 1, length - 1)
            share = Float(inside - inside.rounded(.down))
        }
    }
}
