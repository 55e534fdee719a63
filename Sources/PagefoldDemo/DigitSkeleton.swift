// The ten digits as pen strokes in a box of x within ±0.6 and y within ±1 (y points down). Only the lines:
// how thick and how crooked they get is up to the task that draws them.

import PagefoldCore

enum DigitSkeleton {
    /// Strokes of one digit, 0...9. Some digits are written in more than one way, chosen at random.
    static func strokes(_ digit: Int, _ random: inout RandomSource) -> [[Point]] {
        let variant = random.chance(0.5)
        switch digit {
        case 0: return [arc(0, 0, 0.6, 1)]
        case 1:
            let stem = [Point(-0.35, -0.6), Point(0.05, -1), Point(0.05, 1)]
            return variant ? [stem, [Point(-0.35, 1), Point(0.45, 1)]] : [stem]
        case 2:
            return [arc(0, -0.45, 0.55, 0.55, from: 0.5, to: 1.1) + [Point(-0.6, 1), Point(0.6, 1)]]
        case 3:
            let lower = arc(0, 0.48, 0.58, 0.52, from: 0.72, to: 1.45)
            return variant
                ? [arc(0, -0.5, 0.5, 0.5, from: 0.55, to: 1.25), lower]
                : [[Point(-0.5, -1), Point(0.5, -1), Point(-0.1, -0.05)], lower]
        case 4:
            return variant
                ? [[Point(0.2, 1), Point(0.2, -1), Point(-0.6, 0.35), Point(0.6, 0.35)]]
                : [
                    [Point(-0.35, -1), Point(-0.5, 0.2), Point(0.6, 0.2)],
                    [Point(0.3, -0.6), Point(0.25, 1)],
                ]
        case 5:
            return [
                [Point(0.5, -1), Point(-0.4, -1), Point(-0.45, -0.1)]
                    + arc(0, 0.35, 0.58, 0.64, from: 0.62, to: 1.42)
            ]
        case 6:
            return [
                [Point(0.35, -1), Point(-0.1, -0.7), Point(-0.42, -0.2), Point(-0.55, 0.4)]
                    + arc(0, 0.42, 0.55, 0.58, from: 0.5, to: -0.5)
            ]
        case 7:
            let line = [Point(-0.55, -1), Point(0.55, -1), Point(-0.1, 1)]
            return variant ? [line, [Point(-0.25, 0), Point(0.45, 0)]] : [line]
        case 8: return [arc(0, -0.5, 0.45, 0.5), arc(0, 0.5, 0.57, 0.5)]
        default:
            let tail =
                variant
                ? [Point(0.45, 0.3), Point(0.1, 1)] : [Point(0.55, 0.5), Point(0, 1), Point(-0.5, 0.8)]
            return [arc(0, -0.42, 0.55, 0.58, from: 0, to: 1) + tail]
        }
    }
}
