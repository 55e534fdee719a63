// How a block is run.

/// What a pass over a block is for.
struct BlockMode: Sendable {
    /// Batch statistics and dropout instead of stored statistics and identity.
    var training: Bool
    /// Samples in the block, 1 … 16.
    var lanes: Int
    /// Names the dropout masks of this block.
    var seed: UInt64
    var counter: UInt64

    init(training: Bool = false, lanes: Int = blockSize, seed: UInt64 = 0, counter: UInt64 = 0) {
        self.training = training
        self.lanes = lanes
        self.seed = seed
        self.counter = counter
    }
}
