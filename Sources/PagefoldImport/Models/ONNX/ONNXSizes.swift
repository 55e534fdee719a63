// Which size every axis of every input has: fixed by the file, by what the user says, or 1 for the batch. It makes no
// values.

import PagefoldCore

/// The sizes of a model's inputs.
struct ONNXSizes {
    private let options: ModelOptions
    /// Sizes of open axes by their names in the file.
    private var known: [String: Int] = [:]

    /// Names that exporters give to the axis of samples.
    private static let batchNames: Set = [
        "batch", "batch_size", "batchsize", "batch_dim", "n", "bs", "b", "none", "num_samples",
    ]

    /// - Parameter ports: the inputs that are asked from outside.
    init(_ ports: [ONNXGraph.Port], _ options: ModelOptions) {
        self.options = options
        for port in ports {
            guard let axes = port.axes else { continue }
            if let given = given(port, axes, isOnly: ports.count == 1), given.count == axes.count {
                for (axis, size) in zip(axes, given) { if case .open(let name) = axis { learn(name, size) } }
            }
        }
        // One name, one size: the batch of one input is that of all.
        for port in ports {
            guard let axes = port.axes, let batch = Self.batchAxis(axes), case .open(let name) = axes[batch]
            else { continue }
            learn(name, 1)
        }
    }

    private mutating func learn(_ name: String, _ size: Int) {
        if !name.isEmpty, known[name] == nil { known[name] = size }
    }

    /// The open axis that samples are counted along: one that is called so, or the first of several.
    private static func batchAxis(_ axes: [ONNXGraph.Axis]) -> Int? {
        let named = axes.firstIndex {
            if case .open(let name) = $0 { batchNames.contains(name.lowercased()) } else { false }
        }
        if let named { return named }
        if axes.count > 1, case .open? = axes.first { return 0 }
        return nil
    }

    /// What the user says of an input, with the batch; nil where that is nothing.
    private func given(_ port: ONNXGraph.Port, _ axes: [ONNXGraph.Axis]?, isOnly: Bool) -> [Int]? {
        guard var sizes = isOnly ? options.sizes(of: port.name) : options.inputSizes[port.name] else {
            return nil
        }
        guard let axes else { return [1] + sizes }
        if sizes.count == axes.count - 1 { sizes.insert(1, at: Self.batchAxis(axes) ?? 0) }
        return sizes
    }

    /// The sizes of an input.
    /// - Throws: which axis is open, or that what the user says is not what the file says.
    func sizes(of port: ONNXGraph.Port, isOnly: Bool) throws(TranslationProblem) -> [Int] {
        let given = given(port, port.axes, isOnly: isOnly)
        guard let axes = port.axes else {
            guard let given else {
                throw TranslationProblem(
                    "its number of axes is open", Self.remedy(port, "[…]", isOnly: isOnly))
            }
            return try checked(given, port)
        }
        if let given, given.count != axes.count {
            throw TranslationProblem(
                "it has \(axes.count) axes, and input_shape says \(given)",
                Self.remedy(port, Self.example(axes), isOnly: isOnly))
        }
        let batch = Self.batchAxis(axes)
        var sizes: [Int] = []
        var open: [String] = []
        for (index, axis) in axes.enumerated() {
            switch axis {
            case .fixed(let size):
                if let given, given[index] != size {
                    throw TranslationProblem(
                        "axis \(index) has the size \(size) in the file, and input_shape says \(given[index])",
                        Self.remedy(port, Self.example(axes), isOnly: isOnly))
                }
                sizes.append(size)
            case .open(let name):
                if let size = given?[index] ?? known[name] ?? (index == batch ? 1 : nil) {
                    sizes.append(size)
                } else {
                    open.append(name.isEmpty ? "axis \(index)" : "axis \(index) (\(name))")
                }
            }
        }
        guard open.isEmpty else {
            throw TranslationProblem(
                "\(open.joined(separator: " and ")) \(open.count == 1 ? "is" : "are") open: its sizes are "
                    + Self.text(axes), Self.remedy(port, Self.example(axes), isOnly: isOnly))
        }
        return try checked(sizes, port)
    }

    private func checked(_ sizes: [Int], _ port: ONNXGraph.Port) throws(TranslationProblem) -> [Int] {
        guard sizes.count <= ONNXTranslation.mostAxes, sizes.allSatisfy({ $0 > 0 }),
            Translation.count(sizes) != nil
        else {
            throw TranslationProblem("its sizes \(sizes) are not possible", "say sizes above 0")
        }
        return sizes
    }

    private static func text(_ axes: [ONNXGraph.Axis]) -> String {
        let sizes = axes.map { axis in
            switch axis {
            case .fixed(let size): "\(size)"
            case .open(let name): name.isEmpty ? "?" : name
            }
        }
        return "[\(sizes.joined(separator: ", "))]"
    }

    private static func remedy(_ port: ONNXGraph.Port, _ example: String, isOnly: Bool) -> String {
        "say the sizes of one sample: input_shape: " + (isOnly ? example : "{\(port.name): \(example)}")
    }

    /// The sizes of one sample with gaps to be filled.
    private static func example(_ axes: [ONNXGraph.Axis]) -> String {
        let batch = batchAxis(axes) ?? (axes.first == .fixed(1) ? 0 : nil)
        let sizes = axes.indices.filter { $0 != batch }.map { index in
            if case .fixed(let size) = axes[index] { "\(size)" } else { "…" }
        }
        return "[\(sizes.joined(separator: ", "))]"
    }
}
