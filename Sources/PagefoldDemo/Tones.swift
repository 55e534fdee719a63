// Task four: short sounds, synthesised as waveforms and shown as spectrograms. Frequencies are in cycles a
// sample; no sampling rate is implied.

import PagefoldCore

extension DemoTask {
    /// Spectrograms of tones, 1×32×24 (frequency from high to low, time), eight classes.
    static let tones = DemoTask(
        name: "tones", shape: Shape(channels: 1, height: 32, width: 24),
        classes: [
            "steady", "rising", "falling", "two tones", "alternating", "vibrato", "pulses", "harmonics",
        ],
        network: [
            "convolution 16 12x6 stride 2x1 padding 0 groups 1", "relu", "max_pool 1x2",
            "convolution 32 3x3 stride 1x1 padding 0 groups 1", "relu", "max_pool 3x1",
            "flatten", "dense 48", "tanh", "dense 8", "softmax",
        ],
        stream: 4
    ) { label, random in
        let spectrogram = Tone.spectrogram
        let waveform = Tone(label, &random).waveform(spectrogram.samples(frames: Tone.frames), &random)
        return spectrogram.loudness(waveform, frames: Tone.frames).map { min(2, $0) - 0.5 }
    }
}

/// One sound: what its frequency and its loudness do over time.
private struct Tone {
    static let frames = 24
    static let spectrogram = Spectrogram(frame: 64, hop: 32)

    let label: Int
    /// Frequency at the start, cycles a sample.
    let start: Float
    /// Second frequency: where a chirp ends, or the other tone.
    let other: Float
    /// Turns of the slow modulation over the whole sound, and its phase.
    let rate: Float
    let phase: Float
    /// Depth of vibrato, cycles a sample.
    let depth: Float
    let partials: Int

    init(_ label: Int, _ random: inout RandomSource) {
        self.label = label
        let low = random.uniform(0.05, 0.3)
        let high = low + random.uniform(0.08, 0.17)
        let swap = random.chance(0.5)
        switch label {
        case 1: (start, other) = (low, high)
        case 2: (start, other) = (high, low)
        case 5:
            start = random.uniform(0.1, 0.4)
            other = start
        case 7:
            start = random.uniform(0.045, 0.1)
            other = start
        default: (start, other) = swap ? (low, high) : (high, low)
        }
        rate = random.uniform(2, 4)
        phase = random.uniform()
        depth = random.uniform(0.025, 0.05)
        partials = 4 + random.below(2)
    }

    func frequency(_ time: Float) -> Float {
        switch label {
        case 1, 2: start + (other - start) * time
        case 4: Wave.sine(rate * time + phase) > 0 ? start : other
        case 5: start + depth * Wave.sine(rate * time + phase)
        default: start
        }
    }

    /// The sound in noise, with a soft beginning and end at random times.
    func waveform(_ count: Int, _ random: inout RandomSource) -> [Float] {
        let level = random.uniform(0.12, 0.5)
        let noise = random.uniform(0.02, 0.12)
        let begin = random.uniform(-0.1, 0.2)
        let end = random.uniform(0.8, 1.1)
        let duty = random.uniform(-0.3, 0.3)
        var turns = random.uniform()
        var secondTurns = random.uniform()
        var result = [Float](repeating: 0, count: count)
        for i in 0..<count {
            let time = Float(i) / Float(count)
            turns += frequency(time)
            turns -= turns.rounded(.down)
            var value = Wave.sine(turns)
            if label == 3 {
                secondTurns += other
                secondTurns -= secondTurns.rounded(.down)
                value = 0.7 * (value + Wave.sine(secondTurns))
            } else if label == 7 {
                for partial in 2...partials { value += Wave.sine(turns * Float(partial)) }
                value *= 0.6
            } else if label == 6 {
                value *= min(1, max(0, 0.5 + 4 * (Wave.sine(rate * time + phase) - duty)))
            }
            let envelope = min(1, max(0, min(time - begin, end - time) * 20))
            result[i] = value * level * envelope + noise * random.bell()
        }
        return result
    }
}
