// Which transforms a network was trained with: usual ones are tried on training samples, and what the original answers
// tells. Without labels nothing tells, but for the range of a quantised input.

import PagefoldCore
import PagefoldData
import PagefoldEngine
import PagefoldGraph
import PagefoldImport
import PagefoldPacking

/// Samples of a set for a network, with transforms that fit.
struct TransformGuess {
    /// As a job file writes them.
    var transforms: [TransformDescription]
    var layout: Dataset.Layout = .channelsLast
    var table = TableLayout()
    /// What the original scores on training samples with them; nil where nothing tells.
    var measure: Measure?
    /// The best that it scores with others.
    var second: Measure?

    /// Samples that are looked at.
    static let most = 256
}

extension SampleSet {
    /// The best guess for a network; nil where no transform makes its samples fit, or its labels are not the network's.
    func guess(for entry: JobNetwork, _ network: LoweredNetwork, engine: Engine) -> TransformGuess? {
        guard let part = training, !part.samples.isEmpty else { return nil }
        let port = network.text.inputs[0]
        let sizes = port.axes(of: network.program.values[0]).map(\.size)
        guard var guess = fitting(part, sizes) else { return nil }
        let leading = guess.transforms
        var entry = entry
        entry.train = description(part, guess)
        guard let whole = try? Dataset.load(entry.train!, purpose: .training, jobFile: "init") else {
            return nil
        }
        let dataset = whole.selecting(spread(TransformGuess.most, of: whole.count))
        var tried: [(measure: Measure, transforms: [TransformDescription])] = []
        for candidate in candidates(for: port, dataset) {
            guard let measure = measure(entry, network, dataset, candidate, engine) else { continue }
            tried.append((measure, candidate))
        }
        guard let first = tried.first else { return nil }
        // Without labels every original agrees with itself, and nothing tells.
        guard [.accuracy, .areaUnderCurve].contains(first.measure.unit) else { return guess }
        // The order of channels is turned, and what a quantised input says left, only where that is plainly better.
        let isSaid = port.element != .float32
        func standing(_ place: Int) -> Double {
            let (measure, transforms) = tried[place]
            let isFar = transforms.first?.name == "bgr" || isSaid && place > 0
            return measure.value - (isFar ? measure.standardError : 0)
        }
        let order = tried.indices.sorted { (-standing($0), $0) < (-standing($1), $1) }
        (guess.transforms, guess.measure) = (leading + tried[order[0]].transforms, tried[order[0]].measure)
        guess.second = order.dropFirst().first.map { tried[$0].measure }
        return guess
    }

    /// What brings samples to the sizes of an input; nil where nothing does.
    private func fitting(_ part: Part, _ sizes: [Int]) -> TransformGuess? {
        func real(_ sizes: [Int]) -> [Int] { sizes.filter { $0 != 1 } }
        var guess = TransformGuess(transforms: [])
        let count = sizes.reduce(1, *)
        switch kind {
        case .arrays:
            guard part.shape.reduce(1, *) == count,
                real(part.shape) == real(sizes) || real(part.shape).sorted() == real(sizes).sorted()
                    || part.shape.count == 1
            else { return nil }
            let isImage = part.shape.count == 3 && [1, 3, 4].contains(part.shape[0]) && part.shape[2] > 4
            if isImage { guess.layout = .channelsFirst }
            return guess
        case .table:
            let others = columns.count - count
            guard others == 0 || others == 1 else { return nil }
            if others == 1 {
                guard let label = labelColumn else { return nil }
                guess.table.label = label
            }
            return guess
        case .pictures:
            guard let (height, width, channels) = Self.image(sizes) else { return nil }
            if part.shape.count == 3, part.shape[0] != height || part.shape[1] != width {
                guess.transforms = [
                    TransformDescription(
                        "resize", ["height": .number(Double(height)), "width": .number(Double(width))])
                ]
            }
            if let last = part.shape.last, last != channels {
                guess.transforms.append(TransformDescription(channels == 1 ? "grey" : "rgb"))
            }
            return guess
        case .recordings: return nil
        }
    }

    /// Height, width and channels, in whatever order they are.
    private static func image(_ sizes: [Int]) -> (Int, Int, Int)? {
        guard sizes.count == 3 else { return sizes.count == 2 ? (sizes[0], sizes[1], 1) : nil }
        if [1, 3].contains(sizes[2]) { return (sizes[0], sizes[1], sizes[2]) }
        return [1, 3].contains(sizes[0]) ? (sizes[1], sizes[2], sizes[0]) : nil
    }

    /// The column of labels: by its name, else the first or last that has few different values.
    private var labelColumn: String? {
        let names = ["label", "class", "target", "y", "category", "activity"]
        if let named = columns.first(where: { names.contains($0.name.lowercased()) }) { return named.name }
        let few = max(2, min(100, (training?.count ?? 0) / 10))
        let ends = [0, columns.count - 1].filter {
            columns.indices.contains($0) && columns[$0].distinct <= few
        }
        guard let place = ends.min(by: { columns[$0].distinct < columns[$1].distinct }) else { return nil }
        return hasHeader ? columns[place].name : "\(place)"
    }

    func description(_ part: Part, _ guess: TransformGuess) -> DatasetDescription {
        var description = DatasetDescription(
            samples: part.samples, labels: part.labels, layout: guess.layout, transforms: guess.transforms)
        description.table = guess.table
        description.takesLabels = !part.labels.isEmpty
        return description
    }

    /// Usual transforms of numbers, the plainest first.
    private func candidates(for port: NetworkPort, _ dataset: Dataset) -> [[TransformDescription]] {
        func standardise(_ mean: [Double], _ deviation: [Double]) -> TransformDescription {
            func value(_ list: [Double]) -> ParameterValue {
                list.count == 1 ? .number(list[0]) : .numbers(list)
            }
            return TransformDescription("standardise", ["mean": value(mean), "deviation": value(deviation)])
        }
        guard case .u8 = dataset.samples else { return [[]] }
        var result: [[TransformDescription]] = []
        if port.element != .float32, port.scale > 0 {
            // Byte v is the code v, or v − 128 where codes have signs.
            let zero = Double(port.zeroPoint) + (port.element == .int8 ? 128 : 0)
            result.append([standardise([zero], [Self.rounded(1 / Double(port.scale))])])
        }
        result += [
            [TransformDescription("scale", ["divisor": .number(255)])], [standardise([127.5], [127.5])],
            [standardise([128], [128])], [],
        ]
        guard dataset.shape.channels == 3 else { return result }
        // The statistics of ImageNet, which many networks for pictures begin with.
        let imageNet = standardise([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
        result.append([imageNet])
        return result + result.map { [TransformDescription("bgr")] + $0 }
    }

    private static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

    private func measure(
        _ entry: JobNetwork, _ network: LoweredNetwork, _ dataset: Dataset,
        _ transforms: [TransformDescription],
        _ engine: Engine
    ) -> Measure? {
        do throws(InputError) {
            var dataset = dataset
            for transform in transforms {
                dataset = try dataset.applying(
                    try Transform(transform, file: "init"), purpose: .evaluation, file: "init")
            }
            let part = DatasetPart(dataset)
            let isStream = entry.isStream(network.program, part)
            let samples = try entry.samples(part, for: network, jobFile: "init")
            var opened = network
            opened.program = network.program.openingStates(answersStates: isStream)
            // A reconstruction is only judged where labels say what is normal.
            return try Comparison(
                opened, objective: entry.objective(of: opened.program, network.text), samples: samples,
                field: "samples", engine: engine
            ).original
        } catch { return nil }
    }
}
