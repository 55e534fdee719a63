// How a sliding window lies over a feature map: padding that a format names becomes pixels, and the result gets its
// size. It knows no format.

import PagefoldCore
import PagefoldGraph

/// What stands around a feature map under a window.
enum PaddingScheme {
    /// The pixels that are given, which may be none (VALID).
    case explicit
    /// As many zeros as give one result for each stride; the odd one stands below and right (TensorFlow's SAME, ONNX's
    /// SAME_UPPER).
    case same
}

extension Window {
    /// The window over a map of this shape with all its padding in pixels, and how often it fits: 0 where it does not.
    /// Zeros that the window has already are part of the map.
    /// Precondition: sizes, strides and dilations are positive, and small enough for their products.
    func placed(
        over shape: Shape, _ scheme: PaddingScheme, dilationHeight: Int = 1, dilationWidth: Int = 1
    ) -> (window: Window, rows: Int, columns: Int) {
        // One side; `extent` is that of the dilated window.
        func fit(
            _ size: Int, _ window: Int, _ stride: Int, _ dilation: Int, _ low: inout Int, _ high: inout Int
        ) -> Int {
            let extent = (window - 1) * dilation + 1
            if scheme == .same {
                let padded = size + low + high
                let places = (padded + stride - 1) / stride
                let missing = max(0, (places - 1) * stride + extent - padded)
                low += missing / 2
                high += missing - missing / 2
            }
            let room = size + low + high - extent
            return room < 0 ? 0 : room / stride + 1
        }
        var result = self
        let rows = fit(
            shape.height, height, strideHeight, dilationHeight, &result.padding.top, &result.padding.bottom)
        let columns = fit(
            shape.width, width, strideWidth, dilationWidth, &result.padding.left, &result.padding.right)
        return (result, rows, columns)
    }
}
