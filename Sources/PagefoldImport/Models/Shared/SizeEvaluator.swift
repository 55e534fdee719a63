// Sizes that a foreign graph computes while it runs, for a reshape: known but for the batch. It knows no activations;
// their sizes are the reader's to tell.

import PagefoldCore

/// How a list of sizes is computed. −1 stands for a size that is open, as the batch is.
enum SizeOperation<Reference> {
    case sizes([Int])
    case same(Reference)
    /// One list behind the other.
    case joined([Reference])
    case slice(Reference, SizeSlice)
    /// All sizes multiplied: a list of one.
    case product(Reference)
}

/// Some of a list of sizes, side by side. Negative places count from the end; nil is the list's own end.
struct SizeSlice {
    var begin: Int?
    var end: Int?
    /// One size, at `begin`.
    var isSingle = false

    func callAsFunction(_ sizes: [Int]) -> [Int]? {
        func place(_ i: Int) -> Int { max(0, min(sizes.count, i < 0 ? i + sizes.count : i)) }
        let from = begin.map(place) ?? 0
        if isSingle { return from < sizes.count ? [sizes[from]] : nil }
        let to = end.map(place) ?? sizes.count
        return from <= to ? Array(sizes[from..<to]) : nil
    }
}

/// Works out lists of sizes, and what reshaping operations ask for.
enum SizeEvaluator {
    private static let depthLimit = 16
    private static let countLimit = 16

    /// The list of sizes that a value holds; nil where it cannot be told.
    /// - Parameter operation: how the reader's node computes it; nil where that is not known.
    static func sizes<Reference>(
        _ reference: Reference, depth: Int = 0,
        _ operation: (Reference) throws(InputError) -> SizeOperation<Reference>?
    ) throws(InputError) -> [Int]? {
        // What is known without looking further is known at any depth.
        let found = try operation(reference)
        if case .sizes(let known) = found { return known }
        guard let found, depth < depthLimit else { return nil }
        switch found {
        case .sizes(let known): return known
        case .same(let input): return try sizes(input, depth: depth + 1, operation)
        case .joined(let parts):
            var whole: [Int] = []
            for part in parts {
                guard let more = try sizes(part, depth: depth + 1, operation),
                    whole.count + more.count <= countLimit
                else { return nil }
                whole += more
            }
            return whole
        case .slice(let input, let slice):
            return try sizes(input, depth: depth + 1, operation).flatMap { slice($0) }
        case .product(let input):
            guard let factors = try sizes(input, depth: depth + 1, operation) else { return nil }
            var product = 1
            for size in factors {
                guard size > 0, size <= ForeignValue.countLimit, product <= ForeignValue.countLimit else {
                    return nil
                }
                product *= size
            }
            return [product]
        }
    }

    /// Sizes for `count` numbers with the one that is open (−1) filled in; nil where none fits or several are open.
    static func filled(_ sizes: [Int], count: Int) -> [Int]? {
        let open = sizes.indices.filter { sizes[$0] == -1 }
        guard open.count <= 1 else { return nil }
        guard let open = open.first else { return sizes }
        var known = 1
        for (i, size) in sizes.enumerated() where i != open {
            guard size > 0, size <= count else { return nil }
            known = min(known * size, ForeignValue.countLimit + 1)
        }
        guard count % known == 0 else { return nil }
        var result = sizes
        result[open] = count / known
        return result
    }
}
