// A training run on disk, so that a killed run goes on and ends with the same bytes. Written whole or not at all.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldFold

/// What is kept of a run besides numbers.
struct CheckpointHeader: Codable, Equatable {
    /// Names the job: settings, networks, data. Another job's checkpoint is not resumed.
    var fingerprint: String
    var step: Int
    var learningRateScale: Float
    var rollbacks: Int
    var importance: [Float]
    var placement: PlacementRecord
    var best: Evaluated
    var history: [Evaluated]
    /// What chose the run's settings, where it was not the user.
    var search: KeptSearch?
    /// Lengths of the vectors that follow.
    var lengths: [Int] = []
}

/// Where everything lies, without weights.
struct PlacementRecord: Codable, Equatable {
    var sharedCount: Int
    /// For each network: page → frame.
    var frameOf: [[Int]]
    var patches: PatchTable

    init(_ placement: Placement) {
        sharedCount = placement.frames.sharedCount
        frameOf = placement.frames.frameOf
        patches = placement.patches
    }

    /// Without patches.
    init(_ frames: FrameTable) {
        sharedCount = frames.sharedCount
        frameOf = frames.frameOf
        patches = .none(networks: frameOf.count)
    }

    /// - Parameter poolCount: weights that the checkpoint has of all frames; nothing larger is allocated.
    /// - Returns: the placement, or nil when it is not one of these networks. A checksum alone would let a forged
    ///   checkpoint trap.
    func restored(
        by placing: Placing, for networks: [PagedWeights], poolCount: Int
    ) throws(InputError) -> Placement? {
        guard let pageSize = networks.first?.pageSize, frameOf.map(\.count) == networks.map(\.pageCount),
            patches.indices.count == networks.count, patches.size > 0, patches.size <= pageSize,
            pageSize % patches.size == 0, sharedCount > 0, sharedCount <= PageStore.largestPool / pageSize
        else { return nil }
        let own = frameOf.joined().filter { $0 >= sharedCount }.sorted()
        guard own == Array(sharedCount..<sharedCount + own.count), frameOf.joined().allSatisfy({ $0 >= 0 }),
            (sharedCount + own.count) * pageSize == poolCount
        else { return nil }
        for (list, network) in zip(patches.indices, networks) {
            let count = (network.weightCount - 1) / patches.size + 1
            guard list.allSatisfy({ (0..<count).contains($0) }), zip(list, list.dropFirst()).allSatisfy(<)
            else { return nil }
        }
        let assignment = try PageAssignment(frameCount: sharedCount + own.count, frameOf: frameOf)
        return try placing.placement(networks, assignment, shared: sharedCount, patches: patches)
    }
}

/// A run that can be resumed.
struct Checkpoint {
    static let magic = Array("PGCKPT05".utf8)

    var header: CheckpointHeader
    /// What training goes on from, and what the matching loss draws each network to, where there is one.
    var state: UnroundedWeights
    var anchors: [[Float]]
    /// The state that is kept, as its formats hold it.
    var best: PackedWeights

    /// All numbers in the order of the file.
    private var vectors: [[Float]] {
        ([state.pool] + state.tails + state.patches).flatMap { [$0.weights, $0.first, $0.second] }
            + [state.stretches] + anchors + [best.pool, best.quanta] + best.tails + best.patches
    }

    /// - Returns: nil where there are not as many vectors as these networks have.
    private init?(_ header: CheckpointHeader, vectors: [[Float]]) {
        let networks = header.importance.count
        let anchors = vectors.count - 3 * (1 + 2 * networks) - 3 - 2 * networks
        guard anchors == 0 || anchors == networks else { return nil }
        var next = 0
        func take() -> [Float] {
            defer { next += 1 }
            return vectors[next]
        }
        func takeState() -> AdamVectors { AdamVectors(weights: take(), first: take(), second: take()) }
        func each<Value>(_ count: Int, _ value: () -> Value) -> [Value] { (0..<count).map { _ in value() } }
        self.header = header
        let (pool, tails, patches) = (takeState(), each(networks, takeState), each(networks, takeState))
        state = UnroundedWeights(pool: pool, stretches: take(), tails: tails, patches: patches)
        self.anchors = each(anchors, take)
        best = PackedWeights(
            pool: take(), quanta: take(), tails: each(networks, take), patches: each(networks, take))
    }

