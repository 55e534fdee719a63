// Functions of single numbers whose derivative does not follow from their result: they are steps of their own and are
// never computed before a max-pool.

/// A function applied to every number by a step of its own. Raw values are part of the fold file's format.
public enum Function: UInt8, Sendable, CaseIterable {
    case exponential = 0
    /// Natural.
    case logarithm = 1
    case squareRoot = 2
    case reciprocal = 3
    case absolute = 4
    case square = 5
    case floor = 6
    case ceiling = 7
    /// To the nearest whole number, halves to the even one.
    case round = 8
    case sign = 9
    case errorFunction = 10
    /// x · Φ(x), with the error function (Hendrycks and Gimpel 2016).
    case gelu = 11
    /// Its approximation with tanh.
    case geluTanh = 12
    /// x · sigmoid(x).
    case silu = 13
    /// x · clip(x / 6 + 1/2, 0, 1).
    case hardSwish = 14
    /// clip(alpha · x + beta, 0, 1).
    case hardSigmoid = 15
    /// beta · x above zero, beta · alpha · (eˣ − 1) below: ELU with beta 1, SELU.
    case elu = 16
    /// ln(1 + eˣ).
    case softplus = 17
    /// x / (1 + |x|).
    case softsign = 18
    /// x · tanh(softplus(x)).
    case mish = 19
    /// x to the power of alpha.
    case power = 20
    /// alpha · x + beta.
    case affine = 21

    /// Whether its derivative is zero wherever there is one.
    public var isStepwise: Bool {
        switch self {
        case .floor, .ceiling, .round, .sign: true
        default: false
        }
    }

    /// Whether it uses `Step.alpha`, and `Step.beta`.
    public var usesAlpha: Bool { self == .power || usesBeta }
    public var usesBeta: Bool { self == .hardSigmoid || self == .elu || self == .affine }

    /// The function itself; `alpha` and `beta` are the step's.
    func callAsFunction(_ x: Float, _ alpha: Float, _ beta: Float) -> Float {
        switch self {
        case .exponential: return PagefoldCore.exponential(x)
        case .logarithm: return naturalLogarithm(x)
        case .squareRoot: return x.squareRoot()
        case .reciprocal: return 1 / x
        case .absolute: return x.magnitude
        case .square: return x * x
        case .floor: return x.rounded(.down)
        case .ceiling: return x.rounded(.up)
        case .round: return x.rounded(.toNearestOrEven)
        case .sign: return x > 0 ? 1 : x < 0 ? -1 : x
        case .errorFunction: return PagefoldCore.errorFunction(x)
        case .gelu: return 0.5 * x * (1 + PagefoldCore.errorFunction(x * 0.707_106_78))
        case .geluTanh:
            return 0.5 * x * (1 + hyperbolicTangent(0.797_884_56 * (x + 0.044_715 * x * x * x)))
        case .silu: return x / (1 + PagefoldCore.exponential(-x))
        case .hardSwish: return x * min(max(x / 6 + 0.5, 0), 1)
        case .hardSigmoid: return min(max(alpha * x + beta, 0), 1)
        case .elu: return beta * (x > 0 ? x : alpha * exponentialMinusOne(x))
        case .softplus: return softplusOf(x)
        case .softsign: return x / (1 + x.magnitude)
        case .mish: return x * hyperbolicTangent(softplusOf(x))
        case .power: return raised(x, to: alpha)
        case .affine: return alpha * x + beta
        }
    }

    private func softplusOf(_ x: Float) -> Float {
        max(x, 0) + naturalLogarithm(1 + PagefoldCore.exponential(-x.magnitude))
    }
}

extension OperationSpec {
    static let function = OperationSpec(
        "function", fields: [.mode], number: "slope, exponent or factor", secondNumber: "factor or term",
        rule: { (shapes) throws(StepProblem) in
            guard let function = Function(rawValue: shapes.step.mode) else {
                throw StepProblem("there is no function \(shapes.step.mode)")
            }
            guard function.usesAlpha || shapes.step.alpha == 0, function.usesBeta || shapes.step.beta == 0
            else {
                throw StepProblem("has a number that its function does not use")
            }
            return shapes.x
        },
        run: { run in
            guard let function = Function(rawValue: run.step.mode) else { return }
            for i in 0..<run.yShape.count { run.y[i] = function(run.x[i], run.step.alpha, run.step.beta) }
        })

    /// `x` above zero, a slope of the channel times `x` below.
    static let parametricRelu = OperationSpec(
        "parametric ReLU", fields: [.weights], rule: { $0.x },
        reads: { [ParameterSpec(.slope, [$0.x.channels])] },
        run: { run in
            var slope = run.weights.cursor(at: Int(run.step.weights))
            run.forEachChannel { channel in
                let s = slope.next()
                for i in channel { run.y[i] = run.x[i] > 0 ? run.x[i] : s * run.x[i] }
            }
        })
}
