// How long the stages of a packing run take, told by the packer's own events. What is shown meanwhile is
// ProgressLine's.

import PagefoldPacking
import PagefoldReport

/// Takes the time of stages, one after the other.
final class StageClock {
    private let clock = ContinuousClock()
    private var current: (name: String, since: ContinuousClock.Instant)
    private var stages: [PackRecord.Stage] = []
    /// All of a trial is one stage.
    private var isTrial = false
    /// The step of the checkpoint from which the run went on.
    private(set) var resumedStep: Int?

    /// Begins with the stage `name`.
    init(_ name: String) { current = (name, clock.now) }

    /// Ends the stage before and begins another; nothing happens where it has that name already.
    func begin(_ name: String) {
        guard name != current.name else { return }
        stages.append(PackRecord.Stage(name: current.name, seconds: (clock.now - current.since).seconds))
        current = (name, clock.now)
    }

    func note(_ event: PackingEvent) {
        switch event {
        case .stage where isTrial, .stepped where isTrial, .evaluated where isTrial: break
        // The first word: "Fisher of mnist" and "Fisher of esc10" are one stage.
        case .stage(let text): begin(String(text.prefix { $0 != " " }))
        case .resumed(let step):
            resumedStep = step
            begin("training")
        case .stepped, .evaluated: begin("training")
        case .trying:
            begin("search")
            isTrial = true
        case .tried(let point): isTrial = point.verdict.isEmpty
        case .matched, .rolledBack: break
        }
    }

    /// The stages so far; the last one goes on.
    var seconds: [PackRecord.Stage] {
        stages + [PackRecord.Stage(name: current.name, seconds: (clock.now - current.since).seconds)]
    }
}
