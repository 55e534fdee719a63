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
        of plan: NetworkPlan, weights: [Float], samples: any SampleSource, alpha: Double,
        targetAccuracy: Double, engine: Engine
    ) -> Double {
        let confidence = confidences(plan, weights: weights, samples: samples, engine: engine)
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
        _ plan: NetworkPlan, weights: [Float], samples: any SampleSource, engine: Engine
    ) -> [Double] {
        let result = FloatBuffer(count: samples.count)
        engine.visit(
            plan, weights: FloatBuffer(weights), samples: samples, indices: Array(0..<samples.count)
        ) { index, outputs, _ in
            let own = outputs[0].map { Double($0) }
            let largest = own.max() ?? 0
            let powers = own.map { exp($0 - largest) }
            let norm = powers.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let label = Int(samples.label(index))
            let answer = powers.indices.contains(label) ? powers[label] : powers.max() ?? 0
            result.pointer[index] = Float(answer / norm)
        }
        return result.values.map { Double($0) }
    }
}
