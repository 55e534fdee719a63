// Networks and their ports in C's terms.

internal import CPagefold
internal import PagefoldCore

/// What descriptions point at: texts and arrays, all freed together.
struct DescriptionMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    /// A copy that C reads.
    mutating func keep<Element>(_ elements: some Collection<Element>) -> UnsafePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
        for (index, element) in elements.enumerated() { (copy + index).initialize(to: element) }
        blocks.append(UnsafeMutableRawPointer(copy))
        return UnsafePointer(copy)
    }

    mutating func keep(_ text: String) -> UnsafePointer<CChar> { keep(text.utf8CString) }

    /// A list of texts.
    mutating func keep(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
        var places = [UnsafePointer<CChar>?]()
        for text in texts { places.append(keep(text)) }
        return keep(places)
    }

    func deallocate() { for block in blocks { block.deallocate() } }
}

extension pagefold_network {
    init(
        _ text: NetworkText, _ program: Program, _ memory: inout DescriptionMemory, arenaBytes: Int,
        batchArenaBytes: Int
    ) {
        var inputs = [pagefold_port]()
        for (index, port) in text.inputs.enumerated() {
            inputs.append(pagefold_port(port, program.values[index], isProbability: false, &memory))
        }
        var outputs = [pagefold_port]()
        for (port, output) in zip(text.outputs, program.outputs) {
            outputs.append(
                pagefold_port(
                    port, program.values[output.value], isProbability: output.value != output.scores, &memory)
            )
        }
        let input = inputs.count == 1 ? inputs[0] : nil
        let output = outputs.count == 1 ? outputs[0] : nil
        let inputPlaces = inputs.map { Optional(memory.keep([$0])) }
        let outputPlaces = outputs.map { Optional(memory.keep([$0])) }
        let nowhere = pagefold_shape(channels: 0, height: 0, width: 0)
        self.init(
            name: memory.keep(text.name), preprocessing: input?.preprocessing ?? memory.keep(""),
            classes: output?.labels ?? memory.keep([String]()), class_count: output?.label_count ?? 0,
            input: input?.shape ?? nowhere, input_count: input?.count ?? 0, output: output?.shape ?? nowhere,
            output_count: output?.count ?? 0, is_probability: output?.is_probability ?? 0,
            arena_bytes: arenaBytes, batch_arena_bytes: batchArenaBytes, inputs: memory.keep(inputPlaces),
            input_port_count: inputs.count, outputs: memory.keep(outputPlaces),
            output_port_count: outputs.count,
            state_bytes: 4 * program.stateCount)
    }
}

extension pagefold_port {
    init(_ port: NetworkPort, _ shape: Shape, isProbability: Bool, _ memory: inout DescriptionMemory) {
        let axes = port.axes(of: shape).map {
            pagefold_axis(size: $0.size, kind: pagefold_axis_kind(rawValue: UInt32($0.kind.rawValue)))
        }
        self.init(
            name: memory.keep(port.name),
            shape: pagefold_shape(channels: shape.channels, height: shape.height, width: shape.width),
            count: shape.count, axes: memory.keep(axes), axis_count: axes.count,
            element: pagefold_element(rawValue: UInt32(port.element.rawValue)), scale: port.scale,
            zero_point: Int32(port.zeroPoint),
            meaning: pagefold_meaning(rawValue: UInt32(port.meaning.rawValue)),
            is_probability: isProbability ? 1 : 0, preprocessing: memory.keep(port.preprocessing),
            labels: memory.keep(port.labels), label_count: port.labels.count)
    }
}
