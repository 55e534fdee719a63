// Finds out what the weights should be stored as when only the bytes are given: short trials of the formats that can win,
// the better half of them again for longer (successive halving; Jamieson & Talwalkar 2016), then the whole run of the
// best, which goes on from its trial. What a run does is Packer's.

import Foundation
public import PagefoldCore
public import PagefoldEngine
import PagefoldFold
import PagefoldGraph

/// What a budget search makes of a choice.
public enum Verdict: Hashable, Sendable, Codable {
    /// Nothing yet.
    case open
    case chosen
    /// The last that was left beside the one that is chosen.
    case second
    /// Others were better in a trial.
    case cannotWin
    /// A wider format holds every page on a frame of its own.
    case fitsWithoutSharing(NumberFormat)
    /// More than `BudgetSearch.mostSharing`.
    case tooManyPages

    /// As records and tables have it; empty where it is open.
    public var text: String {
        switch self {
        case .open: ""
        case .chosen: "chosen"
        case .second: "second"
        case .cannotWin: "cannot win"
        case .fitsWithoutSharing(let format): "\(format) fits without sharing"
        case .tooManyPages: "too many pages on a frame"
        }
    }
}

/// One choice of a budget search, and what came of it.
public struct SearchPoint: Hashable, Sendable, Codable {
    public var format: NumberFormat
    /// Weights in a page.
    public var page: Int
    public var frames: Int
    /// Pages of all networks for each frame.
    public var sharing: Double
    /// Bytes of the whole fold file.
    public var bytes: Int
    /// Steps of each network so far.
    public var steps = 0
    /// What all networks gain in the mean, and the worst of them, as a share of validation samples; nil: not tried.
    public var mean: Double?
    public var worst: Double?
    /// Names of the networks that were ruined after these steps; nil: not tried.
    public var ruined: [String]?
    public var verdict = Verdict.open
}

/// What a budget search gives.
public struct SearchResult: Sendable {
    public var packing: PackingResult
    /// With the format and the page size that were chosen.
    public var settings: PackingSettings
    /// All choices, from wide to narrow; none where the settings left no choice.
    public var points: [SearchPoint]
}

/// Packs under a budget of bytes, and chooses the format of the weights where the settings leave it open.
public struct BudgetSearch {
    let settings: PackingSettings
    let engine: Engine
    let report: (PackingEvent) -> Void

    /// Pages on a frame beyond which wider numbers have never won: one frame then serves too many.
    static let mostSharing = 6.5
    /// Shares of the whole run's steps that each round of trials adds.
    static let rounds = [0.025, 0.05]
    static let leastSteps = 50

    public init(
        settings: PackingSettings, engine: Engine, report: @escaping (PackingEvent) -> Void = { _ in }
    ) throws(InputError) {
        self.settings = try settings.validated()
        self.engine = engine
        self.report = report
    }

    /// As `Packer.pack`.
    /// - Parameter mostLoss: what no network may lose against its original, as a share of its validation samples: of right
    ///   answers, or of the original's where there are no labels.
    /// - Throws: `InputError` as `Packer.pack`, and when a network loses more than `mostLoss`, naming it.
    public func pack(
        _ tasks: [PackingTask], checkpoint: String? = nil, fingerprint: String = "", mostLoss: Double? = nil
    ) throws(InputError) -> SearchResult {
        var chosen = settings
        var points = [SearchPoint]()
        var start: PackingResult?
        var kept: KeptSearch?
        let fisher = FisherMemory()
        if settings.format == nil && settings.pool == .budget {
            let identity = try JobIdentity.text(settings: settings, tasks: tasks, fingerprint: fingerprint)
            kept = try checkpoint.flatMap { path throws(InputError) in
                try KeptSearch(checkpoint: path, identity: identity)
            }
            if let kept {
                (chosen, points) = (kept.settings, kept.points)
                points.filter { $0.verdict == .chosen }.forEach { report(.tried($0)) }
            } else {
                (chosen, start, points) = try choose(tasks, fisher)
                kept = KeptSearch(
                    identity: identity, settings: chosen, points: points, begun: Packer.name(of: start))
            }
        }
        let packer = try Packer(settings: chosen, engine: engine, fisher: fisher, report: report)
        let result = try packer.pack(
            tasks, from: start, checkpoint: checkpoint, fingerprint: fingerprint, search: kept)
        if let index = points.firstIndex(where: { $0.verdict == .chosen }) {
            points[index].note(result, steps: points[index].steps + chosen.training.steps)
        }
        if let mostLoss { try check(result, tasks, mostLoss, chosen) }
        return SearchResult(packing: result, settings: chosen, points: points)
    }

    private func check(
        _ result: PackingResult, _ tasks: [PackingTask], _ mostLoss: Double, _ chosen: PackingSettings
    ) throws(InputError) {
        let losses = zip(result.baselines, result.best.measures).map { $1.loss(from: $0) }
        // As `add` counts, and with room for the rounding of shares.
        let losers = zip(tasks, losses).filter { $0.1 > mostLoss + 1e-9 }
        guard !losers.isEmpty else { return }
        let list = losers.map { "\($0.0.text.name) \(String(format: "%.2f", 100 * $0.1))" }
        throw InputError(
            .settings, field: "budget",
            problem:
                "\(FoldSize(result.fold).bytes) bytes as \(chosen.formats.pool) lose more than "
                + "\(String(format: "%.2f", 100 * mostLoss)) points: \(list.joined(separator: ", "))",
            remedy:
                "raise the budget or the steps; or --max-loss alone, for which the trained checkpoint is kept"
        )
    }

