// From what the packer gives to a record. What the fields mean stands in PagefoldReport.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import PagefoldPacking
import PagefoldReport

extension PackRecord {
    /// Everything that follows from the tasks and the result. Command, settings, time and memory are the caller's.
    /// - Parameter bytes: of the fold file.
    init(bytes: Int, tasks: [PackingTask], result: PackingResult) {
        let fold = result.fold
        self.init(
            bytes: bytes,
            networks: tasks.indices.map { index in
                Network(
                    tasks[index], fold: fold, index: index, pages: result.pages[index],
                    measures: (result.originals[index], result.best.measures[index]))
            })
        for (index, ruin) in result.ruins.enumerated() {
            networks[index].ruin = ruin?.text(
                chance: result.chances[index], unit: networks[index].original.unit)
        }
        version = pagefoldVersion
        frames = fold.frameCount
        pageSize = fold.pageSize
        exclusivePages = fold.networks.reduce(0) { $0 + $1.exclusivePages.count / fold.pageSize }
        overrideBlocks = fold.networks.reduce(0) { $0 + ($1.patches?.indices.count ?? 0) }
        overrideBytes = fold.networks.reduce(0) { bytes, network in
            guard let patches = network.patches else { return bytes }
            return bytes
                + Patches.byteCount(
                    count: patches.indices.count, size: patches.size,
                    pagedCount: network.program.pagedCount, format: network.tailFormat)
        }
        matchingLoss = result.matchingLoss
        bestStep = result.best.step
        history = result.history.map { Look($0) }
        pageTables = fold.networks.map(\.pageTable)
        sharingCost = PagefoldPacking.sharingCost(of: result.pages, in: fold)
    }
}

extension PackRecord.Network {
    /// - Parameters:
    ///   - task: the original, before it was given scales.
    ///   - index: of the network in the fold.
    ///   - measures: on validation samples, before and after.
    fileprivate init(
        _ task: PackingTask, fold: Fold, index: Int, pages: PagedWeights, measures: (Measure, Measure)
    ) {
        self.init(
            name: task.text.name, original: PackRecord.Score(measures.0), packed: PackRecord.Score(measures.1)
        )
        let network = fold.networks[index]
        weights = task.network.weights.count
        self.pages = network.pageTable.count
        exclusivePages = network.exclusivePages.count / fold.pageSize
        fisher = PackRecord.Histogram(of: pages.fisher[..<pages.weightCount], logarithmic: true)

        let before = task.network.weights[..<task.network.program.pagedCount]
        let flat = network.program.effectiveWeights(fold.weights(of: network))
        let after = flat[..<network.program.pagedCount]
        // One range, so that the two can be laid over each other.
        if let least = [before.min(), after.min()].compactMap(\.self).min(),
            let most = [before.max(), after.max()].compactMap(\.self).max()
        {
            let range = Double(least)...Double(most)
            weightsBefore = PackRecord.Histogram(of: before, range: range)
            weightsAfter = PackRecord.Histogram(of: after, range: range)
        }
    }
}

extension PackRecord.Look {
    init(_ look: Evaluated) {
        self.init(
            step: look.step, scores: look.measures.map { PackRecord.Score($0) }, losses: look.losses)
    }
}

extension PackRecord.SearchPoint {
    init(_ point: SearchPoint) {
        self.init(
            format: "\(point.format)", page: point.page, frames: point.frames, sharing: point.sharing,
            bytes: point.bytes, steps: point.steps, mean: point.mean, worst: point.worst,
            ruined: point.ruined, verdict: point.verdict.text)
    }
}

extension PackRecord.Score.Unit {
    init(_ unit: Measure.Unit) {
        self =
            switch unit {
            case .accuracy: .accuracy
            case .agreement: .agreement
            case .areaUnderCurve: .areaUnderCurve
            case .relativeError: .relativeError
            }
    }
}

extension PackRecord.Score {
    init(_ measure: Measure) {
        if let agreement = measure.agreement {
            self.init(accuracy: measure.accuracy, agreement: agreement, count: measure.count)
        } else {
            self.init(unit: Unit(measure.unit), value: measure.value, count: measure.count)
        }
    }
}
