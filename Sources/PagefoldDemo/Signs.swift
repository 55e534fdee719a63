// Task three: road signs as a poor grey camera sees them: cropped by hand, dim, blurred and noisy. The
// signs are drawn here, not taken from any data set.

import PagefoldCore

extension DemoTask {
    /// Road signs, 1×24×24, twelve classes.
    static let signs = DemoTask(
        name: "signs", shape: Shape(channels: 1, height: 24, width: 24),
        classes: [
            "limit 30", "limit 50", "limit 80", "no entry", "stop", "give way", "danger", "crossroads",
            "priority road", "ahead", "turn left", "turn right",
        ],
        network: [
            "convolution 16 5x5 stride 1x1 padding 0 groups 1", "tanh", "max_pool 2x2",
            "convolution 32 3x3 stride 1x1 padding 0 groups 1", "relu", "average_pool 2x2",
            "flatten", "dense 80", "sigmoid", "dense 12", "softmax",
        ],
        stream: 3
    ) { label, random in
        let place = Affine(
            centre: Point(11.5 + random.uniform(-2.6, 2.6), 11.5 + random.uniform(-2.6, 2.6)),
            scaleX: random.uniform(7.6, 10.6), scaleY: random.uniform(8, 10.6),
            turn: random.uniform(-0.03, 0.03), shear: random.uniform(-0.12, 0.12))
        var view = surroundings(&random)
        paintSign(label, place, on: &view, &random)
        for _ in 0..<random.below(3) { view.blur() }
        let brightness = random.uniform(0.35, 1)
        let haze = random.uniform(0, 0.25)
        for i in view.values.indices { view.values[i] = view.values[i] * brightness + haze }
        view.addNoise(random.uniform(0.01, 0.05) * brightness, &random)
        return view.values.map { 2 * $0 - 1 }
    }

    /// What stands behind a sign: sky above ground, and a few dark or bright things.
    private static func surroundings(_ random: inout RandomSource) -> Plane {
        let sky = random.uniform(0.2, 1)
        let ground = random.uniform(0.1, 0.7)
        var view = Plane(width: 24, height: 24)
        for i in view.values.indices { view.values[i] = sky + (ground - sky) * Float(i / 24) / 23 }
        for _ in 0..<random.below(4) {
            var thing = Plane(width: 24, height: 24)
            let from = Point(random.uniform(0, 23), random.uniform(0, 23))
            let to = Point(from.x + random.uniform(-12, 12), from.y + random.uniform(-12, 12))
            thing.stroke([from, to], thickness: random.uniform(1, 6))
            view.paint(random.uniform(0, 1), through: thing)
        }
        return view
    }

    /// Paints one sign of about unit radius. Red and blue are dark grey, white is bright.
    private static func paintSign(
        _ label: Int, _ place: Affine, on view: inout Plane, _ random: inout RandomSource
    ) {
        let dark = random.uniform(0.15, 0.35)
        let bright = random.uniform(0.8, 1)
        let black = Float(0.05)
        let unit = (place.xx * place.xx + place.yx * place.yx).squareRoot()

        func fill(_ points: [Point], _ level: Float) {
            var mask = Plane(width: view.width, height: view.height)
            mask.fill(place(points))
            view.paint(level, through: mask)
        }
        func stroke(_ lines: [[Point]], _ level: Float, _ thickness: Float) {
            var mask = Plane(width: view.width, height: view.height)
            for line in lines { mask.stroke(place(line), thickness: thickness * unit) }
            view.paint(level, through: mask)
        }
        func scaled(_ points: [Point], _ factor: Float, _ dx: Float = 0, _ dy: Float = 0) -> [Point] {
            points.map { Point($0.x * factor + dx, $0.y * factor + dy) }
        }
        let round = arc(0, 0, 1, 1)
        let triangle = scaled(regularPolygon(3), 1.15, 0, 0.2)

        switch label {
        case 0, 1, 2:
            fill(round, dark)
            fill(scaled(round, 0.78), bright)
            var lines: [[Point]] = []
            for (digit, x) in [([3, 5, 8][label], Float(-0.33)), (0, Float(0.33))] {
                lines += DigitSkeleton.strokes(digit, &random).map { line in
                    line.map { Point($0.x * 0.42 + x, $0.y * 0.5) }
                }
            }
            stroke(lines, black, 0.13)
        case 3:
            fill(round, dark)
            stroke([[Point(-0.55, 0), Point(0.55, 0)]], bright, 0.34)
        case 4:
            let eighth = regularPolygon(8)
            let upright = Affine(centre: Point(0, 0), scaleX: 1.05, scaleY: 1.05, turn: 1 / 16)
            fill(upright(eighth), dark)
            // The word is too small to read: four bright letters of different outline.
            stroke(
                [
                    [Point(-0.6, -0.25), Point(-0.75, -0.1), Point(-0.58, 0.1), Point(-0.75, 0.28)],
                    [Point(-0.42, -0.27), Point(-0.12, -0.27)], [Point(-0.27, -0.27), Point(-0.27, 0.28)],
                    arc(0.16, 0, 0.15, 0.27),
                    [Point(0.5, 0.28), Point(0.5, -0.27), Point(0.72, -0.12), Point(0.5, 0)],
                ], bright, 0.11)
        case 5:
            fill(triangle.map { Point($0.x, -$0.y) }, dark)
            fill(triangle.map { Point($0.x * 0.6, -$0.y * 0.6 - 0.08) }, bright)
        case 6, 7:
            fill(triangle, dark)
            fill(scaled(triangle, 0.68, 0, 0.06), bright)
            if label == 6 {
                stroke([[Point(0, -0.25), Point(0, 0.25)], [Point(0, 0.5), Point(0, 0.51)]], black, 0.2)
            } else {
                stroke(
                    [[Point(-0.26, -0.0), Point(0.26, 0.52)], [Point(0.26, 0.0), Point(-0.26, 0.52)]], black,
                    0.16)
            }
        case 8:
            fill(scaled(regularPolygon(4), 1.15), bright)
            fill(scaled(regularPolygon(4), 0.72), dark)
        case 9:
            fill(round, dark)
            stroke(
                [
                    [Point(0, 0.65), Point(0, -0.6)],
                    [Point(-0.38, -0.2), Point(0, -0.62), Point(0.38, -0.2)],
                ], bright, 0.2)
        default:
            let side: Float = label == 10 ? -1 : 1
            fill(round, dark)
            stroke(
                [
                    [Point(-0.4 * side, 0.55), Point(-0.4 * side, -0.1), Point(0.6 * side, -0.1)],
                    [Point(0.25 * side, -0.45), Point(0.62 * side, -0.1), Point(0.25 * side, 0.25)],
                ], bright, 0.2)
        }
    }
}
