// Loads of eight values from any address. Not arithmetic: the cost of a page on a frame is a kernel,
// `pf_insertion_costs`.

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
