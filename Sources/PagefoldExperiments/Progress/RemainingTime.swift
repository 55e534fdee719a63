// How long a run will still take, from the rate of its own steps. Nothing is told before there is a rate.

/// An estimate that begins anew with each run of steps.
public struct RemainingTime: Sendable {
    private var first: (step: Int, time: Double)?
    private var last: (step: Int, total: Int, time: Double)?
    /// Time that has to have passed between two steps before their rate counts.
    static let leastTime = 0.2

    public init() {}

    /// What follows are steps of another run, or of the same one after something else was done.
    public mutating func begin() { (first, last) = (nil, nil) }

    /// - Parameter time: seconds on any clock.
    public mutating func note(step: Int, of total: Int, at time: Double) {
        // A run that goes back, or another one, has a rate of its own.
        if let last, step <= last.step || total != last.total { begin() }
        if first == nil { first = (step, time) }
        last = (step, total, time)
    }

    /// Seconds from `time` to the last step; nil before there is a rate.
    public func seconds(at time: Double) -> Double? {
        guard let first, let last, last.step > first.step, last.time - first.time >= Self.leastTime else {
            return nil
        }
        let each = (last.time - first.time) / Double(last.step - first.step)
        return max(each * Double(last.total - last.step) - (time - last.time), 0)
    }

    /// As `2 h 5 min`, `3 min`, `42 s`.
    public static func text(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds.rounded(), 0), 1e9))
        if whole >= 3_600 { return "\(whole / 3_600) h \(whole % 3_600 / 60) min" }
        return whole >= 120 ? "\((whole + 30) / 60) min" : "\(whole) s"
    }
}
