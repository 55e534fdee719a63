// What a budget leaves for weights, in every format that it can be spent on: to be known before anything is trained.

public import PagefoldCore
import PagefoldFold
import PagefoldGraph

extension BudgetSearch {
    /// The formats that the budget pays for, from wide to narrow, as trials would begin with them; the one format where
    /// the settings name it. None where the settings say themselves how many frames there are.
    /// - Throws: `InputError` when not even one frame fits, or settings make no sense.
    public func choices(for tasks: [PackingTask]) throws(InputError) -> [SearchPoint] {
        guard settings.pool == .budget else { return [] }
        return try candidates(for: tasks, formats: settings.format.map { [$0] }).map(\.point)
    }

    /// Bytes of a point's file that are no frames: programs, page tables, tails, names, checksums.
    public static func otherBytes(of point: SearchPoint) -> Int {
        point.bytes - point.frames * point.format.frameBytes(pageSize: point.page)
    }
}

extension BudgetSearch {
    /// Steps that the trials of so many formats take, as a share of those of the whole run.
    public static func shareOfTrials(of formats: Int) -> Double {
        var (open, share) = (formats, 0.0)
        for round in rounds where open > 1 {
            share += round * Double(open)
            open = (open + 1) / 2
        }
        return share
    }
}
