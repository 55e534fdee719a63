// What a handle to a fold file points at: the file, and its networks described in C's terms. It runs nothing.

internal import CPagefold
internal import PagefoldCore
internal import PagefoldRuntime

/// An open file. Kept by its handle and by every session of it, so that descriptions outlive neither.
final class OpenFile: @unchecked Sendable {  // Immutable after init.
    let file: FoldFile
    let networks: UnsafeBufferPointer<pagefold_network>
    /// Everything that `networks` points at, to be freed.
    private let texts: [UnsafeMutablePointer<CChar>]
    private let lists: [UnsafeMutablePointer<UnsafePointer<CChar>?>]

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
        var texts: [UnsafeMutablePointer<CChar>] = []
        var lists: [UnsafeMutablePointer<UnsafePointer<CChar>?>] = []
        func keep(_ text: String) -> UnsafePointer<CChar> {
            let bytes = text.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (index, byte) in bytes.enumerated() { copy[index] = byte }
            texts.append(copy)
            return UnsafePointer(copy)
        }
        let networks = UnsafeMutableBufferPointer<pagefold_network>.allocate(
            capacity: file.reader.networks.count)
        for (index, view) in file.reader.networks.enumerated() {
            let (text, program) = (view.text, view.program)
            let classes = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(
                capacity: max(text.classes.count, 1))
            lists.append(classes)
            for (place, name) in text.classes.enumerated() { classes[place] = keep(name) }
            networks.initializeElement(
                at: index,
                to: pagefold_network(
                    name: keep(text.name), preprocessing: keep(text.preprocessing),
                    classes: UnsafePointer(classes), class_count: text.classes.count,
                    input: pagefold_shape(program.inputShape), input_count: program.inputShape.count,
                    output: pagefold_shape(program.values[program.output]),
                    output_count: program.outputCount,
                    is_probability: program.output == program.logits ? 0 : 1,
                    arena_bytes: arenaBytes[index],
                    batch_arena_bytes: (try? file.batchArenaBytes(text.name)) ?? 0))
        }
        self.file = file
        self.networks = UnsafeBufferPointer(networks)
        self.texts = texts
        self.lists = lists
    }

    deinit {
        networks.deallocate()
        for text in texts { text.deallocate() }
        for list in lists { list.deallocate() }
    }

    /// A handle for C, to be given back to `pagefold_file_close`.
    var handle: OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    /// The network at an index that comes from C, where it may be anything.
    func network(_ index: Int) -> UnsafePointer<pagefold_network>? {
        networks.indices.contains(index) ? networks.baseAddress! + index : nil
    }
}

extension pagefold_shape {
    init(_ shape: Shape) {
        self.init(channels: shape.channels, height: shape.height, width: shape.width)
    }
}
