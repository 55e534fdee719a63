// From values to places on an axis, and the ticks that people like to read. Drawing axes is PlotArea's.

import Foundation

/// A linear or logarithmic axis between two places of an image.
struct Scale {
    let isLogarithmic: Bool
    /// The values at the two ends.
    let low: Double
    let high: Double
    /// Where those ends are.
    let start: Double
    let end: Double

    /// An axis over all of the values, with room at both ends.
    /// - Parameters:
    ///   - room: share of the length left free at each end.
    ///   - least: the axis is at least so long (in units; for logarithmic axes a factor).
    ///   - bounds: what the axis never goes beyond, however much room there is.
    init(
        covering values: [Double], logarithmic: Bool = false, room: Double = 0.06, least: Double = 0,
        bounds: ClosedRange<Double>? = nil, start: Double, end: Double
    ) {
        isLogarithmic = logarithmic
        self.start = start
        self.end = end
        func inner(_ value: Double) -> Double { logarithmic ? log10(value) : value }
        func outer(_ value: Double) -> Double { logarithmic ? pow(10, value) : value }
        let usable = values.filter { $0.isFinite && (!logarithmic || $0 > 0) }.map(inner)
        var (from, to) = (usable.min() ?? 0, usable.max() ?? 1)
        let wanted = max(logarithmic ? log10(max(least, 1.5)) : least, 1e-9 * max(abs(from), abs(to)), 1e-12)
        if to - from < wanted {
            let middle = (from + to) / 2
            (from, to) = (middle - wanted / 2, middle + wanted / 2)
        }
        let margin = (to - from) * room
        low = max(outer(from - margin), bounds?.lowerBound ?? -.infinity)
        high = min(outer(to + margin), bounds?.upperBound ?? .infinity)
    }

    /// An axis from one value to another.
    init(from low: Double, to high: Double, logarithmic: Bool = false, start: Double, end: Double) {
        isLogarithmic = logarithmic
        self.low = low
        self.high = high > low ? high : low + max(abs(low), 1)
        self.start = start
        self.end = end
    }

    /// Where a value is; a value that a logarithmic axis cannot show is at the axis' low end.
    func callAsFunction(_ value: Double) -> Double {
        let share: Double
        if isLogarithmic {
            guard value > 0 else { return start }
            share = (log10(value) - log10(low)) / (log10(high) - log10(low))
        } else {
            share = (value - low) / (high - low)
        }
        return start + (share.isFinite ? share : 0) * (end - start)
    }

    func contains(_ value: Double) -> Bool { value >= low && value <= high }

    /// Round values within the axis, about so many.
    func ticks(_ wanted: Int = 5) -> [Double] {
        isLogarithmic ? logarithmicTicks(wanted) : linearTicks(wanted)
    }

    /// 1, 2 or 5 times a power of ten.
    static func niceStep(_ length: Double, _ wanted: Int) -> Double {
        let raw = length / Double(max(wanted, 1))
        guard raw.isFinite, raw > 0 else { return 1 }
        let power = pow(10, floor(log10(raw)))
        let share = raw / power
        return power * (share < 1.5 ? 1 : share < 3 ? 2 : share < 7 ? 5 : 10)
    }

    private func linearTicks(_ wanted: Int) -> [Double] {
        let step = Self.niceStep(high - low, wanted)
        let (first, last) = ((low / step).rounded(.up), (high / step).rounded(.down))
        guard first.isFinite, last.isFinite, last >= first, last - first < 200, abs(first) < 1e15 else {
            return []
        }
        // Division gives 0.3 where multiplication by 0.1 gives 0.30000000000000004.
        let divisor = (1 / step).rounded()
        return (0...Int(last - first)).map { index in
            let count = first + Double(index)
            return step < 1 && divisor < 1e12 ? count / divisor : count * step
        }
    }

    private func logarithmicTicks(_ wanted: Int) -> [Double] {
        let (first, last) = (Int(log10(low).rounded(.down)), Int(log10(high).rounded(.up)))
        guard last - first < 200 else { return [] }
        func within(_ factors: [Double], every stride: Int = 1) -> [Double] {
            (first...last).filter { $0 % stride == 0 }.flatMap { exponent in
                factors.map { $0 * pow(10, Double(exponent)) }
            }.filter(contains)
        }
        let decades = within([1])
        if decades.count > wanted {
            return within([1], every: (decades.count + wanted - 1) / wanted)
        }
        if decades.count >= 3 { return decades }
        let some = within([1, 2, 5])
        return some.count >= 2 ? some : linearTicks(wanted)
    }

    /// A tick's text: as many decimals as the step between ticks needs, and more where two would have one text.
    func text(_ tick: Double, _ ticks: [Double]) -> String {
        let different = Set(ticks).count
        var written = text(tick, ticks, more: 0)
        for more in 0...6 where different > 1 {
            guard Set(ticks.map { text($0, ticks, more: more) }).count < different else {
                written = text(tick, ticks, more: more)
                break
            }
        }
        return written
    }

    /// - Parameter more: decimals beyond those that the step asks for.
    private func text(_ tick: Double, _ ticks: [Double], more: Int) -> String {
        if isLogarithmic {
            let exponent = tick > 0 ? Int(log10(tick).rounded(.down)) : 0
            guard exponent >= 6 || exponent < -3 else {
                return NumberText.fixed(tick, max(0, -exponent) + more)
            }
            let mantissa = tick / pow(10, Double(exponent))
            let isPower = (mantissa * pow(10, Double(more))).rounded() == pow(10, Double(more))
            return (isPower ? "" : NumberText.fixed(mantissa, more) + "×") + "10"
                + NumberText.raised(exponent)
        }
        let step = zip(ticks, ticks.dropFirst()).map { $1 - $0 }.min() ?? max(abs(tick), 1)
        if abs(tick) >= 1e7 || (step < 1e-4 && step > 0) { return NumberText.short(tick, more: more) }
        let decimals = step >= 0.999 ? 0 : min(Int((-log10(step) + 0.999).rounded(.down)), 6)
        return NumberText.fixed(tick, decimals + more)
    }
}
