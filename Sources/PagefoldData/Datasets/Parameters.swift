// Named parameters of transforms and augmentations as a job file states them. It does not parse job files.
import PagefoldCore

/// The value of a parameter.
public enum ParameterValue: Sendable, Equatable {
    case number(Double)
    case numbers([Double])
}

/// A transform or augmentation by name, with its parameters: what a job file says about it.
public struct TransformDescription: Sendable, Equatable {
    public var name: String
    public var parameters: [String: ParameterValue]
    /// What errors call it: where it stands in a job file, such as `network a: data.transforms[0].scale`; else its name.
    public var field: String

    public init(_ name: String, _ parameters: [String: ParameterValue] = [:], field: String? = nil) {
        self.name = name
        self.parameters = parameters
        self.field = field ?? name
    }

    /// Where it stands does not matter.
    public static func == (a: TransformDescription, b: TransformDescription) -> Bool {
        a.name == b.name && a.parameters == b.parameters
    }
}

/// Takes parameters out one by one; what nobody took at the end is a mistake of the user.
struct ParameterReader {
    private let name: String
    /// What errors call the description.
    let field: String
    private let file: String
    private var rest: [String: ParameterValue]
    private var known: [String] = []

    init(_ description: TransformDescription, file: String) {
        name = description.name
        field = description.field
        rest = description.parameters
        self.file = file
    }

    private func error(_ key: String, _ problem: String, _ remedy: String) -> InputError {
        InputError(file: file, field: "\(field).\(key)", problem: problem, remedy: remedy)
    }

    /// A finite number in `range`. Without a default it must be given.
    mutating func number(
        _ key: String, default standard: Double?, in range: ClosedRange<Double>
    ) throws(InputError) -> Double {
        known.append(key)
        switch rest.removeValue(forKey: key) {
        case .number(let value)?:
            guard range.contains(value) else {
                throw error(
                    key, "is \(value)", "give a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        case .numbers?: throw error(key, "is a list", "give one number")
        case nil:
            guard let standard else { throw error(key, "is missing", "give a number") }
            return standard
        }
    }

    /// A whole number in `range`.
    mutating func whole(
        _ key: String, default standard: Int?, in range: ClosedRange<Int>
    ) throws(InputError) -> Int {
        let bounds = "\(range.lowerBound)…\(range.upperBound)"
        let value = try number(key, default: standard.map { Double($0) }, in: -.infinity ... .infinity)
        guard let whole = Int(exactly: value), range.contains(whole) else {
            let text = Int(exactly: value).map { "\($0)" } ?? "\(value)"
            throw error(key, "is \(text)", "give a whole number in \(bounds)")
        }
        return whole
    }

    /// One or more finite numbers of a magnitude that Float holds.
    mutating func list(_ key: String) throws(InputError) -> [Float] {
        known.append(key)
        let values: [Double]
        switch rest.removeValue(forKey: key) {
        case .number(let value)?: values = [value]
        case .numbers(let list)?: values = list
        case nil: throw error(key, "is missing", "give a number or one for each channel")
        }
        guard !values.isEmpty, values.allSatisfy({ Float($0).isFinite }) else {
            throw error(key, "is \(values)", "give finite numbers")
        }
        return values.map { Float($0) }
    }

    /// Throws InputError when a parameter was given that nobody asked for.
    func finish() throws(InputError) {
        guard let key = rest.keys.min() else { return }
        throw error(
            key, "is not a parameter of '\(name)'",
            known.isEmpty ? "leave it out" : Spelling.remedy(for: key, among: known))
    }
}
