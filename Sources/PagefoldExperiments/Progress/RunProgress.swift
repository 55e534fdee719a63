// What is shown of a run while it works: lines that stay, and one that tells what is being done now. Terminals and clocks
// are the commands'.

import Foundation
import PagefoldEngine
public import PagefoldPacking
import PagefoldReport

/// A run as its events tell it. Times are seconds on any clock.
public struct RunProgress: Sendable {
    private let names: [String]
    private let stride: Int
    /// Of each network; nil: not known.
    private let steps: Int?
    private var remaining = RemainingTime()
    /// What is being done, and since when.
    private var work: (text: String, since: Double)?
    private var step: (number: Int, total: Int, loss: Float)?
    private var trial: String?
    private var accuracy = ""
    /// The step to which the checkpoint brings a run that is started again.
    public private(set) var keptStep: Int?
    /// Whether something looked wrong.
    public private(set) var hasWarned = false

    /// - Parameters:
    ///   - names: of the networks.
    ///   - settings: nil: of a run that takes no turns.
    public init(names: [String], settings: TrainingSettings? = nil) {
        self.names = names
        steps = settings?.steps
        stride = settings.map { $0.optimisation == .simultaneous ? 1 : max(names.count, 1) } ?? 1
    }

    /// Work begins that has no events of its own.
    public mutating func begin(_ text: String, at time: Double) {
        step = nil
        work = (text, time)
    }

    /// - Returns: lines to show.
    public mutating func note(_ event: PackingEvent, at time: Double) -> [String] {
        switch event {
        case .stepped(let number, let total, let losses):
            remaining.note(step: number, of: total, at: time)
            step = (number, total, losses.reduce(0, +) / Float(max(losses.count, 1)))
            work = nil
            return []
        case .evaluated(let look, let isBest):
            // Looks count: they are part of what a step takes.
            if trial != nil { return [] }
            keptStep = look.step
            return [lookLine(look, isBest)]
        case .warned(let text):
            hasWarned = true
            return ["warning: \(text)"]
        default: break
        }
        step = nil
        remaining.begin()
        switch event {
        case .trying(let point):
            trial = "\(point.format)"
            work = ("trying \(point.format)", time)
            return [
                "trying \(point.format): \(point.frames) frames of \(point.page) weights, "
                    + String(format: "%.2f pages on a frame", point.sharing)
            ]
        case .tried(let point):
            trial = point.verdict == .open ? trial : nil
            work = ("search", time)
            guard let mean = point.mean else { return ["\(point.format) is the only choice"] }
            return [
                "\(point.format) after \(point.steps) steps: mean \(Self.points(mean)), worst "
                    + "\(Self.points(point.worst ?? 0))  \(point.verdict.text)"
            ]
        case .stage(let stage):
            work = (trial.map { "\($0): \(stage.text)" } ?? stage.text, time)
            return trial == nil ? [stage.text] : []
        case .matched(let frames, let loss):
            work = ("preparing to train", time)
            guard trial == nil else { return [] }
            return ["matched onto \(frames) frames, second-order loss \(String(format: "%.4g", loss))"]
        case .resumed(let step):
            keptStep = step
            return ["goes on from the checkpoint at step \(step)"]
        case .rolledBack(let step, let scale):
            return ["not finite: back to step \(step), learning rate × \(scale)"]
        case .stepped, .evaluated, .warned: return []
        }
    }

    private mutating func lookLine(_ look: Evaluated, _ isBest: Bool) -> String {
        let scores = look.measures.map { PackRecord.Score($0) }
        let shares = look.measures.filter { $0.unit == .accuracy }.map(\.value)
        accuracy =
            shares.isEmpty
            ? "" : String(format: "accuracy %.2f %%  ", 100 * shares.reduce(0, +) / Double(shares.count))
        let list = zip(names, scores).map { "\($0) \($1.text)" }.joined(separator: ", ")
        let turns = stride > 1 ? " of \((steps ?? 0) * stride), \(look.step / stride) of each network" : ""
        return "step \(look.step)\(turns): \(list)\(isBest ? "  (kept so far)" : "")"
    }

    /// What is being done now, for a line that is drawn again and again; nil where nothing has begun.
    public func status(at time: Double) -> String? {
        guard let step else {
            return work.map { "\($0.text) … \(RemainingTime.text(time - $0.since))" }
        }
        let left = remaining.seconds(at: time).map { "  \(RemainingTime.text($0)) left" } ?? ""
        if let trial {
            return "trial of \(trial): step \(step.number) of \(step.total)"
                + (left.isEmpty ? "" : "\(left) of the trial")
        }
        let filled = step.total > 0 ? 24 * step.number / step.total : 24
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
        let loss = String(format: "loss %.3f  ", step.loss)
        return "\(bar) \(step.number)/\(step.total)  \(loss)\(accuracy)".trimmingSpaces + left
    }

    private static func points(_ share: Double) -> String { String(format: "%+.2f", 100 * share) }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
