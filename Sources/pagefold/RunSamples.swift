// Samples of `pagefold run` that are no arrays: a picture, a recording, a row of a table, a folder of them.

import ArgumentParser
import PagefoldCore
import PagefoldData
import PagefoldExperiments
import PagefoldGraph
import PagefoldImport

extension Run {
    /// What the input holds, preprocessed.
    /// - Parameters:
    ///   - shape: of the port's value.
    ///   - transforms: the network's own, or those of the command line.
    func dataset(for shape: Shape, _ transforms: [TransformDescription]) throws(InputError) -> Dataset {
        var description = DatasetDescription(samples: [input], transforms: transforms)
        description.table.label = label
        description.table.columns = columns.map { $0.split(separator: ",").map(String.init) } ?? []
        if !transforms.contains(where: { ["grey", "rgb", "bgr"].contains($0.name) }),
            [1, 3].contains(shape.channels), shape.spatial > 1
        {
            description.channels = shape.channels
        }
        let contents = try DatasetContents(of: input)
        if contents.kind == .table {
            let all = contents.columns.count - (label == nil ? 0 : 1)
            let features = description.table.columns.isEmpty ? all : description.table.columns.count
            // As many rows as the network takes at once.
            if features > 0, shape.count > features, shape.count % features == 0 {
                description.table.window = shape.count / features
            }
        }
        return try Dataset.load(description, purpose: .evaluation, jobFile: input)
    }

    /// One sample as the port takes it.
    func sample(_ index: Int, of dataset: Dataset, _ port: NetworkPort, _ shape: Shape) throws(InputError)
        -> [Float]
    {
        guard index >= 0, index < dataset.count else {
            throw InputError(
                file: input, field: "--index", problem: "\(index), the file holds \(dataset.count) samples",
                remedy: "choose one of 0…\(dataset.count - 1)")
        }
        guard let sample = dataset.sample(index, for: port, shape: shape) else {
            throw InputError(
                file: input, field: "shape",
                problem: "a sample is \(dataset.shape) after preprocessing, the network takes "
                    + "\(port.axes(of: shape).map { "\($0.size)" }.joined(separator: "×"))",
                remedy: try shapeRemedy())
        }
        return sample
    }

    private func shapeRemedy() throws(InputError) -> String {
        if try DatasetContents.holdsArrays(input) { return "give samples of that shape" }
        return try DatasetContents(of: input).kind == .table
            ? "choose features with --columns, or leave a column out with --label"
            : "bring it to that size: --transforms \"resize height=H width=W\""
    }

    /// The answers of a model file to all samples of the input.
    func answers(of original: LoweredNetwork) throws(InputError) -> ModelAnswers {
        if try DatasetContents.holdsArrays(input), transforms == nil {
            return try ModelAnswers(original, input: input)
        }
        guard original.program.inputs == 1 else {
            throw InputError(
                file: input, field: "inputs", problem: "the network has \(original.program.inputs)",
                remedy: "give an .npz file with an array for each")
        }
        let (port, shape) = (original.text.inputs[0], original.program.values[0])
        let dataset = try dataset(
            for: shape, try TransformDescription.parse(transforms ?? "", file: "--transforms"))
        var samples: [[Float]] = []
        for index in 0..<dataset.count { samples.append(try sample(index, of: dataset, port, shape)) }
        return ModelAnswers(original, samples: samples)
    }
}
