// What a handle to a fold file points at: the file and its networks, which Descriptions.swift describes. It runs nothing.

internal import CPagefold
internal import PagefoldCore
internal import PagefoldRuntime

/// An open file. Kept by its handle and by every session of it, so that descriptions outlive neither.
final class OpenFile: @unchecked Sendable {  // Immutable after init.
    let file: FoldFile
    let networks: UnsafeBufferPointer<pagefold_network>
    /// Everything that `networks` points at.
    private let memory: DescriptionMemory

    init(_ file: FoldFile) throws(InputError) {
        let path = file.path
        let names = file.networkNames
        var arenaBytes: [Int] = []
        for (index, name) in names.enumerated() {
            // Networks are opened by name: a second one of that name would be described and the first one run.
            guard names.firstIndex(of: name) == index else {
                throw InputError(
                    file: path, field: "network \(index)", problem: "another one is called \(name)",
                    remedy: "pack the networks again under names that differ")
            }
            arenaBytes.append(try file.arenaBytes(name))
        }
        let networks = UnsafeMutableBufferPointer<pagefold_network>.allocate(
            capacity: file.reader.networks.count)
        var memory = DescriptionMemory()
        for (index, view) in file.reader.networks.enumerated() {
            networks.initializeElement(
                at: index,
                to: pagefold_network(
                    view.text, view.program, &memory, arenaBytes: arenaBytes[index],
                    batchArenaBytes: (try? file.batchArenaBytes(view.text.name)) ?? 0))
        }
        self.file = file
        self.networks = UnsafeBufferPointer(networks)
        self.memory = memory
    }

    deinit {
        networks.deallocate()
        memory.deallocate()
    }

    /// A handle for C, to be given back to `pagefold_file_close`.
    var handle: OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    /// The network at an index that comes from C, where it may be anything.
    func network(_ index: Int) -> UnsafePointer<pagefold_network>? {
        networks.indices.contains(index) ? networks.baseAddress! + index : nil
    }
}