    /// Bytes of a fold in which no two pages share a frame; nil where there are too many pages.
    public static func bytesWithoutSharing(
        _ tasks: [PackingTask], _ settings: PackingSettings, as format: NumberFormat
    ) -> Int? {
        let scaled = Self.scaled(tasks, settings)
        var settings = settings
        settings.format = format
        guard let chosen = try? settings.choosingTails(for: scaled) else { return nil }
        let pages = chosen.reduce(0) { $0 + $1.network.program.pageCount(pageSize: settings.pageSize) }
        guard pages <= FoldFormat.mostFrames else { return nil }
        return FoldSize(
            of: chosen, pageSize: settings.pageSize, formats: settings.formats, frames: pages
        ).bytes
    }

    private static func scaled(_ tasks: [PackingTask], _ settings: PackingSettings) -> [PackingTask] {
        tasks.map { task in
            var task = task
            if settings.channelScales { task.network = task.network.addingChannelScales() }
            return task
        }
    }

    // MARK: Trials

    /// What a format comes to under the budget.
    struct Candidate {
        var settings: PackingSettings
        var point: SearchPoint
        var result: PackingResult?

        /// Larger is better; of a candidate that was tried.
        var standing: Standing { Standing(result!.best.measures, result!.baselines) }
    }

    private func choose(
        _ tasks: [PackingTask], _ fisher: FisherMemory
    ) throws(InputError) -> (PackingSettings, PackingResult?, [SearchPoint]) {
        var candidates = try candidates(for: tasks)
        var open = candidates.indices.filter { candidates[$0].point.verdict == .open }
        for share in Self.rounds where open.count > 1 {
            for index in open { try prolong(&candidates[index], by: share, tasks, fisher) }
            open.sort { first, second in
                let (a, b) = (candidates[first].standing, candidates[second].standing)
                return a == b ? first < second : a > b
            }
            let kept = (open.count + 1) / 2
            for index in open[kept...] { candidates[index].point.verdict = .cannotWin }
            open.removeLast(open.count - kept)
        }
        let best = open[0]
        for index in open.dropFirst() { candidates[index].point.verdict = .second }
        candidates[best].point.verdict = .chosen
        report(.tried(candidates[best].point))
        var chosen = candidates[best].settings
        chosen.training = settings.training
        return (chosen, continues ? candidates[best].result : nil, candidates.map(\.point))
    }

    /// With a matching loss, runs restart from the originals, not from a trial: it draws networks to where they began.
    private var continues: Bool { settings.training.matchingLoss == .none }

    private func prolong(
        _ candidate: inout Candidate, by share: Double, _ tasks: [PackingTask], _ fisher: FisherMemory
    ) throws(InputError) {
        var settings = candidate.settings
        let whole = self.settings.training.steps
        settings.training.steps = min(max(Int(share * Double(whole)), Self.leastSteps), whole)
        settings.training.warmUp = min(settings.training.warmUp, settings.training.steps / 4)
        settings.evaluateEvery = max(settings.training.steps, 1)
        report(.trying(candidate.point))
        let packer = try Packer(settings: settings, engine: engine, fisher: fisher, report: report)
        let result = try packer.pack(tasks, from: continues ? candidate.result : nil)
        candidate.point.note(result, steps: candidate.point.steps + settings.training.steps)
        candidate.result = result
        report(.tried(candidate.point))
    }

    /// The formats from wide to narrow; those that cannot win have a verdict already.
    /// - Parameter formats: nil: all that a search looks at.
    func candidates(
        for tasks: [PackingTask], formats: [NumberFormat]? = nil
    ) throws(InputError) -> [Candidate] {
        let scaled = Self.scaled(tasks, settings)
        var found = [Candidate]()
        var failure: InputError?
        let searched = NumberFormat.allCases.filter { $0 != .fixed16 && $0 != .float8 }
        for format in formats ?? searched {
            var settings = settings
            settings.format = format
            let scaled = try settings.choosingTails(for: scaled)
            do throws(InputError) {
                let frames = try frameCount(
                    for: scaled, pageSize: settings.pageSize, formats: settings.formats,
                    budget: settings.budget)
                let pages = scaled.reduce(0) {
                    $0 + $1.network.program.pageCount(pageSize: settings.pageSize)
                }
                let size = FoldSize(
                    of: scaled, pageSize: settings.pageSize, formats: settings.formats, frames: frames)
                found.append(
                    Candidate(
                        settings: settings,
                        point: SearchPoint(
                            format: format, page: settings.pageSize, frames: frames,
                            sharing: Double(pages) / Double(frames), bytes: size.bytes)))
            } catch { failure = error }
        }
        guard !found.isEmpty else { throw failure! }
        // The widest format that needs no sharing beats all narrower ones.
        let whole = found.firstIndex { $0.point.sharing <= 1 } ?? found.count
        for index in found.indices {
            if index > whole {
                found[index].point.verdict = .fitsWithoutSharing(found[whole].point.format)
            } else if found[index].point.sharing > Self.mostSharing {
                found[index].point.verdict = .tooManyPages
            }
        }
        if found.allSatisfy({ $0.point.verdict != .open }) {
            let last = found.indices.min { found[$0].point.sharing < found[$1].point.sharing }!
            found[last].point.verdict = .open
        }
        return found
    }
}

extension SearchPoint {
    fileprivate mutating func note(_ result: PackingResult, steps: Int) {
        let gains = result.gains
        self.steps = steps
        mean = gains.reduce(0, +) / Double(max(gains.count, 1))
        worst = gains.min()
        bytes = FoldSize(result.fold).bytes
        ruined = zip(result.fold.networks, result.ruins).filter { $0.1 != nil }.map(\.0.text.name)
    }
}
