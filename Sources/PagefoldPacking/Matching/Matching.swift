// Matching: chooses the frame of each page so that the second-order loss is small. Read this file first.
// Not separation: which pages stay out of the pool is decided before.

public import PagefoldCore

/// Where the pages start before refinement.
public enum MatchingStart: String, Sendable, CaseIterable {
    /// Networks one after the other, each by exact assignment onto what lies there already.
    case sequential
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

/// Most pages that may lie on one frame.
///
/// With the heavy tail of real Fisher values the least loss piles most light pages on one frame. That prunes them:
/// the loss, a local surrogate, sees no harm in it, but in short trials retraining recovered far less from it.
public enum OccupancyLimit: Sendable, Equatable {
    /// As many pages as an even spread needs: all pages divided by the frames, rounded up.
    case even
    /// A number of pages.
    case pages(Int)
    /// No limit.
    case none

    func limit(pages: Int, frames: Int) -> Int {
        switch self {
        case .even: (pages - 1) / frames + 1
        case .pages(let count): count
        case .none: pages
        }
    }
}

/// How hard the matching tries.
public struct MatchingSettings: Sendable {
    /// Starts to try; the best after refinement is kept.
    public var starts: [MatchingStart] = [.sequential]
    /// Order of the networks in a sequential start.
    public var order: NetworkOrder = .largestFirst
    /// Most pages that may lie on one frame.
    public var occupancy = OccupancyLimit.even
    /// Whether pages of one network never share a frame, as in the published systems. Needs a frame for each page
    /// of the largest network, room for a page of each network on a frame, and the sequential start alone.
    public var keepsNetworksApart = false
    /// Rounds of refinement at most, each: page moves, then exact re-assignments.
    public var rounds = 40
    /// Exact re-assignments in a round beyond one for each network, each of a random page of every frame.
    public var exchanges = 8
    /// Refinement stops when a round lowers the loss by less than this fraction.
    public var tolerance = 1e-3
    /// Refinement stops once it has compared this many weights of pages with weights of frames: a limit that does
    /// not depend on the machine. Pools of up to 1,700 frames end by `tolerance` before.
    public var mostComparisons = 60_000_000_000
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
    guard !settings.starts.isEmpty else {
        throw InputError(
            .part("matching"), field: "starts", problem: "none given", remedy: "give at least one start")
    }
    let store = try PageStore(networks)
    try store.checkFrameCount(frameCount)
    try settings.checkRoom(for: networks, on: frameCount)
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
            if refinement.isSpent || before - after <= settings.tolerance * before { break }
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

extension MatchingSettings {
    /// - Throws: `InputError` where the pages cannot keep to the occupancy limit, or the networks not apart.
    func checkRoom(for networks: [PagedWeights], on frameCount: Int) throws(InputError) {
        let pages = networks.reduce(0) { $0 + $1.pageCount }
        let limit = occupancy.limit(pages: pages, frames: frameCount)
        let (room, overflow) = frameCount.multipliedReportingOverflow(by: limit)
        guard limit > 0, overflow || room >= pages else {
            throw InputError(
                .part("matching"), field: "occupancy limit",
                problem: "\(pages) pages do not fit \(frameCount) frames of \(limit)",
                remedy: "allow more pages on a frame or give more frames")
        }
        guard keepsNetworksApart else { return }
        guard networks.allSatisfy({ $0.pageCount <= frameCount }), limit >= networks.count,
            starts == [.sequential]
        else {
            throw InputError(
                .part("matching"), field: "networks apart",
                problem:
                    "\(networks.map(\.pageCount)) pages on \(frameCount) frames of at most \(limit) pages",
                remedy: "give a frame for each page of the largest network, room for all networks on each, "
                    + "and the sequential start alone")
        }
    }
}
