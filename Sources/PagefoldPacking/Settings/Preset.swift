// The settings of the published systems, as texts that a job file could hold: a preset is nothing that a user could
// not write.

/// A published setting by name.
public enum Preset: String, Sendable, CaseIterable {
    /// Pagefold's own methods: the defaults.
    case pagefold = "pagefold"
    /// Neural Weight Virtualization (MobiSys 2020).
    case wv = "wv"
    /// Weight Separation (PerCom 2022).
    case ws = "ws"

    /// Settings by their names in a job file.
    public var texts: [String: String] {
        switch self {
        case .pagefold: [:]
        case .wv:
            Self.published.merging([
                "page": "100", "frames": "largest", "fisher_samples": "100", "fisher_range": "false",
                "separation": "none", "turn": "2000", "steps": "40000", "lambda": "10",
                "evaluate_every": "2000",
            ]) { $1 }
        case .ws:
            Self.published.merging([
                "page": "512", "frames": "128", "fisher_samples": "50", "fisher_range": "true",
                "separation": "density", "alpha": "0.5", "margin": "0.1", "turn": "32", "steps": "3200",
                "lambda": "0.1", "evaluate_every": "320",
            ]) { $1 }
        }
    }

    /// What both papers do.
    private static let published = [
        "format": "float32", "exclusive_format": "auto", "tail_format": "auto",
        "page_biases": "true", "channel_scales": "false", "fisher": "predicted", "fisher_normalisation": "0",
        "matching": "greedy", "networks_apart": "true", "optimisation": "round_robin",
        "matching_loss": "arithmetic", "batch": "100",
        "learning_rate": "0.001", "schedule": "constant", "warm_up": "0", "label_weight": "1", "balance": "0",
    ]
}
