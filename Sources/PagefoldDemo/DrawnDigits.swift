// Task one: digits as drawn by an unsteady hand. Skeletons come from DigitSkeleton.

import PagefoldCore

extension DemoTask {
    /// Drawn digits, 1×20×20, ten classes.
    static let digits = DemoTask(
        name: "digits", shape: Shape(channels: 1, height: 20, width: 20),
        classes: (0..<10).map(String.init),
        network: [
            "convolution 12 5x5 stride 1x1 padding 0 groups 1", "leaky_relu 0.1", "max_pool 2x2",
            "convolution 32 3x3 stride 1x1 padding 0 groups 1", "leaky_relu 0.1", "max_pool 2x2",
            "flatten", "dense 96", "leaky_relu 0.1", "dense 10", "softmax",
        ],
        stream: 1
    ) { label, random in
        let place = Affine(
            centre: Point(random.uniform(7.5, 11.5), random.uniform(7.5, 11.5)),
            scaleX: random.uniform(5.5, 10), scaleY: random.uniform(5, 8.5),
            turn: random.uniform(-0.07, 0.07), shear: random.uniform(-0.35, 0.35))
        let wobble = (
            x: random.uniform(-0.12, 0.12), y: random.uniform(-0.12, 0.12), phase: random.uniform(),
            rate: random.uniform(0.25, 0.6)
        )
        let thickness = random.uniform(1.1, 2.9)
        var ink = Plane(width: 20, height: 20)
        for stroke in DigitSkeleton.strokes(label, &random) {
            let bent = stroke.map { p in
                Point(
                    p.x + wobble.x * Wave.sine(p.y * wobble.rate + wobble.phase) + 0.03 * random.bell(),
                    p.y + wobble.y * Wave.sine(p.x * wobble.rate - wobble.phase) + 0.03 * random.bell())
            }
            ink.stroke(place(bent), thickness: thickness)
        }
        var page = Plane(width: 20, height: 20, level: random.uniform(0, 0.15))
        page.paint(random.uniform(0.6, 1), through: ink)
        page.addNoise(random.uniform(0.02, 0.12), &random)
        return page.values.map { 2 * $0 - 0.5 }
    }
}
