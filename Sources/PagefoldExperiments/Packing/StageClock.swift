// How long the stages of a packing run take, told by the packer's own events. What is shown meanwhile is
// ProgressLine's.

import PagefoldPacking
import PagefoldReport

/// Takes the time of stages, one after the other.
final class StageClock {
    private let clock = ContinuousClock()
    private var current: (stage: PackingStage, since: ContinuousClock.Instant)
    private var stages: [PackRecord.Stage] = []
    /// All of a trial is one stage.
    private var isTrial = false
    /// The step of the checkpoint from which the run went on.
    private(set) var resumedStep: Int?

    init(_ stage: PackingStage) { current = (stage, clock.now) }

    /// Ends the stage before and begins another; nothing happens where it has the same name in records.
    func begin(_ stage: PackingStage) {
        guard stage.name != current.stage.name else { return }
        stages.append(ended())
        current = (stage, clock.now)
    }

    func note(_ event: PackingEvent) {
        switch event {
        case .stage where isTrial, .stepped where isTrial, .evaluated where isTrial: break
        case .stage(let stage): begin(stage)
        case .resumed(let step):
            resumedStep = step
            begin(.training)
        case .stepped, .evaluated: begin(.training)
        case .trying:
            begin(.search)
            isTrial = true
        case .tried(let point): isTrial = point.verdict == .open
        case .warned, .matched, .rolledBack: break
        }
    }

    /// The stages so far; the last one goes on.
    var seconds: [PackRecord.Stage] { stages + [ended()] }

    private func ended() -> PackRecord.Stage {
        PackRecord.Stage(name: current.stage.name, seconds: (clock.now - current.since).seconds)
    }
}

extension Duration {
    var seconds: Double { self / .seconds(1) }
}
