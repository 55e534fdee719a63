// What joint training is given of each network. Its weights are with JointTraining, its samples stay where they are.

public import PagefoldEngine

/// What one network brings to a training run.
public struct NetworkInTraining {
    let plan: NetworkPlan
    let source: any SampleSource
    /// The original's flat weights, to distil from; nil when there is no original.
    let teacher: FloatBuffer?
    var importance: Float
    /// Batch statistics and dropout, for training from scratch.
    let fromScratch: Bool

    public init(
        plan: NetworkPlan, source: any SampleSource, teacher: FloatBuffer?, importance: Float = 1,
        fromScratch: Bool = false
    ) {
        self.plan = plan
        self.source = source
        self.teacher = teacher
        self.importance = importance
        self.fromScratch = fromScratch
    }
}
