// Taking a network out of a fold. What is left runs as before, bit for bit; nothing is trained.

public import PagefoldCore

extension Fold {
    /// Frames that no page table names, rising: room for a network to be added.
    public var freeFrames: [Int] {
        let used = Set(networks.flatMap(\.pageTable))
        return (0..<frameCount).filter { !used.contains($0) }
    }

    /// The fold without one of its networks. Page tables, programs and tails of the others stay as they are; frames
    /// that nobody uses any more hold 0.
    /// - Throws: `InputError` when there is no network of that name or no other one.
    public func removing(_ name: String) throws(InputError) -> Fold {
        guard let index = networks.firstIndex(where: { $0.text.name == name }) else {
            throw InputError(
                .fold, field: "network \(name)", problem: "there is none of that name",
                remedy: Spelling.remedy(for: name, among: networks.map(\.text.name), verb: "choose"))
        }
        guard networks.count > 1 else {
            throw InputError(
                .fold, field: "network \(name)", problem: "it is the last one",
                remedy: "a fold file holds at least one network: delete the file instead")
        }
        var result = self
        result.networks.remove(at: index)
        for frame in result.freeFrames {
            for i in frame * pageSize..<(frame + 1) * pageSize { result.pool[i] = 0 }
            // Formats with a quantum have no other zero.
            if formats.pool.hasQuantum { result.quanta[frame] = 0 }
        }
        return result
    }

    /// The fold without its free frames, the others numbered anew in their order.
    public func compacted() -> Fold {
        let free = Set(freeFrames)
        // A pool has at least one frame, even where all networks have all pages for themselves.
        let kept =
            free.count == frameCount
            ? Array(0..<min(frameCount, 1)) : (0..<frameCount).filter { !free.contains($0) }
        var number = [Int](repeating: -1, count: frameCount)
        for (new, old) in kept.enumerated() { number[old] = new }
        var result = self
        result.pool = kept.flatMap { pool[$0 * pageSize..<($0 + 1) * pageSize] }
        if formats.pool.hasQuantum { result.quanta = kept.map { quanta[$0] } }
        for index in networks.indices {
            result.networks[index].pageTable = networks[index].pageTable.map { entry in
                entry < frameCount ? number[entry] : entry - frameCount + kept.count
            }
        }
        return result
    }
}
