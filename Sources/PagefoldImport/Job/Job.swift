// What a job file says, as values: networks, where their weights and data are, the budget. Reading YAML is
// JobParsing's, loading data is the data sets'.

public import PagefoldCore
public import PagefoldData

/// How much memory the packed networks may take.
public enum Budget: Hashable, Sendable {
    /// The whole fold file, in bytes.
    case bytes(Int)
    /// The float32 bytes of all networks divided by this.
    case ratio(Double)

    /// Reads `283000`, `256KiB`, `0.5MiB`, `262KB` or `3.8x`; nil when it is none of them.
    public init?(_ text: String) {
        let units: [(String, Double)] = [
            ("KiB", 1024), ("MiB", 1_048_576), ("KB", 1000), ("MB", 1_000_000), ("B", 1), ("", 1),
        ]
        if text.hasSuffix("x"), let ratio = Double(text.dropLast()), ratio >= 1, ratio.isFinite {
            self = .ratio(ratio)
            return
        }
        for (unit, factor) in units where text.hasSuffix(unit) {
            let number = text.dropLast(unit.count).filter { $0 != " " && $0 != "_" }
            guard let value = Double(number), value * factor >= 1, value * factor < 1e12 else { continue }
            // Parts of a byte: most likely a ratio.
            if factor == 1, value != value.rounded() { return nil }
            self = .bytes(Int(value * factor))
            return
        }
        return nil
    }

    /// What to write instead of a text that is no budget.
    public static func remedy(for text: String) -> String {
        let plain = text.filter { $0 != " " }
        let forms = ["KiB", "MiB", "KB", "MB", "B", "x"]
        let number = String(plain.prefix { $0.isNumber || $0 == "." || $0 == "_" })
        let unit = String(plain.dropFirst(number.count))
        let usual = "write bytes, as 283000 or 256KiB, or a ratio, as 3.8x"
        var meant = forms.first { $0.lowercased() == unit.lowercased() }
        if meant == nil {
            meant = ["k": "KiB", "m": "MiB", "ki": "KiB", "mi": "MiB", "": "x"][unit.lowercased()]
        }
        guard !number.isEmpty, let meant, Budget(number + meant) != nil else { return usual }
        return "did you mean \(number)\(meant)? \(usual)"
    }

    /// - Parameter originalBytes: float32 bytes of all networks.
    public func bytes(originalBytes: Int) -> Int {
        switch self {
        case .bytes(let bytes): bytes
        case .ratio(let ratio): Int(Double(originalBytes) / ratio)
        }
    }
}

/// Where a network's weights come from.
public enum WeightSource: Hashable, Sendable {
    /// A file of any format that a `ModelReader` knows.
    case model(path: String, options: ModelOptions)
    /// Layers to train from scratch.
    case layers([String], input: Shape)
}

/// How the validation samples are found.
public enum ValidationSource: Sendable {
    /// A share of the training samples, whole groups at a time.
    case fraction(Double)
    case files(DatasetDescription)
}

/// One network of a job.
public struct JobNetwork: Sendable {
    public var name: String
    public var weights: WeightSource
    public var classes: [String] = []
    /// What its outputs are for; nil: as the model file says.
    public var objective: NetworkPort.Meaning?
    public var importance: Float = 1
    /// Samples in a step of joint training; nil: as many as the job's settings say.
    public var batch: Int?
    /// Accuracy of the original on samples that it has not seen, 0 … 1, where it has seen those for validation.
    public var unseenAccuracy: Double?
    public var train: DatasetDescription?
    public var validation: ValidationSource = .fraction(0.1)
    public var test: DatasetDescription?
    /// Settings of `pagefold train` for this network: steps, learning_rate, batch.
    public var training: [String: Double] = [:]
    /// Where its keys stand in the job file, by `field(_:)`.
    public var places = FieldPlaces()

    public init(name: String, weights: WeightSource) {
        self.name = name
        self.weights = weights
    }

    /// What errors call the network.
    static func field(of name: String) -> String { "network \(name)" }

    /// What errors call one of its keys, such as `data.train`; without a key, the network.
    public func field(_ key: String = "") -> String {
        key.isEmpty ? Self.field(of: name) : "\(Self.field(of: name)): \(key)"
    }

    /// An error about one of its keys, with the place.
    public func error(
        _ key: String = "", of jobFile: String, problem: String, remedy: String
    ) -> InputError {
        InputError(
            file: jobFile, at: places[field(key)], field: field(key), problem: problem, remedy: remedy)
    }
}

/// A job: what `pagefold train`, `pack` and `eval` work on.
public struct Job: Sendable {
    public var path: String
    public var networks: [JobNetwork]
    public var budget: Budget?
    /// Everything else at the top of the file, such as page or learning_rate, as it stands there: what it means is the
    /// packer's business.
    public var settings: [String: String] = [:]
    /// Where its keys stand in the file.
    public var places = FieldPlaces()
}
