// An original on its samples, before anything is packed, and what looks wrong about it: most mistakes in a job, such as a
// transform that the network was not trained with, show in what the original answers.

public import PagefoldCore
public import PagefoldEngine
import PagefoldGraph
public import PagefoldPacking

/// How a network answers before it is packed.
public struct OriginalCheck {
    /// On validation samples.
    public let measure: Measure
    /// One sentence each: what looks wrong and what to look at.
    public let warnings: [String]

    /// Samples that are looked at: enough to tell a network from chance, and quick.
    public static let most = 400
    /// A share of numbers outside what an input can hold, above which it is no rounding.
    static let mostOutside = 0.01

    /// - Parameter task: whose samples and network fit together (`PackingTask.validated`).
    /// - Throws: `InputError` for a network that cannot be run.
    public init(_ task: PackingTask, most: Int = Self.most, engine: Engine) throws(InputError) {
        let comparison = try Comparison(
            task.network, objective: task.objective, samples: task.validation, most: most,
            field: "validation samples", engine: engine)
        measure = comparison.original
        var warnings = task.remarks
        if let text = Self.chance(comparison, task) { warnings.append(text) }
        if let text = Self.outside(task) { warnings.append(text) }
        self.warnings = warnings
    }

    /// Whether the original is no better than a network that knows nothing.
    private static func chance(_ comparison: Comparison, _ task: PackingTask) -> String? {
        let (measure, look) = (comparison.original, "look at transforms, layout and the order of classes")
        let doubt = 2 * measure.standardError
        func percent(_ share: Double) -> String { String(describing: (share * 1000).rounded() / 10) + " %" }
        let first = task.validation.label(0)
        let isOneClass =
            measure.unit == .accuracy
            && (1..<task.validation.count).allSatisfy { task.validation.label($0) == first }
        if comparison.answersAreEqual, measure.count > 1, !isOneClass {
            return "it answers all \(measure.count) validation samples alike; \(look)"
        }
        switch measure.unit {
        case .accuracy:
            let output = task.network.program.outputs[0]
            let classes = max(task.network.program.values[output.value].count, 1)
            guard measure.value <= 1 / Double(classes) + doubt else { return nil }
            return
                "\(percent(measure.value)) right of \(measure.count) samples is no better than chance with "
                + "\(classes) classes; \(look)"
        case .areaUnderCurve:
            guard measure.value <= 0.5 + doubt else { return nil }
            return "an area under the curve of \(percent(measure.value)) is no better than chance; "
                + "look at transforms, and whether label 0 is what is normal"
        case .relativeError:
            // Labels aside, an autoencoder that gives back less than the mean would is fed what it does not know.
            guard measure.value >= 1 else { return nil }
            return "its error is as large as the spread of its outputs; look at transforms"
        case .agreement: return nil
        }
    }

    /// Whether samples go beyond the numbers that a quantised input can hold.
    private static func outside(_ task: PackingTask) -> String? {
        guard let port = task.text.inputs.first, port.element != .float32, port.scale > 0 else { return nil }
        let range = port.element.range
        let low = (Float(range.lowerBound) - Float(port.zeroPoint) - 1) * port.scale
        let high = (Float(range.upperBound) - Float(port.zeroPoint) + 1) * port.scale
        let size = task.network.program.values[0].count
        var sample = [Float](repeating: 0, count: task.validation.shape.count)
        var (outside, all) = (0, 0)
        for index in spread(32, of: task.validation.count) {
            sample.withUnsafeMutableBufferPointer {
                task.validation.copySample(index, variant: nil, into: $0)
            }
            outside += sample[..<size].count { $0 < low || $0 > high }
            all += size
        }
        guard Double(outside) > mostOutside * Double(all) else { return nil }
        return "\(100 * outside / all) % of the numbers of its samples are outside \(low + port.scale) … "
            + "\(high - port.scale), which is all that its input \(port.name) (\(port.element.name)) holds; "
            + "look at transforms"
    }
}
