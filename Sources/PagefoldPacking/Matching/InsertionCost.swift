// The kernel of the matching: what it costs to put one page on one frame.
// Not the exact loss: it works in Float to rank candidates; FrameContents computes losses in Double.

/// Second-order loss added when a page joins a frame: Σ F1·F2/(F1+F2)·(w1−w2)², with F2 and w2 the frame's Fisher
/// sum and Fisher-weighted mean. It is what remains once all pages of the frame sit at their common mean.
///
/// All four arrays hold `stride` values, a multiple of `PageStore.lanes`.
@inline(__always)
func insertionCost(
    fisher: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    frameFisher: UnsafePointer<Float>, frameMean: UnsafePointer<Float>, stride: Int
) -> Float {
    var sum = SIMD8<Float>.zero
    let tiny = SIMD8<Float>(repeating: Float.leastNormalMagnitude)
    var i = 0
    while i < stride {
        let f1 = load8(fisher + i)
        let f2 = load8(frameFisher + i)
        let d = load8(weights + i) - load8(frameMean + i)
        // f2 / (f1 + f2) stays in 0...1, so no product overflows; `tiny` makes 0 / 0 a 0.
        sum += f1 * (f2 / (f1 + f2 + tiny)) * (d * d)
        i += PageStore.lanes
    }
    return sum.sum()
}

/// Eight floats from any address; Swift arrays are aligned to 16 bytes, `SIMD8<Float>` to 32.
@inline(__always)
func load8(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
}

/// Eight doubles from any address.
@inline(__always)
func load8(_ pointer: UnsafePointer<Double>) -> SIMD8<Double> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Double>.self)
}