    init(header: CheckpointHeader, state: UnroundedWeights, anchors: [[Float]], best: PackedWeights) {
        self.header = header
        self.state = state
        self.anchors = anchors
        self.best = best
    }

    func write(to path: String) throws(InputError) {
        var header = header
        let vectors = vectors
        header.lengths = vectors.map(\.count)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let json = try? encoder.encode(header) else {
            throw InputError(
                file: path, field: "checkpoint", problem: "its state is not finite",
                remedy: "lower the learning rate")
        }
        var bytes = Self.magic
        bytes += withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) }
        bytes += json
        for vector in vectors { vector.withUnsafeBytes { bytes += $0 } }
        bytes += withUnsafeBytes(of: CRC32C.checksum(bytes).littleEndian) { Array($0) }
        try AtomicFile.write(bytes, to: path)
    }

    /// Whether the numbers are those of a run from this placement.
    func fits(_ placement: Placement, turns: Turns, hasAnchors: Bool) -> Bool {
        let start = placement.weights
        let networks = start.tails.count
        func fits(_ vectors: [AdamVectors], _ due: [[Float]]) -> Bool {
            vectors.map(\.weights.count) == due.map(\.count)
                && vectors.allSatisfy {
                    $0.first.count == $0.weights.count && $0.second.count == $0.weights.count
                }
        }
        return header.importance.count == networks && (0...turns.total).contains(header.step)
            && fits([state.pool], [start.pool]) && state.stretches.count == start.quanta.count
            && state.stretches.allSatisfy { $0 > 0 } && fits(state.tails, start.tails)
            && fits(state.patches, start.patches)
            && anchors.map(\.count) == (hasAnchors ? placement.pages.map(\.weights.count) : [])
            && best.pool.count == start.pool.count && best.quanta.count == start.quanta.count
            && best.tails.map(\.count) == start.tails.map(\.count)
            && best.patches.map(\.count) == start.patches.map(\.count)
            && header.best.measures.count == networks
            && header.history.allSatisfy {
                $0.measures.count == networks && $0.losses.count == networks
            }
            && vectors.allSatisfy { $0.allSatisfy(\.isFinite) }
            && header.importance.allSatisfy { $0.isFinite && $0 > 0 } && header.learningRateScale.isFinite
            && best.quanta.allSatisfy { (0...NumberFormat.mostQuantum).contains($0) }
            && (0...TrainingRun.mostRollbacks).contains(header.rollbacks)
    }

    static func foreign(_ path: String) -> InputError {
        InputError(
            file: path, field: "checkpoint", problem: "it belongs to another job",
            remedy: "delete it, or write this job's fold file to another name")
    }

    /// - Returns: nil when there is no checkpoint at `path`.
    /// - Throws: `InputError` when there is one that cannot be used.
    static func read(_ path: String) throws(InputError) -> Checkpoint? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let damaged = InputError(
            file: path, field: "checkpoint", problem: "it is damaged", remedy: "delete it to begin anew")
        guard let data = FileManager.default.contents(atPath: path), data.count >= 20 else { throw damaged }
        let bytes = [UInt8](data)
        let body = bytes.count - 4
        let stored = bytes.withUnsafeBytes {
            UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: body, as: UInt32.self))
        }
        guard bytes.starts(with: magic), CRC32C.checksum(Array(bytes[..<body])) == stored else {
            throw damaged
        }
        let length = bytes.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        guard length <= UInt64(body - 16),
            let header = try? JSONDecoder().decode(
                CheckpointHeader.self, from: Data(bytes[16..<16 + Int(length)]))
        else { throw damaged }
        var position = 16 + Int(length)
        var vectors = [[Float]]()
        for count in header.lengths {
            guard count >= 0, count <= (body - position) / 4 else { throw damaged }
            vectors.append(
                [Float](unsafeUninitializedCapacity: count) { target, filled in
                    bytes.withUnsafeBytes { source in
                        let part = UnsafeRawBufferPointer(rebasing: source[position..<position + count * 4])
                        UnsafeMutableRawBufferPointer(target).copyMemory(from: part)
                    }
                    filled = count
                })
            position += count * 4
        }
        guard position == body, let checkpoint = Checkpoint(header, vectors: vectors) else { throw damaged }
        return checkpoint
    }
}
