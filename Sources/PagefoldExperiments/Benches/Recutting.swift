// Fold files to measure: with networks, and the same networks without sharing in pages of other sizes.

import PagefoldCore
import PagefoldFold
import PagefoldRuntime

extension FoldFile {
    /// Opens a fold file that holds something to measure.
    convenience init(toMeasure path: String, memory: MemoryPlan = MemoryPlan()) throws(InputError) {
        try self.init(path: path, memory: memory)
        guard !networkNames.isEmpty else {
            throw InputError(
                file: path, field: "networks", problem: "it holds none",
                remedy: "name a fold file with networks")
        }
        for network in reader.networks {
            try network.program.requireSinglePorts(network: network.text.name, file: path)
        }
    }

    /// A session of each network.
    func sessions() throws(InputError) -> [Session] {
        try networkNames.map { name throws(InputError) in try session(name) }
    }
}

extension Fold {
    /// The same networks in pages of another size, each page on a frame of its own; nil: each network in one piece.
    func recut(pageSize: Int?) -> Fold {
        let whole = networks.map(\.program.pagedCount).reduce(1, max)
        let pageSize = min(pageSize ?? whole, FoldFormat.largestPage)
        var result = Fold(pageSize: pageSize, pool: [], networks: [])
        for network in networks {
            var flat = weights(of: network)
            let tail = Array(flat[network.program.pagedCount...])
            flat.removeLast(tail.count)
            let pages = network.program.pageCount(pageSize: pageSize)
            let first = result.frameCount
            result.pool += flat + [Float](repeating: 0, count: pages * pageSize - flat.count)
            result.networks.append(
                FoldedNetwork(
                    text: network.text, program: network.program, pageTable: Array(first..<first + pages),
                    tail: tail))
        }
        return result
    }
}
