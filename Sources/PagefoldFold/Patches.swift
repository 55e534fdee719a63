// The patches of a network as values, and as the bytes of their section. In place they are PagefoldCore's PatchView.

public import PagefoldCore

/// The patches of one network: runs of its paged weights that come from a list of its own, not from the page table.
public struct Patches: Hashable, Sendable {
    /// Weights in a patch. It divides the page size, so that a patch lies in one page.
    public var size: Int
    /// Which runs are patched, strictly rising. Patch i is the weights [i · size, (i + 1) · size) of the flat vector and
    /// begins within the paged weights.
    public var indices: [Int]
    /// [indices][size]. What lies beyond the paged weights has no meaning.
    public var values: [Float]

    public init(size: Int, indices: [Int], values: [Float]) {
        self.size = size
        self.indices = indices
        self.values = values
    }

    /// Copies what a file holds.
    public init(_ view: PatchView) {
        self.init(
            size: view.size, indices: (0..<view.count).map(view.index),
            values: view.format.values(at: view.values, count: view.count * view.size))
    }

    /// Bytes of a section with `count` patches, for a network of `pagedCount` paged weights.
    public static func byteCount(
        count: Int, size: Int, pagedCount: Int, format: NumberFormat = .float32
    ) -> Int {
        PatchView.byteCount(count: count, size: size, pagedCount: pagedCount, width: format.width)!
    }
}

extension Patches {
    func encoded(pagedCount: Int, format: NumberFormat) -> [UInt8] {
        var result = bytes(UInt32(size)) + bytes(UInt32(indices.count))
        result +=
            PatchView.indexWidth(size: size, pagedCount: pagedCount) == 2
            ? indices.flatMap { bytes(UInt16($0)) } : indices.flatMap { bytes(UInt32($0)) }
        result += [UInt8](repeating: 0, count: (4 - result.count % 4) % 4)
        return result + format.encoded(values)
    }
}
