// Task two: one coloured shape on a coloured ground. Neither colour nor place tells the class; only form
// does.

import PagefoldCore

extension DemoTask {
    /// Coloured shapes, 3×24×24 (red, green, blue), eight classes.
    static let shapes = DemoTask(
        name: "shapes", shape: Shape(channels: 3, height: 24, width: 24),
        classes: ["disc", "ring", "square", "frame", "triangle", "cross", "star", "crescent"],
        network: [
            "convolution 16 3x3 stride 2x2 padding 0 groups 1", "batch_normalisation", "relu6",
            "convolution 16 3x3 stride 1x1 padding 1 groups 16", "batch_normalisation", "relu6",
            "convolution 48 1x1 stride 1x1 padding 0 groups 1", "batch_normalisation", "relu6",
            "convolution 48 3x3 stride 2x2 padding 0 groups 48", "batch_normalisation", "relu6",
            "convolution 112 1x1 stride 1x1 padding 0 groups 1", "batch_normalisation", "relu6",
            "residual_begin",
            "convolution 112 3x3 stride 1x1 padding 1 groups 112", "batch_normalisation", "relu6",
            "convolution 112 1x1 stride 1x1 padding 0 groups 1", "batch_normalisation",
            "residual_end", "relu6",
            "global_average_pool", "flatten", "dense 8", "softmax",
        ],
        stream: 2
    ) { label, random in
        let size = random.uniform(7, 9.5)
        let place = Affine(
            centre: Point(11.5 + random.uniform(-2.5, 2.5), 11.5 + random.uniform(-2.5, 2.5)),
            scaleX: size, scaleY: size * random.uniform(0.85, 1), turn: random.uniform(-0.06, 0.06))
        let mask = form(label, place, &random)

        let ground = (0..<3).map { _ in random.uniform(0.3, 0.7) }
        let slope = (0..<3).map { _ in (x: random.uniform(-0.012, 0.012), y: random.uniform(-0.012, 0.012)) }
        var colour = ground
        // Mostly the shape is brighter than its ground, sometimes darker, whatever the two colours are. Grounds
        // are of middling brightness, so that even the worst leaves room: some hundreds of draws find a colour.
        let sign: Float = random.chance(0.12) ? -1 : 1
        while zip(colour, ground).reduce(0, { $0 + ($1.0 - $1.1) * sign }) < 0.65 {
            colour = (0..<3).map { _ in random.uniform() }
        }
        let noise = random.uniform(0.02, 0.08)
        return (0..<3).flatMap { channel in
            var plane = Plane(width: 24, height: 24)
            for i in plane.values.indices {
                let x = Float(i % 24) - 11.5
                let y = Float(i / 24) - 11.5
                plane.values[i] = ground[channel] + slope[channel].x * x + slope[channel].y * y
            }
            plane.paint(colour[channel], through: mask)
            plane.addNoise(noise, &random)
            return plane.values.map { 2 * $0 - 1 }
        }
    }

    /// Coverage of one shape.
    private static func form(_ label: Int, _ place: Affine, _ random: inout RandomSource) -> Plane {
        var mask = Plane(width: 24, height: 24)
        let round = arc(0, 0, 0.9, 0.9)
        let square = [Point(-0.8, -0.8), Point(0.8, -0.8), Point(0.8, 0.8), Point(-0.8, 0.8)]
        let wall = random.uniform(1.8, 2.6)
        switch label {
        case 0: mask.fill(place(round))
        case 1: mask.stroke(place(round), thickness: wall, closed: true)
        case 2: mask.fill(place(square))
        case 3: mask.stroke(place(square), thickness: wall, closed: true)
        case 4: mask.fill(place(regularPolygon(3)))
        case 5:
            let arm = random.uniform(2.4, 4)
            mask.stroke(place([Point(0, -0.85), Point(0, 0.85)]), thickness: arm)
            mask.stroke(place([Point(-0.85, 0), Point(0.85, 0)]), thickness: arm)
        case 6: mask.fill(place(regularPolygon(5, inner: random.uniform(0.38, 0.5))))
        default:
            mask.fill(place(round))
            var bite = Plane(width: 24, height: 24)
            bite.fill(place(arc(random.uniform(0.4, 0.55), 0, 0.75, 0.75)))
            mask.subtract(bite)
        }
        return mask
    }
}
