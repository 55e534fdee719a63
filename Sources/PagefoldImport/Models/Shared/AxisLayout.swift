// How the axes of a foreign array lie in a node's result. Transposing and reshaping change this and move nothing, until an
// operation needs an order.

/// The axes of an array of any rank as factors, and the order of those in memory.
///
/// An axis may consist of several factors, as one that was joined from two by a reshape: then its numbers need not lie side
/// by side. Factors of 1 are left out.
struct AxisLayout: Hashable, Sendable {
    /// Sizes of the factors in the foreign order, the slowest first.
    private(set) var factors: [Int]
    /// Factors of each axis.
    private(set) var counts: [Int]
    /// The factors in the order of memory, the slowest first.
    private(set) var order: [Int]

    /// Row-major, as foreign arrays are.
    init(_ sizes: [Int]) {
        factors = sizes.filter { $0 != 1 }
        counts = sizes.map { $0 == 1 ? 0 : 1 }
        order = Array(factors.indices)
    }

    /// - Parameter order: the factors in the order of memory.
    private init(factors: [Int], counts: [Int], order: [Int]) {
        self.factors = factors
        self.counts = counts
        self.order = order
    }

    /// The array that a permuted one lies as: `axes` are its axes in the order of memory.
    init(_ sizes: [Int], memory axes: [Int]) {
        self.init(sizes)
        order = axes.flatMap { Array(self.factors(of: $0)) }
    }

    var sizes: [Int] {
        var first = 0
        return counts.map { count in
            defer { first += count }
            return factors[first..<first + count].reduce(1, *)
        }
    }
    var isRowMajor: Bool { order == Array(order.indices) }

    /// Numbers of the factors of an axis.
    func factors(of axis: Int) -> Range<Int> {
        let first = counts[..<axis].reduce(0, +)
        return first..<first + counts[axis]
    }

    /// The axis of a factor.
    func axis(of factor: Int) -> Int {
        var end = 0
        for (axis, count) in counts.enumerated() {
            end += count
            if factor < end { return axis }
        }
        return counts.count - 1
    }

    /// Axis i of the result is axis `axes[i]` of this one. Precondition: a permutation.
    func transposed(_ axes: [Int]) -> AxisLayout {
        let moved = axes.flatMap { Array(factors(of: $0)) }
        var places = [Int](repeating: 0, count: factors.count)
        for (new, old) in moved.enumerated() { places[old] = new }
        return AxisLayout(
            factors: moved.map { factors[$0] }, counts: axes.map { counts[$0] },
            order: order.map { places[$0] })
    }

    /// Neighbours that are neighbours in memory too become one factor; all of one axis.
    private var joined: AxisLayout {
        var places = [Int](repeating: 0, count: factors.count)
        for (place, factor) in order.enumerated() { places[factor] = place }
        var result = AxisLayout(factors: [], counts: [0], order: [])
        var firstPlaces: [Int] = []
        for factor in factors.indices {
            if factor > 0, places[factor] == places[factor - 1] + 1 {
                result.factors[result.factors.count - 1] *= factors[factor]
            } else {
                result.factors.append(factors[factor])
                firstPlaces.append(places[factor])
            }
        }
        result.counts = [result.factors.count]
        result.order = firstPlaces.indices.sorted { firstPlaces[$0] < firstPlaces[$1] }
        return result
    }

    /// The same numbers in row-major order under other sizes; nil where that would have to move some.
    /// Precondition: as many numbers.
    func reshaped(to sizes: [Int]) -> AxisLayout? {
        let old = joined
        // Pieces of each old factor, the slowest first.
        var pieces: [[Int]] = old.factors.map { _ in [] }
        var counts: [Int] = []
        var factor = 0
        var rest = old.factors.first ?? 1
        for size in sizes {
            var due = size
            var count = 0
            while due > 1 {
                guard factor < old.factors.count else { return nil }
                let piece: Int
                if due % rest == 0 {
                    piece = rest
                } else if rest % due == 0 {
                    piece = due
                } else {
                    return nil
                }
                pieces[factor].append(piece)
                count += 1
                due /= piece
                rest /= piece
                if rest == 1 {
                    factor += 1
                    rest = factor < old.factors.count ? old.factors[factor] : 1
                }
            }
            counts.append(count)
        }
        var firsts: [Int] = []
        var total = 0
        for list in pieces {
            firsts.append(total)
            total += list.count
        }
        return AxisLayout(
            factors: pieces.flatMap { $0 }, counts: counts,
            order: old.order.flatMap { Array(firsts[$0]..<firsts[$0] + pieces[$0].count) })
    }

    /// Axes in the order of memory, where the factors of each lie side by side in their order; those of size 1 are left out.
    var memoryAxes: [Int]? {
        var axes: [Int] = []
        var place = 0
        while place < order.count {
            let axis = axis(of: order[place])
            let due = factors(of: axis)
            guard place + due.count <= order.count, order[place..<place + due.count].elementsEqual(due) else {
                return nil
            }
            axes.append(axis)
            place += due.count
        }
        return axes
    }

    /// Whether the axes lie in this order of memory.
    func isOrdered(as axes: [Int]) -> Bool { order == axes.flatMap { Array(factors(of: $0)) } }

    /// The number in memory of each number in row-major order.
    var places: [Int] {
        var steps = [Int](repeating: 0, count: factors.count)
        var step = 1
        for factor in order.reversed() {
            steps[factor] = step
            step *= factors[factor]
        }
        var result = [0]
        result.reserveCapacity(step)
        for (size, step) in zip(factors, steps) {
            result = result.flatMap { place in (0..<size).map { place + $0 * step } }
        }
        return result
    }
}
