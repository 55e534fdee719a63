// Which name was meant by a misspelt one: the one place that compares words.

/// Names that resemble a word.
public enum Spelling {
    /// The name that a word was probably meant to be, case aside; nil where none is close: every third letter may be
    /// wrong, one of a short word. The first of equals.
    public static func closest<Names: Sequence<String>>(to word: String, among names: Names) -> String? {
        let letters = Array(word.lowercased())
        // Longer words come from no key, and would take long.
        guard !letters.isEmpty, letters.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        for name in names {
            let other = Array(name.lowercased())
            let most = max(max(letters.count, other.count) / 3, 1)
            guard abs(letters.count - other.count) <= most else { continue }
            let distance = distance(letters, other)
            // A word of two letters resembles every other.
            guard distance <= most, distance < min(letters.count, other.count) else { continue }
            if distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// A remedy: what was meant, if that can be guessed, and what is possible.
    /// - Parameter verb: what the user does with one of them.
    public static func remedy<Names: Sequence<String>>(
        for word: String, among names: Names, verb: String = "use"
    ) -> String {
        let list = names.joined(separator: ", ")
        guard let name = closest(to: word, among: names) else { return "\(verb) one of \(list)" }
        return "did you mean \(name)? possible are \(list)"
    }

    /// Letters to insert, to leave out, to change, or to exchange with a neighbour (optimal string alignment).
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, before[j - 1] + 1) }
                row.append(least)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
