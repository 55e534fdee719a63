// A fold file without one of its networks: what `pagefold remove` does. How a fold shrinks is Packing's.

public import PagefoldCore
import PagefoldFold
import PagefoldPacking
public import PagefoldRuntime

/// What removing a network did.
public struct RemovalRecord: Hashable, Sendable, Encodable {
    public var output: String
    public var bytesBefore: Int
    public var bytes: Int
    /// Names of the networks that are left.
    public var networks: [String]
    public var frames: Int
    public var freeFrames: Int

    enum CodingKeys: String, CodingKey {
        case output = "output", bytesBefore = "bytesBefore", bytes = "bytes", networks = "networks"
        case frames = "frames", freeFrames = "freeFrames"
    }
}

extension FoldFile {
    /// Writes a fold file without one of the networks and tells what was done.
    /// - Parameters:
    ///   - compacts: drops frames that no network uses; the others are numbered anew.
    ///   - output: nil: the same file.
    /// - Throws: `InputError` when there is no network of that name or no other one, or nothing can be written.
    public func remove(
        _ network: String, compacts: Bool = false, to output: String? = nil
    ) throws(InputError) -> RemovalRecord {
        try FoldOutput.check(output ?? path)
        var content = try fold()
        do { content = try content.removing(network) } catch { throw error.naming([.fold: path]) }
        if compacts { content = content.compacted() }
        let bytes = content.encoded()
        try AtomicFile.write(bytes, to: output ?? path)
        return RemovalRecord(
            output: output ?? path, bytesBefore: reader.fileSize, bytes: bytes.count,
            networks: content.networks.map(\.text.name), frames: content.frameCount,
            freeFrames: content.freeFrames.count)
    }
}
