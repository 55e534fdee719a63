// Gives each output channel of each network a scale of its own before paging, so that pages of different layers and
// networks have one magnitude and can share frames. The function of the network does not change.

import PagefoldCore
import PagefoldGraph

extension LoweredNetwork {
    /// Root mean square of the weights of a row after scaling: near that of trained networks, so that learning rates
    /// mean the same as without scales.
    static let scaledMagnitude: Float = 0.1

    /// The same network with a scale for every output channel, appended to the tail.
    func addingChannelScales() -> LoweredNetwork {
        var result = self
        for index in program.steps.indices where program.steps[index].opcode.isWeighted {
            let step = program.steps[index]
            guard step.scale == Step.none32 else { continue }
            let length = program.rowLength(of: step)
            result.program.steps[index].scale = UInt32(result.weights.count)
            for channel in 0..<program.values[Int(step.output)].channels {
                let row = Int(step.weights) + channel * length..<Int(step.weights) + (channel + 1) * length
                let square = row.reduce(Float(0)) { $0 + weights[$1] * weights[$1] } / Float(length)
                let scale = square > 0 ? square.squareRoot() / Self.scaledMagnitude : 1
                for i in row { result.weights[i] /= scale }
                result.weights.append(scale)
            }
        }
        result.program.weightCount = result.weights.count
        return result
    }
}

/// A run of weights under one scale.
struct ScaledRun: Sendable {
    /// Offsets in the flat vector.
    let range: Range<Int>
    /// Offset of the scale in the flat vector, or -1.
    let scale: Int
}

/// The rows of a network, and their parts page by page.
struct RowLayout: Sendable {
    let rows: [ScaledRun]
    let pages: [[ScaledRun]]

    init(program: Program, pageSize: Int) {
        var rows = [ScaledRun]()
        for step in program.steps where step.opcode.isWeighted {
            let length = program.rowLength(of: step)
            for channel in 0..<program.values[Int(step.output)].channels {
                let start = Int(step.weights) + channel * length
                let scale = step.scale == Step.none32 ? -1 : Int(step.scale) + channel
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
