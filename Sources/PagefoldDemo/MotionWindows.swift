// Task five: windows of a body-worn motion sensor. A toy gait model, not a biomechanical one: periodic
// accelerations and turning rates of the body, seen by a sensor that is worn any way round.

import PagefoldCore

extension DemoTask {
    /// Motion windows, 6×1×64 (acceleration x y z, turning rate x y z; 25 samples a second), six classes.
    static let motion = DemoTask(
        name: "motion", shape: Shape(channels: 6, height: 1, width: 64),
        classes: ["still", "walking", "running", "stairs", "cycling", "hopping"],
        network: [
            "convolution 40 1x5 stride 1x1 padding 0 groups 1", "batch_normalisation", "relu", "max_pool 1x2",
            "convolution 48 1x5 stride 1x1 padding 0 groups 1", "batch_normalisation", "relu", "max_pool 1x2",
            "flatten", "dense 48", "relu", "dropout 0.2", "dense 6", "softmax",
        ],
        stream: 5
    ) { label, random in
        let gait = Gait(label, &random)
        let worn = Rotation(&random)
        let noise = random.uniform(0.02, 0.08)
        var window = [Float](repeating: 0, count: 6 * 64)
        for t in 0..<64 {
            let body = gait.motion(Float(t) / 25)
            let acceleration = worn.apply(body.acceleration)
            let turning = worn.apply(body.turning)
            for axis in 0..<3 {
                window[axis * 64 + t] = acceleration[axis] + noise * random.bell()
                window[(axis + 3) * 64 + t] = turning[axis] + noise * random.bell()
            }
        }
        return window
    }
}

/// How one body moves: everything that stays fixed over a window.
private struct Gait {
    let label: Int
    /// Steps (or pedal turns, or hops) a second.
    let rate: Float
    let phase: Float
    let strength: Float
    /// Random shares of the side components, so that no two bodies move alike.
    let mix: [Float]

    init(_ label: Int, _ random: inout RandomSource) {
        self.label = label
        let rates: [(Float, Float)] = [(0.2, 0.6), (1.4, 2.2), (1.9, 2.9), (1.2, 2), (1.1, 2.2), (1.5, 2.6)]
        rate = random.uniform(rates[label].0, rates[label].1)
        phase = random.uniform()
        strength = random.uniform(0.75, 1.3)
        mix = (0..<6).map { _ in random.uniform(0.7, 1.3) }
    }

    /// Acceleration (forward, sideways, up; gravity is 1) and turning rate (roll, pitch, yaw).
    /// - Parameter time: Seconds since the window began.
    func motion(_ time: Float) -> (acceleration: SIMD3<Float>, turning: SIMD3<Float>) {
        let turn = rate * time + phase
        // Left and right steps alternate: what swings with the legs has half the rate of the steps.
        let step = Wave.sine(turn)
        let double = Wave.sine(2 * turn + 0.1)
        let swing = Wave.sine(0.5 * turn)
        var a = SIMD3<Float>(0, 0, 1)
        var w = SIMD3<Float>(0, 0, 0)
        switch label {
        case 0:
            a += SIMD3(0.04 * step, 0.05 * swing, 0.02 * double) * strength
            w += SIMD3(0.08 * swing, 0.08 * step, 0.05 * swing)
        case 1:
            a += SIMD3(0.25 * Wave.cosine(turn), 0.15 * swing, 0.35 * step + 0.18 * double) * strength
            w +=
                SIMD3(0.3 * swing, 0.35 * Wave.cosine(0.5 * turn), 0.3 * Wave.sine(0.5 * turn + 0.2))
                * strength
        case 2:
            // Flight: hardly any weight between the pushes.
            let push = max(0, step)
            a += SIMD3(0.3 * Wave.cosine(turn), 0.2 * swing, 1.6 * push * push - 0.4) * strength
            w +=
                SIMD3(0.3 * swing, 0.7 * Wave.cosine(0.5 * turn), 0.6 * Wave.sine(0.5 * turn + 0.2))
                * strength
        case 3:
            // Climbing: a long push and a short drop, one leg clearly after the other.
            let saw = step + 0.5 * Wave.sine(2 * turn) + 0.33 * Wave.sine(3 * turn)
            a += SIMD3(0.12 * step, 0.3 * swing, 0.3 * saw) * strength
            w += SIMD3(0.2 * swing, 0.7 * Wave.sine(0.5 * turn + 0.1) + 0.3 * step, 0.15 * swing) * strength
        case 4:
            // Pedalling: one smooth circle, no impacts.
            a += SIMD3(0.3 * step, 0.08 * swing, 0.3 * Wave.cosine(turn)) * strength
            w += SIMD3(0.1 * step, 0.75 * Wave.cosine(turn + 0.1), 0.08 * swing) * strength
        default:
            // Both legs at once: sharp landings, nothing at half the rate.
            let push = max(0, step)
            a += SIMD3(0.1 * step, 0.06 * double, 1.9 * push * push * push - 0.35) * strength
            w += SIMD3(0.1 * double, 0.4 * Wave.cosine(turn), 0.08 * step) * strength
        }
        let shares = SIMD3(mix[0], mix[1], mix[2])
        let gravity = SIMD3<Float>(0, 0, 1)
        return ((a - gravity) * shares + gravity, w * SIMD3(mix[3], mix[4], mix[5]))
    }
}

/// A uniformly random rotation, from a random unit quaternion (Marsaglia 1972, by rejection).
private struct Rotation {
    private let rows: [SIMD3<Float>]

    init(_ random: inout RandomSource) {
        var q = SIMD4<Float>(0, 0, 0, 0)
        var length: Float = 0
        repeat {
            q = SIMD4(
                random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1))
            length = q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w
        } while length > 1 || length < 0.01
        q /= length.squareRoot()
        let (x, y, z, w) = (q.x, q.y, q.z, q.w)
        rows = [
            SIMD3(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
            SIMD3(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
            SIMD3(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
        ]
    }

    func apply(_ v: SIMD3<Float>) -> SIMD3<Float> {
        // Written out, since the order of additions in SIMD3.sum() is not promised.
        func dot(_ row: SIMD3<Float>) -> Float { row.x * v.x + row.y * v.y + row.z * v.z }
        return SIMD3(dot(rows[0]), dot(rows[1]), dot(rows[2]))
    }
}
