// Every operation a graph can have, on one screen. What each computes is in docs/adding-an-op.md's table;
// how, in the kernels. To add one: a case here, its shape (ShapeInference), its lowering (Lowering), an opcode,
// a forward and a backward.

public import PagefoldCore

/// Padding of a window in pixels.
public struct Padding: Hashable, Sendable {
    public var top = 0
    public var left = 0
    public var bottom = 0
    public var right = 0

    public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
        self.top = top
        self.left = left
        self.bottom = bottom
        self.right = right
    }
}

/// A window that slides over height and width.
public struct Window: Hashable, Sendable {
    public var height: Int
    public var width: Int
    public var strideHeight: Int
    public var strideWidth: Int
    public var padding: Padding

    public init(
        height: Int, width: Int, strideHeight: Int = 1, strideWidth: Int = 1, padding: Padding = Padding()
    ) {
        self.height = height
        self.width = width
        self.strideHeight = strideHeight
        self.strideWidth = strideWidth
        self.padding = padding
    }
}

/// One operation. Shapes are of one sample, channels first.
public enum Operation: Hashable, Sendable {
    case input(Shape)
    /// Parameters: weight [outputs][inputs / groups][height][width], then an optional bias [outputs].
    case convolution(
        outputs: Int, window: Window, dilationHeight: Int = 1, dilationWidth: Int = 1, groups: Int = 1)
    /// Parameters: weight [outputs][count of the input, in CHW order], then an optional bias [outputs].
    case dense(outputs: Int)
    /// Parameter: bias [channels].
    case bias
    case maxPool(Window)
    /// Padding does not count in the mean.
    case averagePool(Window)
    case globalAveragePool
    /// Parameters: gamma, beta, mean, variance, each [channels].
    case batchNormalisation(epsilon: Float)
    case activation(Activation, alpha: Float = 0)
    /// Over the channels of a vector.
    case softmax
    case add
    /// Along the channels.
    case concatenate
    /// Same numbers in CHW order, other shape; flatten is `reshape` to a vector.
    case reshape(Shape)
    /// Active in training only.
    case dropout(rate: Float)
}
