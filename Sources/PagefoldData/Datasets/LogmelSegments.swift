// Overlapping segments of log-mel clips with their deltas. The log-mel itself comes from the file.
import PagefoldCore

/// One clip (1 × bands × frames of bytes) becomes several samples of 2 × bands × `frames`: decibels
/// v / 2 − 80 and their delta (K. J. Piczak, "Environmental sound classification with convolutional neural
/// networks", 2015).
///
/// Segments begin every `hop` frames as long as they lie inside the clip. The delta is the slope of the line
/// fitted to `deltaWidth` frames around each: Σ k·v_(t+k) / Σ k², k = −m … m, m = deltaWidth / 2; the first
/// and last m frames of a segment take the slope at the nearest frame that has a whole window.
/// A segment is silent when its mean is below `silence` decibels.
public struct LogmelSegments: Sendable, Equatable {
    public var frames = 41
    public var hop = 20
    public var deltaWidth = 9
    /// Decibels below which the mean of a segment is silence.
    public var silence: Float = -70
    /// Decibels of one unit of the file and of its zero.
    public var unit: Float = 0.5
    public var zero: Float = -80

    public init() {}

    func shape(bands: Int) -> Shape { Shape(channels: 2, height: bands, width: frames) }

    /// The segments of one clip, one after the other. `dropsSilence` leaves out silent ones, but always
    /// keeps the loudest, so that every clip is there. Precondition: the clip holds bands × clipFrames.
    func segments(of clip: [Float], bands: Int, clipFrames: Int, dropsSilence: Bool) -> [[Float]] {
        var segments: [(values: [Float], loudness: Float)] = []
        for start in stride(from: 0, through: clipFrames - frames, by: hop) {
            var values: [Float] = []
            values.reserveCapacity(2 * bands * frames)
            for band in 0..<bands {
                for frame in 0..<frames {
                    values.append(clip[band * clipFrames + start + frame] * unit + zero)
                }
            }
            let loudness = values.reduce(0, +) / Float(values.count)
            for band in 0..<bands {
                values += delta(of: values[(band * frames)..<((band + 1) * frames)])
            }
            segments.append((values, loudness))
        }
        guard dropsSilence, let loudest = segments.map(\.loudness).max() else {
            return segments.map(\.values)
        }
        return segments.filter { $0.loudness >= min(silence, loudest) }.map(\.values)
    }

    private func delta(of row: ArraySlice<Float>) -> [Float] {
        let half = deltaWidth / 2
        let norm = Float(2 * (0...half).reduce(0) { $0 + $1 * $1 })
        let slopes = (half..<(frames - half)).map { centre -> Float in
            var sum: Float = 0
            for k in 1...half {
                let position = row.startIndex + centre
                sum += Float(k) * (row[position + k] - row[position - k])
            }
            return sum / norm
        }
        // There is at least one slope: frames ≥ deltaWidth is checked where the parameters are read.
        let (first, last) = (slopes[0], slopes[slopes.count - 1])
        return [Float](repeating: first, count: half) + slopes + [Float](repeating: last, count: half)
    }
}
