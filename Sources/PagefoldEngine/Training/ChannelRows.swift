// The rows of a network's weights, each under its scale, cut at the ends of pages: what frames are
// spread by and gradients are taken back by.

public import PagefoldCore

/// A run of weights under one scale.
public struct ScaledRun: Sendable {
    /// Offsets in the flat vector.
    public let range: Range<Int>
    /// Offset of the scale in the flat vector, or -1.
    public let scale: Int
}

/// The rows of a network, and their parts page by page.
public struct RowLayout: Sendable {
    public let rows: [ScaledRun]
    public let pages: [[ScaledRun]]
    /// Offsets in the flat vector of statistics, which no gradient trains.
    let statistics: [Range<Int>]

    public init(program: Program, pageSize: Int) {
        var rows = [ScaledRun]()
        for step in program.steps where step.opcode.isWeighted {
            let length = program.rowLength(of: step)
            for row in 0..<program.rowCount(of: step) {
                let start = Int(step.weights) + row * length
                let scale = step.scale == Step.none32 ? -1 : Int(step.scale) + row
                rows.append(ScaledRun(range: start..<start + length, scale: scale))
            }
        }
        rows.sort { $0.range.lowerBound < $1.range.lowerBound }
        let paged = program.pagedCount
        var pages = [[ScaledRun]](repeating: [], count: program.pageCount(pageSize: pageSize))
        var position = 0
        // What no row covers (paged biases) has no scale.
        func add(_ range: Range<Int>, _ scale: Int) {
            var start = range.lowerBound
            while start < min(range.upperBound, paged) {
                let page = start / pageSize
                let end = min(range.upperBound, (page + 1) * pageSize, paged)
                pages[page].append(ScaledRun(range: start..<end, scale: scale))
                start = end
            }
        }
        for row in rows {
            if row.range.lowerBound > position { add(position..<row.range.lowerBound, -1) }
            add(row.range, row.scale)
            position = max(position, row.range.upperBound)
        }
        if position < paged { add(position..<paged, -1) }
        statistics = program.steps.flatMap { program.parameters(of: $0) }.filter(\.role.isStatistic).map(
            \.range)
        self.rows = rows
        self.pages = pages
    }
}

extension RowLayout {
    /// Takes a gradient through the scales: the kernels see w = s·v, so dL/dv = s · dL/dw and
    /// dL/ds = Σ dL/dw · v = Σ dL/dw · w / s over the row.
    /// - Parameters:
    ///   - gradient: by the weights that kernels see, [weightCount].
    ///   - weights: those, [weightCount].
    func passScales(_ gradient: UnsafeMutablePointer<Float>, weights: UnsafePointer<Float>) {
        for row in rows where row.scale >= 0 {
            let scale = weights[row.scale]
            gradient[row.scale] = scale == 0 ? 0 : Self.dot(gradient, weights, row.range) / scale
            for i in row.range { gradient[i] *= scale }
        }
    }

    /// Eight sums side by side in a fixed order: fast, and the same on every run.
    private static func dot(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ range: Range<Int>
    ) -> Float {
        var sums = SIMD8<Float>.zero
        var i = range.lowerBound
        while i + 8 <= range.upperBound {
            let x = UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Float>.self)
            let y = UnsafeRawPointer(b + i).loadUnaligned(as: SIMD8<Float>.self)
            sums += x * y
            i += 8
        }
        var sum = sums.sum()
        while i < range.upperBound {
            sum += a[i] * b[i]
            i += 1
        }
        return sum
    }
}
