// What runtimes without paging do at a switch: each network has tensors of its own, which are filled from a file or from
// the pool before it runs. A baseline of `bench switch`; nothing else fills tensors.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldPacking
import PagefoldRuntime

/// For each network of a fold file: memory for its weights in one piece, a session that runs from there, and a file of its
/// weights as plain float32. All tensors are resident from the beginning; no switch has to allocate.
final class OwnTensors {
    /// Where a network's flat vector lies: its paged weights, then its tail.
    private struct Place {
        let paged: UnsafeMutableBufferPointer<Float>
        let tail: UnsafeMutableBufferPointer<Float>
        /// The file of its weights.
        let path: String
        /// Both parts as `readv` wants them.
        let parts: [iovec]

        init(paged: UnsafeMutableBufferPointer<Float>, tail: UnsafeMutableBufferPointer<Float>, path: String)
        {
            self.paged = paged
            self.tail = tail
            self.path = path
            parts = [paged, tail].map { iovec(iov_base: $0.baseAddress, iov_len: 4 * $0.count) }
        }

        var bytes: Int { 4 * (paged.count + tail.count) }
    }

    /// One for each network, in the order of the fold file.
    let sessions: [Session]
    private let source: FoldFile
    private let own: FoldFile
    /// The fold file of weights in one piece, privately: what is written here is seen by `own` and by no other.
    private let memory: PrivateMapping
    private let places: [Place]
    private let folder: String

    /// - Parameter scratch: a folder for the files of weights, which are gone when this object is.
    /// - Throws: `InputError` where they cannot be written or mapped.
    init(_ source: FoldFile, scratch: String) throws(InputError) {
        self.source = source
        folder = FilePath.joined(scratch, "pagefold-\(UUID().uuidString)")
        guard mkdir(folder, 0o700) == 0 else { throw Self.error(scratch, "creating a folder in it") }
        do {
            let fold = try source.fold()
            let path = folder + "/one-piece.fold"
            try AtomicFile.write(fold.recut(pageSize: nil).encoded(), to: path)
            memory = try PrivateMapping(path)
            // Opened before anything is written over: checksums are looked at here.
            let own = try FoldFile(in: UnsafeRawBufferPointer(memory.bytes), name: path)
            self.own = own
            sessions = try own.sessions()
            var places = [Place]()
            for (index, network) in fold.networks.enumerated() {
                let file = "\(folder)/\(index).f32"
                let flat = fold.weights(of: network)
                try AtomicFile.write(flat.withUnsafeBytes { Array($0) }, to: file)
                let view = own.reader.networks[index]
                let paged = network.program.pagedCount
                // One frame after the other, in the order of networks; all of it is float32.
                let frame = paged > 0 ? view.weights.pageTable[0] : 0
                let pool = view.weights.pool
                let start = (pool.codes + frame * pool.stride).assumingMemoryBound(to: Float.self)
                let tail = view.weights.tail.assumingMemoryBound(to: Float.self)
                places.append(
                    Place(
                        paged: UnsafeMutableBufferPointer(
                            start: UnsafeMutablePointer(mutating: start), count: paged),
                        tail: UnsafeMutableBufferPointer(
                            start: UnsafeMutablePointer(mutating: tail), count: network.program.tailCount),
                        path: file))
            }
            self.places = places
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Bytes of weights that a switch to this network moves.
    func bytes(_ network: Int) -> Int { places[network].bytes }

    /// Makes a network's tensors useless, so that a run after a switch that does nothing is found out.
    func spoil() {
        for place in places {
            place.paged.update(repeating: .nan)
            place.tail.update(repeating: .nan)
        }
    }

    /// Opens a network's file of weights and reads them into its tensors.
    /// - Throws: `InputError` where that fails.
    func restore(_ network: Int) throws(InputError) {
        let place = places[network]
        let descriptor = open(place.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error(place.path, "opening") }
        defer { close(descriptor) }
        let count = readv(descriptor, place.parts, 2)
        guard count == place.bytes else { throw Self.error(place.path, "reading") }
    }

    /// Copies a network's weights from the pool, its exclusive pages, its patches and its tail into its tensors.
    func copyFromPool(_ network: Int) {
        let place = places[network]
        let view = source.reader.networks[network]
        if let target = place.paged.baseAddress { view.weights.copyPaged(to: target) }
        if let target = place.tail.baseAddress { view.weights.copyTail(count: place.tail.count, to: target) }
    }

    /// Drops the page cache of a network's file of weights.
    /// - Returns: whether nothing of it is left there. In a folder that is in memory something always is.
    func dropCache(_ network: Int) throws(InputError) -> Bool {
        let place = places[network]
        #if os(Linux)
            let descriptor = open(place.path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Self.error(place.path, "opening") }
            defer { close(descriptor) }
            guard place.bytes > 0 else { return true }
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            let mapping = mmap(nil, place.bytes, PROT_READ, MAP_SHARED, descriptor, 0)
            guard let mapping, mapping != MAP_FAILED else { throw Self.error(place.path, "mapping") }
            defer { munmap(mapping, place.bytes) }
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            var present = [UInt8](repeating: 1, count: (place.bytes + page - 1) / page)
            return mincore(mapping, place.bytes, &present) == 0 && present.allSatisfy { $0 & 1 == 0 }
        #else
            return false
        #endif
    }

    fileprivate static func error(_ path: String, _ what: String) -> InputError {
        InputError(
            file: path, field: what, problem: String(cString: strerror(errno)),
            remedy: "name a folder with room for the weights of all networks by --scratch")
    }
}

/// A file in memory that may be written to; the file itself stays as it is.
private final class PrivateMapping {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ path: String) throws(InputError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw OwnTensors.error(path, "opening") }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        guard size > 0, let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0),
            base != MAP_FAILED
        else { throw OwnTensors.error(path, "mapping") }
        bytes = UnsafeMutableRawBufferPointer(start: base, count: size)
    }

    deinit { munmap(bytes.baseAddress, bytes.count) }
}
