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
            if let given = given(port, axes.count, isOnly: ports.count == 1) {
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

    /// The open axis that samples are counted along: one that is called so, or the first.
    private static func batchAxis(_ axes: [ONNXGraph.Axis]) -> Int? {
        let named = axes.firstIndex {
            if case .open(let name) = $0 { batchNames.contains(name.lowercased()) } else { false }
        }
        if let named { return named }
        if case .open? = axes.first { return 0 }
        return nil
    }

    /// What the user says of an input: its sizes as they are, or without the batch.
    private func given(_ port: ONNXGraph.Port, _ rank: Int, isOnly: Bool) -> [Int]? {
        var sizes = options.sizes[port.name]
        if sizes == nil, isOnly, let shape = options.inputShape {
            sizes = shape.spatial == 1 && rank < 4 ? [shape.count] : [shape.channels, shape.height, shape.width]
        }
        guard var sizes else { return nil }
        if sizes.count == rank - 1 { sizes.insert(1, at: 0) }
        return sizes
    }

    /// The sizes of an input.
    /// - Throws: which axis is open, or that what the user says is not what the file says.
    func sizes(of port: ONNXGraph.Port, isOnly: Bool) throws(TranslationProblem) -> [Int] {
        let given = given(port, port.axes?.count ?? -1, isOnly: isOnly)
        guard let axes = port.axes else {
            guard let given else {
                throw TranslationProblem(
                    "its number of axes is open",
                    "say its sizes in the job file: sizes: {\(port.name): [1, …]}")
            }
            return try checked(given, port)
        }
        if let given, given.count != axes.count {
            throw TranslationProblem(
                "it has \(axes.count) axes, and sizes says \(options.sizes[port.name] ?? given)",
                "say the sizes that it has in the file, \(Self.text(axes))")
        }
        let batch = Self.batchAxis(axes)
        var sizes: [Int] = []
        var open: [String] = []
        for (index, axis) in axes.enumerated() {
            switch axis {
            case .fixed(let size):
                if let given, given[index] != size {
                    throw TranslationProblem(
                        "axis \(index) has the size \(size) in the file, and sizes says \(given[index])",
                        "say the sizes that it has in the file, \(Self.text(axes))")
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
                "\(open.joined(separator: " and ")) \(open.count == 1 ? "is" : "are") open: its sizes are \(Self.text(axes))",
                "say them in the job file: sizes: {\(port.name): \(Self.example(axes))}")
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

    private static func example(_ axes: [ONNXGraph.Axis]) -> String {
        let batch = batchAxis(axes)
        let sizes = axes.enumerated().map { index, axis in
            switch axis {
            case .fixed(let size): "\(size)"
            case .open: index == batch ? "1" : "…"
            }
        }
        return "[\(sizes.joined(separator: ", "))]"
    }
}
