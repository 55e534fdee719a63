// What every session holds, for one sample at a time or for batches: its network's weights, whose exclusive pages may come
// and go, and an arena. Nothing is run here.

internal import CPagefoldKernels
internal import PagefoldCore

/// The weights of one network of an open file.
struct SessionWeights: ~Copyable {
    let file: FoldFile
    let network: Int
    /// Where the weights are for the interpreter, and for kernels.
    private(set) var view: WeightView
    private(set) var paged: pf_paged_weights
    /// Whether the exclusive pages are where kernels look for them.
    private(set) var isLoaded: Bool

    init(_ file: FoldFile, _ network: Int) {
        let described = file.reader.networks[network]
        self.file = file
        self.network = network
        view = described.weights
        paged = pf_paged_weights(view)
        isLoaded = file.cache == nil || described.exclusivePageCount == 0
    }

    deinit { Self.release(file, network, isLoaded) }

    /// - Throws: `InputError` when networks that are loaded leave no room within the limit, or the file cannot be read.
    mutating func load() throws(InputError) {
        guard !isLoaded, let cache = file.cache else { return }
        view.exclusivePages = view.exclusivePages.moved(to: try cache.acquire(network))
        paged = pf_paged_weights(view)
        isLoaded = true
    }

    mutating func unload() {
        if Self.release(file, network, isLoaded) { isLoaded = false }
    }

    func prefetch() { if !isLoaded { file.cache?.prefetch(network) } }

    /// - Returns: whether there was something to release.
    @discardableResult
    private static func release(_ file: FoldFile, _ network: Int, _ isLoaded: Bool) -> Bool {
        guard isLoaded, let cache = file.cache, file.reader.networks[network].exclusivePageCount > 0 else {
            return false
        }
        cache.release(network)
        return true
    }
}

/// Memory for the activations of one session: the caller's, or its own.
struct SessionArena: ~Copyable {
    let start: UnsafeMutablePointer<Float>
    private let owned: UnsafeMutableRawBufferPointer?

    /// Fills it with zeros.
    /// - Parameter given: at least `bytes` at a multiple of 64; nil: its own.
    init(bytes: Int, given: UnsafeMutableRawBufferPointer?) {
        owned = given == nil ? .allocate(byteCount: bytes, alignment: 64) : nil
        let memory = given ?? owned!
        precondition(
            memory.count >= bytes && UInt(bitPattern: memory.baseAddress!) % 64 == 0,
            "an arena has \(bytes) bytes and begins at a multiple of 64")
        start = memory.baseAddress!.bindMemory(to: Float.self, capacity: (bytes + 3) / 4)
        start.initialize(repeating: 0, count: bytes / 4)
    }

    deinit { owned?.deallocate() }
}

/// What lives between the runs of one session: its own, so that sessions may share an arena.
struct SessionStates: ~Copyable {
    /// One state behind the other; nil where there are none.
    let start: UnsafeMutablePointer<Float>?
    private let count: Int

    init(_ program: Program) {
        count = program.stateCount
        start = count == 0 ? nil : .allocate(capacity: count)
        reset()
    }

    deinit { start?.deallocate() }

    var bytes: Int { 4 * count }

    func reset() { start?.initialize(repeating: 0, count: count) }
}

extension [NetworkPort] {
    /// - Parameter kind: "input" or "output", for the error.
    func index(of name: String, _ kind: String, network: String) throws(InputError) -> Int {
        guard let index = firstIndex(where: { $0.name == name }) else {
            throw InputError(
                file: network, field: "\(kind) \(name)", problem: "there is none of that name",
                remedy: Spelling.remedy(for: name, among: map(\.name), verb: "choose"))
        }
        return index
    }
}

extension NetworkText {
    /// Numbers by names of inputs, in the order of the inputs.
    func ordered(_ inputs: [String: [Float]]) throws(InputError) -> [[Float]] {
        for name in inputs.keys.sorted() { _ = try self.inputs.index(of: name, "input", network: self.name) }
        var result = [[Float]]()
        for port in self.inputs {
            guard let numbers = inputs[port.name] else {
                throw InputError(
                    file: name, field: "input \(port.name)", problem: "is missing",
                    remedy: "give all of \(self.inputs.map(\.name).joined(separator: ", "))")
            }
            result.append(numbers)
        }
        return result
    }
}

extension pf_frames {
    init(_ view: FrameView) {
        self.init(
            codes: view.codes, quanta: view.quanta, stride: Int64(view.stride),
            format: Int32(view.format.rawValue))
    }
}

extension pf_paged_weights {
    init(_ view: WeightView) {
        self.init(
            pool: pf_frames(view.pool), exclusive: pf_frames(view.exclusivePages), tail: view.tail,
            table: view.pageTable.start, patch_indices: view.patches?.indices.baseAddress,
            patch_values: view.patches?.values, paged: Int64(view.pagedCount),
            page_size: Int32(view.pageSize), frames: Int32(view.frameCount),
            entry_bits: Int32(view.pageTable.entryBits),
            patch_count: Int32(view.patches?.count ?? 0),
            patch_size: Int32(view.patches?.size ?? 1),
            patch_bytes: Int32(view.patches?.indexWidth ?? 2),
            vector_format: Int32(view.vectorFormat.rawValue))
    }
}
