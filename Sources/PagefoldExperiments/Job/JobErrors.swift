// Errors of those who know no job file, as errors about the key of the job file that is to be changed.

import PagefoldCore
import PagefoldData
import PagefoldImport

extension Job {
    /// An error about settings as one about the file, with line and column, or about the command line, which is where
    /// settings come from that the file does not have; likewise about a network.
    func placing(_ error: InputError) -> InputError {
        switch error.source {
        case .settings:
            guard let place = places[error.field] else {
                return InputError(
                    .commandLine, field: error.field, problem: error.problem, remedy: error.remedy)
            }
            return InputError(
                file: path, at: place, field: error.field, problem: error.problem, remedy: error.remedy)
        case .network(let name):
            return networks.first { $0.name == name }?.placing(error, jobFile: path) ?? error
        default: return error
        }
    }
}

extension JobNetwork {
    /// An error about this network or its samples as one about the job file.
    func placing(_ error: InputError, jobFile: String) -> InputError {
        guard case .network = error.source else { return error }
        guard let (key, description) = samples(in: error.field) else {
            return self.error(
                of: jobFile, problem: "\(error.field): \(error.problem)", remedy: error.remedy)
        }
        let isOfLabels = error.field == "labels" || error.problem.hasPrefix("label ")
        let part = isOfLabels && description?.labels.isEmpty == false ? "labels" : "samples"
        return self.error("\(key).\(part)", of: jobFile, problem: error.problem, remedy: error.remedy)
    }

    /// An error about the model file as one about the key that names it, or that says what to do with it.
    func placingModel(_ error: InputError, jobFile: String) -> InputError {
        let keys = ["output", "input", "network", "input_shape", "states", "layers"]
        let key = keys.first {
            error.field == $0 || error.field.hasPrefix("\($0) ") || error.field.hasPrefix("\($0)[")
        }
        let what = error.field == "file" ? "\(error.file) " : "\(error.file): \(error.field): "
        return self.error(
            key ?? "weights", of: jobFile, problem: what + error.problem, remedy: error.remedy)
    }

    /// The key of the samples that an error calls by what they are for.
    private func samples(in field: String) -> (key: String, DatasetDescription?)? {
        switch field {
        case "training samples", "labels": return ("data.train", train)
        case "validation samples":
            if case .files(let files) = validation { return ("data.validation", files) }
            return ("data.train", train)
        case "test samples": return ("data.test", test)
        default: return nil
        }
    }
}
