// The names of all settings in a job file, on the command line and in records: one line each drives reading,
// writing and the check that docs/job-file.md explains them all.

public import PagefoldCore

/// One setting by name.
public struct SettingKey: Sendable {
    public let name: String
    /// The setting as a job file would write it.
    public let read: @Sendable (PackingSettings) -> String
    /// Words that it takes; numbers aside.
    var words: [String] = []
    /// Sets it from a text.
    /// - Returns: what the text should have been, where it cannot be read.
    let write: @Sendable (inout PackingSettings, String) -> String?
}

extension PackingSettings {
    /// All settings, in the order of docs/job-file.md.
    public static let keys: [SettingKey] = [
        SettingKey(
            name: "page", read: { settings in settings.page.map { "\($0)" } ?? "auto" }, words: ["auto"],
            write: { settings, text in
                if text == "auto" {
                    settings.page = nil
                    return nil
                }
                guard let value = wholeNumber(text) else { return "a whole number or auto" }
                settings.page = value
                return nil
            }),
        SettingKey(
            name: "frames",
            read: { settings in
                switch settings.pool {
                case .budget: "budget"
                case .largestNetwork: "largest"
                case .frames(let count): "\(count)"
                }
            }, words: ["budget", "largest"],
            write: { settings, text in
                switch text {
                case "budget": settings.pool = .budget
                case "largest": settings.pool = .largestNetwork
                default:
                    guard let count = wholeNumber(text) else { return "a whole number, budget or largest" }
                    settings.pool = .frames(count)
                }
                return nil
            }),
        .format("format", \.format),
        .format("exclusive_format", \.exclusiveFormat),
        .format("tail_format", \.tailFormat, of: NumberFormat.ofVectors),
        .flag("page_biases", \.pageBiases),
        .flag("channel_scales", \.channelScales),
        .choice("fisher", \.fisher),
        .whole("fisher_samples", \.fisherSamples),
        .number("fisher_normalisation", \.fisherNormalisation),
        .flag("fisher_range", \.fisherRange),
        .choice("matching", \.matching),
        .flag("networks_apart", \.keepsNetworksApart),
        .choice("separation", \.separation.method),
        .number("exclusive", \.separation.exclusive),
        .whole("block", \.separation.patchSize),
        .number("alpha", \.separation.alpha),
        .number("target_accuracy", \.separation.targetAccuracy),
        .number("target_performance", \.separation.targetPerformance),
        .number("margin", \.separation.margin),
        .choice("optimisation", \.training.optimisation),
        .whole("steps", \.training.steps),
        .whole("turn", \.training.turn),
        .whole("batch", \.training.batch),
        .number("learning_rate", \.training.learningRate),
        .choice("schedule", \.training.schedule),
        .whole("warm_up", \.training.warmUp),
        .choice("matching_loss", \.training.matchingLoss),
        .number("lambda", \.training.lambda),
        .number("label_weight", \.training.labelWeight),
        .number("temperature", \.training.temperature),
        .number("balance", \.training.balance),
        .choice("selection", \.training.selection),
        .whole("evaluate_every", \.evaluateEvery),
        .whole("validation_samples", \.validationSamples),
        SettingKey(
            name: "seed", read: { "\($0.training.seed)" },
            write: { settings, text in
                guard let seed = UInt64(text) else { return "a whole number from 0" }
                settings.training.seed = seed
                return nil
            }),
    ]

    /// Sets what is named, the names in alphabetical order.
    /// - Parameter source: where the texts come from, for errors.
    /// - Throws: `InputError` for a name that is not known or a text that cannot be read.
    public mutating func apply(_ texts: [String: String], from source: InputError.Source) throws(InputError) {
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            guard let key = Self.keys.first(where: { $0.name == name }) else {
                throw InputError(
                    source, field: name, problem: "is not known",
                    remedy: Spelling.remedy(for: name, among: Self.keys.map(\.name).sorted()))
            }
            if let wanted = key.write(&self, text) {
                let meant = Spelling.closest(to: text, among: key.words).map { "did you mean \($0)? " } ?? ""
                throw InputError(
                    source, field: name, problem: "\"\(text)\" cannot be read",
                    remedy: "\(meant)write \(wanted)")
            }
        }
    }

    /// All settings by name, as `apply` reads them.
    public var texts: [String: String] {
        Dictionary(uniqueKeysWithValues: Self.keys.map { ($0.name, $0.read(self)) })
    }
}

private typealias Path<Value> = any WritableKeyPath<PackingSettings, Value> & Sendable

extension SettingKey {
    fileprivate static func whole(_ name: String, _ path: Path<Int>) -> SettingKey {
        SettingKey(
            name: name, read: { "\($0[keyPath: path])" },
            write: { settings, text in
                guard let value = wholeNumber(text) else { return "a whole number" }
                settings[keyPath: path] = value
                return nil
            })
    }

    fileprivate static func number(_ name: String, _ path: Path<Float>) -> SettingKey {
        SettingKey(
            name: name, read: { "\($0[keyPath: path])" },
            write: { settings, text in
                guard let value = Float(text.filter { $0 != "_" }), value.isFinite else {
                    return "a finite number"
                }
                settings[keyPath: path] = value
                return nil
            })
    }

    /// A number that need not be given.
    fileprivate static func number(_ name: String, _ path: Path<Float?>) -> SettingKey {
        SettingKey(
            name: name, read: { settings in settings[keyPath: path].map { "\($0)" } ?? "none" },
            words: ["none"],
            write: { settings, text in
                if text == "none" {
                    settings[keyPath: path] = nil
                    return nil
                }
                guard let value = Float(text.filter { $0 != "_" }), value.isFinite else {
                    return "a finite number or none"
                }
                settings[keyPath: path] = value
                return nil
            })
    }

    fileprivate static func flag(_ name: String, _ path: Path<Bool>) -> SettingKey {
        SettingKey(
            name: name, read: { $0[keyPath: path] ? "true" : "false" }, words: ["true", "false"],
            write: { settings, text in
                switch text {
                case "true", "1": settings[keyPath: path] = true
                case "false", "0": settings[keyPath: path] = false
                default: return "true or false"
                }
                return nil
            })
    }

    /// One of these formats by its name, or auto.
    fileprivate static func format(
        _ name: String, _ path: Path<NumberFormat?>, of formats: [NumberFormat] = NumberFormat.allCases
    ) -> SettingKey {
        SettingKey(
            name: name, read: { settings in settings[keyPath: path].map { "\($0)" } ?? "auto" },
            words: ["auto"] + formats.map { "\($0)" },
            write: { settings, text in
                let value = formats.first { "\($0)" == text }
                guard value != nil || text == "auto" else {
                    return "auto or one of \(formats.map { "\($0)" }.joined(separator: ", "))"
                }
                settings[keyPath: path] = value
                return nil
            })
    }

    fileprivate static func choice<Value: RawRepresentable & CaseIterable & SendableMetatype>(
        _ name: String, _ path: Path<Value>
    ) -> SettingKey where Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue)
        return SettingKey(
            name: name, read: { $0[keyPath: path].rawValue }, words: names,
            write: { settings, text in
                guard let value = Value(rawValue: text) else {
                    return "one of \(names.joined(separator: ", "))"
                }
                settings[keyPath: path] = value
                return nil
            })
    }
}

/// `10000`, `10_000` or `1e4`.
private func wholeNumber(_ text: String) -> Int? {
    let plain = text.filter { $0 != "_" }
    return Int(plain) ?? Double(plain).flatMap { Int(exactly: $0) }
}
