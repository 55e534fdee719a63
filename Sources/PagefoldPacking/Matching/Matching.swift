// Matching: chooses the frame of each page so that the second-order loss is small. Read this file first.
// Not separation: which pages stay out of the pool is decided before.

public import PagefoldCore

/// Where the pages start before refinement.
public enum MatchingStart: String, Sendable, CaseIterable {
    /// Networks one after the other, each by exact assignment onto what lies there already.
    case sequential
    /// All pages on frames of their own, then the two cheapest frames merged until the pool is reached.
    case merging
    /// Frames seeded with pages far from each other (k-means++ with Fisher weights), then each page on the cheapest.
    case spreading
}

/// Order in which `MatchingStart.sequential` adds the networks.
public enum NetworkOrder: Sendable, Equatable {
    /// Most pages first; equal ones as given.
    case largestFirst
    /// Largest Fisher sum first.
    case heaviestFirst
    /// As given.
    case asGiven
}

/// How hard the matching tries.
public struct MatchingSettings: Sendable {
    /// Starts to try; the best after refinement is kept.
    public var starts: [MatchingStart] = [.merging, .sequential]
    /// Order of the networks in a sequential start.
    public var order: NetworkOrder = .largestFirst
    /// Most pages that may lie on one frame; `nil` for any number. With heavy-tailed Fisher values the least loss
    /// piles all light pages on one frame, which prunes them: the loss, a local surrogate, sees no harm in that.
    public var occupancyLimit: Int?
    /// Rounds of refinement at most, each: page moves, then exact re-assignments.
    public var rounds = 40
    /// Exact re-assignments in a round beyond one for each network, each of a random page of every frame.
    public var exchanges = 8
    /// Refinement stops when a round lowers the loss by less than this fraction.
    public var tolerance = 1e-3
    /// Seed of the random draws.
    public var seed: UInt64 = 1

    public init() {}
}

/// The assignment found, and how the loss came down.
public struct Matching: Sendable {
    /// One entry of the history.
    public struct Step: Sendable, Equatable {
        /// The start this step belongs to.
        public let start: MatchingStart
        /// 0 for the start itself, then the refinement round.
        public let round: Int
        /// Second-order loss after the step.
        public let loss: Double
    }

    /// The best assignment.
    public let assignment: PageAssignment
    /// Its second-order loss.
    public let loss: Double
    /// The start it came from.
    public let start: MatchingStart
    /// Loss after each round of each start; within a start it never rises.
    public let history: [Step]
}

/// Assigns the pages of all networks to the frames of one pool at a small second-order loss.
///
/// The loss of a frame is Σ F(w − w*)² with w* the Fisher-weighted mean of its pages, so the whole is a
/// Fisher-weighted clustering of pages; networks may share frames with each other and inside themselves.
///
/// - Parameters:
///   - networks: pages with Fisher values, normalised as the caller sees fit (`normalisingFisher`).
///   - frameCount: frames of the pool, at least 1.
///   - settings: starts, rounds and seed.
/// - Throws: `InputError` for no networks, differing page sizes, no frames, no starts or too little room.
public func match(
    _ networks: [PagedWeights], onto frameCount: Int, settings: MatchingSettings = MatchingSettings()
) throws(InputError) -> Matching {
    guard frameCount > 0 else {
        throw InputError(
            file: "matching", field: "frames", problem: "\(frameCount) frames",
            remedy: "give at least one frame")
    }
    let pageCount = networks.reduce(0) { $0 + $1.pageCount }
    let room = frameCount.multipliedReportingOverflow(by: settings.occupancyLimit ?? pageCount)
    guard room.overflow || room.partialValue >= pageCount else {
        throw InputError(
            file: "matching", field: "occupancy limit",
            problem:
                "\(pageCount) pages do not fit \(frameCount) frames of \(settings.occupancyLimit ?? pageCount)",
            remedy: "allow more pages on a frame or give more frames")
    }
    guard !settings.starts.isEmpty else {
        throw InputError(
            file: "matching", field: "starts", problem: "none given", remedy: "give at least one start")
    }
    let store = try PageStore(networks)
    var history: [Matching.Step] = []
    var best: (contents: FrameContents, start: MatchingStart)?
    for start in settings.starts {
        var contents = try start.contents(store: store, frameCount: frameCount, settings: settings)
        history.append(Matching.Step(start: start, round: 0, loss: contents.totalLoss))
        var refinement = Refinement(contents: contents, settings: settings)
        for round in 1...max(settings.rounds, 1) where settings.rounds > 0 {
            let before = refinement.contents.totalLoss
            try refinement.runRound()
            let after = refinement.contents.totalLoss
            history.append(Matching.Step(start: start, round: round, loss: after))
            if before - after <= settings.tolerance * before { break }
        }
        contents = refinement.contents
        if let kept = best, kept.contents.totalLoss <= contents.totalLoss { continue }
        best = (contents, start)
    }
    guard let best else { preconditionFailure("starts are not empty") }
    return Matching(
        assignment: PageAssignment(store: store, frameCount: frameCount, frames: best.contents.frameOf),
        loss: best.contents.totalLoss, start: best.start, history: history)
}
