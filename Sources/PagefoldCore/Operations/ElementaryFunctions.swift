// Elementary functions without a mathematics library, so that the core needs no operating system and answers the same
// everywhere. Relative errors are below 1e-6 but where the comment says otherwise.

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

/// eˣ − 1, with the digits of a small x.
func exponentialMinusOne(_ x: Float) -> Float {
    guard x.magnitude < 0.25 else { return exponential(x) - 1 }
    var sum: Float = 1 / 5040
    sum = sum * x + 1 / 720
    sum = sum * x + 1 / 120
    sum = sum * x + 1 / 24
    sum = sum * x + 1 / 6
    sum = sum * x + 1 / 2
    return sum * x * x + x
}

/// tanh from e²ˣ − 1.
func hyperbolicTangent(_ x: Float) -> Float {
    let e = exponentialMinusOne(2 * min(max(x, -20), 20))
    return e / (e + 2)
}

/// ln x: 2 artanh((m − 1) / (m + 1)) of the significand, as a series to the eleventh power. −∞ at 0, NaN below.
func naturalLogarithm(_ x: Float) -> Float {
    guard x > 0, x.isFinite else { return x == 0 ? -.infinity : x == .infinity ? x : .nan }
    var m = x.significand
    var e = Float(x.exponent)
    if m > 1.414_213_5 {
        m /= 2
        e += 1
    }
    let s = (m - 1) / (m + 1)
    let s2 = s * s
    var series: Float = 1 / 11
    series = series * s2 + 1 / 9
    series = series * s2 + 1 / 7
    series = series * s2 + 1 / 5
    series = series * s2 + 1 / 3
    series = series * s2 * s + s
    return e * 0.693_359_375 + (2 * series - e * 2.121_944_4e-4)
}

/// erf x: its series near zero, 1 minus a rational function times e^(−x²) elsewhere (Abramowitz and Stegun 7.1.26,
/// absolute error below 2e-7 with these bounds).
func errorFunction(_ x: Float) -> Float {
    let a = x.magnitude
    guard a >= 0.75 else {
        // x · 2 / √π · Σ (−x²)ⁿ / (n! (2n + 1))
        let z = -x * x
        var sum: Float = 1 / 75_600
        sum = sum * z + 1 / 9_360
        sum = sum * z + 1 / 1_320
        sum = sum * z + 1 / 216
        sum = sum * z + 1 / 42
        sum = sum * z + 1 / 10
        sum = sum * z + 1 / 3
        sum = sum * z + 1
        return x * 1.128_379_2 * sum
    }
    guard a < 4 else { return x.isNaN ? x : x > 0 ? 1 : -1 }
    let t = 1 / (1 + 0.327_591_1 * a)
    var sum: Float = 1.061_405_43
    sum = sum * t - 1.453_152_03
    sum = sum * t + 1.421_413_74
    sum = sum * t - 0.284_496_74
    sum = sum * t + 0.254_829_59
    let y = 1 - sum * t * exponential(-a * a)
    return x > 0 ? y : -y
}

/// x to the power of y. A negative x has a power only where y is a whole number; else NaN.
func raised(_ x: Float, to y: Float) -> Float {
    if y == 0 || x == 1 { return 1 }
    if y == 1 { return x }
    if y == 2 { return x * x }
    if y == 0.5 { return x.squareRoot() }
    if x == 0 { return y > 0 ? 0 : .infinity }
    let isWhole = y.rounded() == y
    if isWhole, y.magnitude <= 64 {
        var product: Float = 1
        for _ in 0..<Int(y.magnitude) { product *= x }
        return y > 0 ? product : 1 / product
    }
    guard x > 0 || isWhole else { return .nan }
    let size = exponential(y * naturalLogarithm(x.magnitude))
    let isOdd = isWhole && (y / 2).rounded() != y / 2
    return x < 0 && isOdd ? -size : size
}
