// The target performance rate of WS section IV: what share of a network's performance its exclusive pages must carry.

import Foundation
import PagefoldCore
import PagefoldEngine

enum TargetPerformance {
    /// TPR = max(0, 1 − (target loss − loss) / loss); 1 where the loss is 0.
    ///
    /// Of each training sample, q is the answer divided by its L2 norm, at the label (the original's own answer where
    /// there is none). loss = mean of −ln q over the samples with q ≤ α, the others counting 0;
    /// target loss = loss · (share of samples with q > α + 1 − target accuracy).
    static func rate(
        of plan: NetworkPlan, weights: [Float], source: any SampleSource, alpha: Double,
        targetAccuracy: Double,
        threads: Workers
    ) -> Double {
        let confidence = confidences(plan, weights: weights, source: source, threads: threads)
        let confident = confidence.filter { $0 > alpha }.count
        let share = Double(confident) / Double(max(confidence.count, 1))
        let loss =
            confidence.filter { $0 <= alpha }.reduce(0.0) { $0 - log(max($1, 1e-30)) }
            / Double(max(confidence.count, 1))
        guard loss > 0 else { return 1 }
        let target = loss * (share + 1 - targetAccuracy)
        return max(0, 1 - (target - loss) / loss)
    }

    /// q of every sample.
    private static func confidences(
        _ plan: NetworkPlan, weights: [Float], source: any SampleSource, threads: Workers
    ) -> [Double] {
        let flat = FloatBuffer(weights)
        let result = FloatBuffer(count: source.count)
        let arenas = (0..<threads.threads).map { _ in BlockArena(plans: [plan]) }
        threads.run(tickets: (source.count + blockSize - 1) / blockSize) { block, thread in
            let indices = block * blockSize..<min((block + 1) * blockSize, source.count)
            arenas[thread].fill(plan, from: source, indices: indices)
            plan.forward(
                weights: flat.pointer, arena: arenas[thread].pointer, mode: BlockMode(lanes: indices.count),
                toLogits: true)
            let scores = arenas[thread].pointer + plan.logitsOffset
            for (lane, index) in indices.enumerated() {
                let own = (0..<plan.classCount).map { Double(scores[$0 * blockSize + lane]) }
                let largest = own.max() ?? 0
                let powers = own.map { exp($0 - largest) }
                let norm = powers.reduce(0) { $0 + $1 * $1 }.squareRoot()
                let label = Int(source.label(index))
                let answer = label >= 0 ? powers[label] : powers.max() ?? 0
                result.pointer[index] = Float(answer / norm)
            }
        }
        return withExtendedLifetime(flat) { result.values.map { Double($0) } }
    }
}
