// What several benches measure, and how times are summed up. What is timed is each bench's own.

import PagefoldCore
import PagefoldRuntime

/// Nanoseconds to pick another session: the median over rounds, as a single pick is too short for the clock.
/// - Parameter order: the sessions of one round, by index.
func pickingTime(_ sessions: [Session], order: [Int]) -> Double {
    let clock = ContinuousClock()
    var active = sessions[0]
    var outputs = 0
    let rounds = (0..<101).map { _ in
        let start = clock.now
        for index in order {
            active = sessions[index]
            outputs &+= active.program.outputCount
        }
        return (clock.now - start).seconds * 1e9 / Double(order.count)
    }
    precondition(outputs > 0)  // Keeps the picks from being left out.
    return median(rounds)
}

/// 0 where there are none.
func median(_ values: [Double]) -> Double { quantile(0.5, values) }

/// The value that a share of all values is below: the nearest one that was measured. 0 where there are none.
func quantile(_ share: Double, _ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    return values.sorted()[min(Int(share * Double(values.count)), values.count - 1)]
}
