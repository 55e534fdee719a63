// The stages of packing, growing and training: what they are called in records, and what is shown when one begins.

/// A stage, with what is worth telling of it.
public enum PackingStage: Hashable, Sendable {
    /// Networks and samples are read.
    case loading
    /// One of so many networks is read with its samples.
    case reading(network: String, number: Int, of: Int)
    /// The Fisher of one network is computed.
    case fisher(network: String)
    /// The budget search makes its trials; what these do is no stage of its own.
    case search
    /// Exclusive pages are chosen by their contribution density (WS).
    case separatingByDensity
    /// So many exclusive pages are chosen by the loss that they avoid.
    case separating(pages: Int)
    /// Pages are matched to so many frames.
    case matching(frames: Int)
    /// Pages are matched to the frames of a fold that is there.
    case matchingToFold
    case training
    /// All networks of a fold and the one that was added are trained; each of the others may lose so much, as a share
    /// of its validation samples.
    case trainingAll(mostLoss: Double)
    /// A network is trained from scratch on so many samples.
    case trainingFromScratch(network: String, samples: Int)
    /// The fold file is written.
    case writing

    /// What the stage is called in records (docs/report.md). The Fisher of all networks is one stage.
    public var name: String {
        switch self {
        case .loading, .reading: "loading"
        case .fisher: "Fisher"
        case .search: "search"
        case .separatingByDensity, .separating: "separating"
        case .matching, .matchingToFold: "matching"
        case .training, .trainingAll, .trainingFromScratch: "training"
        case .writing: "writing"
        }
    }

    /// What is shown when the stage begins.
    public var text: String {
        switch self {
        case .reading(let network, let number, let count):
            "reading \(network) and its samples (\(number) of \(count))"
        case .fisher(let network): "Fisher of \(network)"
        case .separatingByDensity: "separating by contribution density"
        case .separating(let pages): "separating \(pages) pages by the loss they avoid"
        case .matching(let frames): "matching pages to \(frames) frames"
        case .matchingToFold: "matching pages to the frames that are there"
        case .trainingAll(let mostLoss):
            "training all networks, each of the others losing at most \(100 * mostLoss) points"
        case .trainingFromScratch(let network, let samples): "training \(network) on \(samples) samples"
        case .loading, .search, .training, .writing: name
        }
    }
}
