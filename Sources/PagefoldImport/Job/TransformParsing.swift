// Transforms as a job file writes them. Their one line of text in a fold file is PagefoldData's TransformText.

import PagefoldCore
import PagefoldData
import Yams

extension TransformDescription {
    /// Reads `l2norm`, `scale: 255` or `mfcc: {frames: 61}`.
    init(_ item: JobNode) throws(InputError) {
        if let name = item.node.string {
            self.init(name)
            return
        }
        guard let mapping = item.node.mapping, mapping.count == 1, let pair = mapping.first,
            let name = pair.key.string
        else {
            throw item.fail("is not a transform", "write a name, name: number, or name: {parameter: number}")
        }
        var parameters = [String: ParameterValue]()
        let value = JobNode(node: pair.value, file: item.file, place: "\(item.place).\(name)")
        if let inner = pair.value.mapping {
            for (key, parameter) in inner {
                guard let key = key.string else { throw value.fail("has a parameter without a name") }
                let place = JobNode(node: parameter, file: item.file, place: "\(value.place).\(key)")
                parameters[key] = try place.parameter()
            }
        } else {
            guard let main = Self.mainParameters[name] else {
                throw value.fail("needs named parameters", "write \(name): {parameter: number}")
            }
            parameters[main] = try value.parameter()
        }
        self.init(name, parameters)
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
