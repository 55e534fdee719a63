// How formats of weights stand in checkpoints and records: as their numbers in the fold file.

public import PagefoldCore

extension NumberFormat: Codable {}

extension WeightFormats: Codable {
    private enum Key: String, CodingKey { case pool, exclusivePages }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        self.init(
            pool: try values.decode(NumberFormat.self, forKey: .pool),
            exclusivePages: try values.decode(NumberFormat.self, forKey: .exclusivePages))
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(pool, forKey: .pool)
        try values.encode(exclusivePages, forKey: .exclusivePages)
    }
}
