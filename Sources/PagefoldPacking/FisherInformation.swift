// How much a network's loss bends when a weight moves: the diagonal of the Fisher information. Matching weighs
// distances by it.

internal import CPagefoldKernels
public import PagefoldEngine
import PagefoldCore

/// Which Fisher is taken.
public enum FisherKind: String, Sendable, Codable, CaseIterable {
    /// The true Fisher: E over samples and over all classes c, by the network's own p(c|x), of (∂ log p(c|x) / ∂w)².
    case expected
    /// As published (WV section 4, WS section IV): of the predicted class alone, times its probability.
    case predicted
}

/// The diagonal Fisher of one network over some samples.
public struct FisherInformation {
    /// Classes less probable than this in all 16 samples of a block are left out; what they would add is below it.
    static let leastProbability: Float = 1e-5
    /// Sums are taken over this many fixed groups of blocks, so that the number of threads does not show.
    static let groups = 16

    /// - Parameters:
    ///   - weights: the flat weight vector, [weightCount].
    ///   - indices: the samples to average over.
    /// - Returns: [weightCount], each at least 0.
    public static func diagonal(
        of plan: NetworkPlan, weights: [Float], source: any SampleSource, indices: [Int],
        kind: FisherKind = .expected, threads: Workers
    ) -> [Float] {
        let blocks = (indices.count + blockSize - 1) / blockSize
        let groups = min(groups, max(blocks, 1))
        let count = weights.count
        let partials = (0..<groups).map { _ in FloatBuffer(count: count) }
        let arenas = (0..<threads.threads).map { _ in BlockArena(plans: [plan]) }
        let flat = FloatBuffer(weights)
        threads.run(tickets: groups) { group, thread in
            for block in group * blocks / groups..<(group + 1) * blocks / groups {
                let samples = indices[block * blockSize..<min((block + 1) * blockSize, indices.count)]
                arenas[thread].fill(plan, from: source, indices: samples)
                plan.addFisher(
                    of: samples.count, kind: kind, weights: flat.pointer, arena: arenas[thread].pointer,
                    to: partials[group].pointer)
            }
        }
        let sum = FloatBuffer(count: count)
        withExtendedLifetime(partials) {
            pf_reduce(count, partials.map { Optional(UnsafePointer($0.pointer)) }, Int32(groups), sum.pointer)
        }
        let scale = 1 / Float(max(indices.count, 1))
        return sum.values.map { $0 * scale }
    }

    /// (F − min) / (max − min), as WS section IV does with the Fisher of each network; unchanged where all are equal.
    static func stretched(_ fisher: [Float]) -> [Float] {
        guard let least = fisher.min(), let most = fisher.max(), most > least else { return fisher }
        return fisher.map { ($0 - least) / (most - least) }
    }
}

extension NetworkPlan {
    fileprivate func addFisher(
        of lanes: Int, kind: FisherKind, weights: UnsafePointer<Float>, arena: UnsafeMutablePointer<Float>,
        to fisher: UnsafeMutablePointer<Float>
    ) {
        let mode = BlockMode(lanes: lanes)
        forward(weights: weights, arena: arena, mode: mode, toLogits: true)
        let classes = classCount
        var probabilities = [Float](repeating: 0, count: classes * blockSize)
        let logits = arena + logitsOffset
        let lane = UnsafeMutablePointer<Float>.allocate(capacity: classes)
        defer { lane.deallocate() }
        for l in 0..<lanes {
            var largest = -Float.infinity
            for c in 0..<classes { largest = max(largest, logits[c * blockSize + l]) }
            var sum: Float = 0
            for c in 0..<classes {
                lane[c] = exponential(logits[c * blockSize + l] - largest)
                sum += lane[c]
            }
            for c in 0..<classes { probabilities[c * blockSize + l] = lane[c] / sum }
        }
        let upstream = arena + logitsGradientOffset
        for c in 0..<classes {
            var used: Float = 0
            for l in 0..<lanes { used = max(used, share(of: c, l, kind, probabilities, classes)) }
            guard used >= FisherInformation.leastProbability else { continue }
            // The square root goes into the gradient, so that its square carries the probability.
            for k in 0..<classes {
                for l in 0..<blockSize {
                    let p = probabilities[k * blockSize + l]
                    let root = l < lanes ? share(of: c, l, kind, probabilities, classes).squareRoot() : 0
                    upstream[k * blockSize + l] = root * ((k == c ? 1 : 0) - p)
                }
            }
            backward(weights: weights, arena: arena, gradient: fisher, mode: mode, squared: true)
        }
    }

    private func share(of c: Int, _ l: Int, _ kind: FisherKind, _ p: [Float], _ classes: Int) -> Float {
        if kind == .expected { return p[c * blockSize + l] }
        for k in 0..<classes {
            let larger = p[k * blockSize + l] > p[c * blockSize + l]
            if larger || (k < c && p[k * blockSize + l] == p[c * blockSize + l]) { return 0 }
        }
        return p[c * blockSize + l]
    }
}
