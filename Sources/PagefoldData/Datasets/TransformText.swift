// Transforms as one line of text in a fold file. How a job file writes them is JobParsing's neighbour TransformParsing.

public import PagefoldCore

extension TransformDescription {
    /// The parameter that a bare number after a name means: `scale: 255` is `scale: {divisor: 255}`.
    package static let mainParameters = [
        "scale": "divisor", "shift": "pixels", "noise": "sigma", "brightness": "amount", "contrast": "amount",
        "cutout": "size", "mix": "share",
    ]

    /// One line: `scale divisor=255`.
    public var text: String {
        let pairs = parameters.sorted { $0.key < $1.key }.map { key, value in
            switch value {
            case .number(let number): "\(key)=\(Self.short(number))"
            case .numbers(let numbers): "\(key)=\(numbers.map(Self.short).joined(separator: ","))"
            }
        }
        return ([name] + pairs).joined(separator: " ")
    }

    private static func short(_ number: Double) -> String {
        Int(exactly: number).map { String($0) } ?? String(number)
    }

    /// Reads what `text` writes, several with semicolons between.
    /// - Throws: `InputError` when it is not of that form.
    public static func parse(_ text: String, file: String) throws(InputError) -> [TransformDescription] {
        var result = [TransformDescription]()
        for part in text.split(separator: ";") {
            let words = part.split(separator: " ").map(String.init)
            guard let name = words.first else { continue }
            var description = TransformDescription(name)
            for word in words.dropFirst() {
                let sides = word.split(separator: "=", maxSplits: 1)
                let numbers = sides.count == 2 ? sides[1].split(separator: ",").map { Double($0) } : []
                guard !numbers.isEmpty, !numbers.contains(nil) else {
                    throw InputError(
                        file: file, field: "preprocessing", problem: "\"\(word)\" is not understood",
                        remedy: "pack the network anew")
                }
                let values = numbers.compactMap { $0 }
                description.parameters[String(sides[0])] =
                    values.count == 1 ? .number(values[0]) : .numbers(values)
            }
            result.append(description)
        }
        return result
    }
}
