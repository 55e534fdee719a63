// Transforms as a job file writes them. Their one line of text in a fold file is PagefoldData's TransformText.

import PagefoldCore
import PagefoldData
import Yams

extension TransformDescription {
    /// Reads `l2norm`, `scale: 255` or `mfcc: {frames: 61}`.
    init(_ item: JobNode) throws(InputError) {
        if let name = item.node.string {
            self.init(name, field: item.place)
            return
        }
        guard item.isMapping, let (name, value) = try item.children().first, try item.children().count == 1
        else {
            throw item.fail("is not a transform", "write a name, name: number, or name: {parameter: number}")
        }
        var parameters = [String: ParameterValue]()
        if value.isMapping {
            for (key, parameter) in try value.children() { parameters[key] = try parameter.parameter() }
        } else {
            guard let main = Self.mainParameters[name] else {
                // A misspelt name is told as one.
                let isKnown = (Transform.names + Augmentation.names).contains(name)
                throw value.fail(
                    isKnown ? "needs named parameters" : "'\(name)' is unknown",
                    isKnown
                        ? "write \(name): {parameter: number}"
                        : Spelling.remedy(for: name, among: Transform.names + Augmentation.names))
            }
            parameters[main] = try value.parameter()
        }
        self.init(name, parameters, field: value.place)
    }
}

extension JobNode {
    fileprivate func parameter() throws(InputError) -> ParameterValue {
        if node.sequence != nil {
            var numbers = [Double]()
            for item in try list() { numbers.append(try item.number()) }
            return .numbers(numbers)
        }
        return .number(try number())
    }
}
