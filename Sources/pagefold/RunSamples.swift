// Samples of `pagefold run` for a model file: what its arrays have, or what transforms make of pictures, recordings, tables.

import ArgumentParser
import PagefoldCore
import PagefoldData
import PagefoldExperiments
import PagefoldGraph
import PagefoldImport
import PagefoldPreprocessing

extension Run {
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
        let preprocessing = try Preprocessing(
            network: original.name, port: original.text.inputs[0], shape: original.program.values[0],
            transforms: transforms ?? "", file: "--transforms", isNamed: false, namesOptions: true)
        return ModelAnswers(original, samples: Array(try samples(in: input, preprocessing)))
    }
}
