// What a user may choose about training, joint or from scratch, and the schedule of its learning rate.

import Foundation
public import PagefoldCore

/// Whose turn it is in joint training.
public enum Optimisation: String, Sendable, Codable, CaseIterable {
    /// Every step takes the gradients of all networks.
    case simultaneous = "simultaneous"
    /// The networks in turn, `turn` steps each, until each has had all of its steps (WV section 5.3, WS "joint").
    case roundRobin = "round_robin"
    /// Each network once, with all of its steps, in the order of the job (R, "sequential").
    case sequential = "sequential"
}

/// How the learning rate goes from its largest value.
public enum Schedule: String, Sendable, Codable, CaseIterable {
    case cosine = "cosine"
    case constant = "constant"
}

/// Which state of a run is kept.
public enum Selection: String, Sendable, Codable, CaseIterable {
    /// The last that is as good as the best on the validation samples, but for chance (`Standing`).
    case best = "best"
    case last = "last"
}

/// How joint training goes. Defaults are Pagefold's own.
public struct TrainingSettings: Hashable, Sendable, Codable {
    /// Steps of each network.
    public var steps = 20_000
    /// Samples of each network in a step.
    public var batch = 100
    public var learningRate: Float = 1e-3
    public var schedule = Schedule.cosine
    /// Steps over which the learning rate rises from 0.
    public var warmUp = 100
    public var optimisation = Optimisation.simultaneous
    /// Steps of a network in its turn, in round-robin optimisation.
    public var turn = 2_000
    /// Which matching loss joins the loss of a network, and how much of it.
    public var matchingLoss = MatchingLossKind.none
    public var lambda: Float = 10
    /// Share of the loss that is cross-entropy with the labels; the rest is distillation from the original.
    public var labelWeight: Float = 0.5
    /// Softens both distributions in distillation (Hinton et al. 2015).
    public var temperature: Float = 2
    public var beta1: Float = 0.9
    public var beta2: Float = 0.999
    public var epsilon: Float = 1e-8
    /// How strongly networks that lose accuracy at a look gain weight in the joint loss until the next; 0: not at all.
    public var balance: Float = 10
    public var selection = Selection.best
    public var seed: UInt64 = 1

    public init() {}

    /// The learning rate of one of a network's `steps`: a linear rise, then a cosine down to 0 at the last step
    /// (Loshchilov & Hutter 2017) or no change.
    public func learningRate(at step: Int) -> Float {
        if step < warmUp { return learningRate * Float(step + 1) / Float(warmUp) }
        if schedule == .constant { return learningRate }
        let progress = Float(step - warmUp) / Float(max(steps - warmUp, 1))
        return learningRate * 0.5 * (1 + cos(Float.pi * min(progress, 1)))
    }
}

extension TrainingSettings {
    /// What must hold.
    var checks: [SettingCheck] {
        [
            .whole(steps, "steps", in: 0...1 << 30),
            .whole(batch, "batch", in: 1...65_536),
            .number(learningRate, "learning_rate", above: true),
            .whole(turn, "turn", in: 1...1 << 30),
            .number(lambda, "lambda", above: false),
            .share(labelWeight, "label_weight"),
            .number(temperature, "temperature", above: true),
            .whole(warmUp, "warm_up", in: 0...1 << 30),
            .number(balance, "balance", above: false),
        ]
    }

    /// - Throws: `InputError` naming the setting that makes no sense.
    public func validate() throws(InputError) { try checks.require() }
}
