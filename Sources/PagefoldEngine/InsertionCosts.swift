// What matching asks of the kernels: the loss that a page adds to frames.

internal import CPagefoldKernels

/// The second-order loss that one page adds to each of `count` frames: Σ F1 F2 / (F1 + F2) (w1 − w2)² over `stride`
/// positions, with F2 and w2 the frame's Fisher sum and mean.
/// - Parameters:
///   - frames: which frames; nil: frame i for cost i.
///   - stride: a multiple of 16; no Fisher value is negative or above 1e20.
///   - fisher: of the page, [stride]; `weights` likewise.
///   - frameFisher: [frames][stride]; `frameMean` likewise.
///   - costs: [count], written.
package func insertionCosts(
    _ count: Int, _ frames: UnsafePointer<Int32>?, stride: Int, fisher: UnsafePointer<Float>,
    weights: UnsafePointer<Float>, frameFisher: UnsafePointer<Float>, frameMean: UnsafePointer<Float>,
    into costs: UnsafeMutablePointer<Float>
) {
    pf_insertion_costs(count, frames, stride, fisher, weights, frameFisher, frameMean, costs)
}
