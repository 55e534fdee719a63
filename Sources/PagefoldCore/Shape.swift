// The shape of one sample's activation. Batches are no dimension here: engines add their own.

/// Channels, height and width of one sample's value, in that order in memory (row-major CHW).
/// A vector of n features is `n × 1 × 1`.
public struct Shape: Hashable, Sendable {
    public var channels: Int
    public var height: Int
    public var width: Int

    public init(channels: Int, height: Int = 1, width: Int = 1) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Numbers in one sample's value.
    public var count: Int { channels * height * width }
    /// Positions of one channel.
    public var spatial: Int { height * width }

    /// Whether all sizes are positive and their product is an arena that a program may ask for.
    package var fits: Bool {
        let largest = FoldFormat.largestArena
        return channels > 0 && height > 0 && width > 0 && channels <= largest && height <= largest / channels
            && width <= largest / channels / height
    }
}

extension Shape: CustomStringConvertible {
    public var description: String { "\(channels)×\(height)×\(width)" }
}
