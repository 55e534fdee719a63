// Augmentations by name, as a job file states them. What they do is Augmentation's.
public import PagefoldCore

extension Augmentation {
    /// Names a job file may use.
    public static let names = ["shift", "flip", "noise", "brightness", "contrast", "cutout", "mix"]

    /// Reads descriptions, applied in their order. Throws InputError (naming `file`, the job file) when a
    /// name or parameter is unknown, missing or out of range.
    public init(_ descriptions: [TransformDescription], seed: UInt64, file: String) throws(InputError) {
        var steps: [Step] = []
        for description in descriptions {
            var reader = ParameterReader(description, file: file)
            switch description.name {
            case "shift":
                let pixels = try reader.whole("pixels", default: 0, in: 0...65_536)
                steps.append(
                    .shift(
                        rows: try reader.whole("rows", default: pixels, in: 0...65_536),
                        columns: try reader.whole("columns", default: pixels, in: 0...65_536)))
            case "flip": steps.append(.flip)
            case "noise":
                let sigma = try reader.number("sigma", default: nil, in: 0...1e6)
                steps.append(.noise(sigma: Float(sigma)))
            case "brightness":
                let amount = try reader.number("amount", default: nil, in: 0...1e6)
                steps.append(.brightness(amount: Float(amount)))
            case "contrast":
                let amount = try reader.number("amount", default: nil, in: 0...1)
                steps.append(.contrast(amount: Float(amount)))
            case "cutout":
                steps.append(.cutout(size: try reader.whole("size", default: nil, in: 1...65_536)))
            case "mix":
                steps.append(.mix(share: Float(try reader.number("share", default: nil, in: 0...1))))
            default:
                throw InputError(
                    file: file, field: description.field, problem: "'\(description.name)' is unknown",
                    remedy: Spelling.remedy(for: description.name, among: Augmentation.names))
            }
            try reader.finish()
        }
        self.init(steps: steps, seed: seed)
    }
}
