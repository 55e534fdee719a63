// Sine, cosine and bell-shaped noise from additions and multiplications only, so that samples do not
// depend on the platform's libm. Good to about 4e-6; not a general mathematics library.

import PagefoldCore

/// Periodic functions of an angle in turns: one turn is 2π.
enum Wave {
    static func sine(_ turns: Float) -> Float {
        var t = turns - turns.rounded()
        // Folds the outer quarters onto the inner ones, where a short Taylor series will do.
        if t > 0.25 { t = 0.5 - t } else if t < -0.25 { t = -0.5 - t }
        let y = t * 6.283_185_5
        let s = y * y
        return y * (1 + s * (-1 / 6 + s * (1 / 120 + s * (-1 / 5040 + s * (1 / 362_880)))))
    }

    static func cosine(_ turns: Float) -> Float { sine(turns + 0.25) }
}

extension RandomSource {
    /// Mean 0, variance 1, nearly normal: the sum of four uniform 16-bit numbers (Irwin–Hall).
    mutating func bell() -> Float {
        let bits = next()
        let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
        return (Float(sum) * 0x1p-16 - 2) * 1.732_050_8
    }

    mutating func chance(_ probability: Float) -> Bool { uniform() < probability }
}
