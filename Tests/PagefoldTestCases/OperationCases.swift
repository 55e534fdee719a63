// The table of cases: every operation with odd sizes, strides, paddings and neighbours, as small networks. Oracle,
// engine, lowering and fold file are all tested on it; a new operation gets a line here.

import PagefoldCore
public import PagefoldGraph

/// A network by name, for parameterised tests.
public struct OperationCase: Sendable, CustomStringConvertible {
    public let network: Network
    public var description: String { network.name }

    init(_ name: String, _ input: Shape, seed: UInt64 = 1, _ build: (inout NetworkBuilder) -> Void) {
        var builder = NetworkBuilder(name, input: input, seed: seed)
        build(&builder)
        network = builder.network
    }

    /// Every case of the table.
    public static let all: [OperationCase] =
        convolutions + pools + activations + vectors + normalisations + branches
        + movements + sequences + arithmetics

    private static func square(_ size: Int, stride: Int = 1, pad: Int = 0) -> Window {
        Window(
            height: size, width: size, strideHeight: stride, strideWidth: stride,
            padding: Padding(top: pad, left: pad, bottom: pad, right: pad))
    }

    // MARK: Convolutions

    private static let convolutions: [OperationCase] = [
        OperationCase("convolution 3x3", Shape(channels: 2, height: 7, width: 5)) {
            $0.add(.convolution(outputs: 5, window: square(3)))
        },
        OperationCase("convolution without bias", Shape(channels: 3, height: 5, width: 9)) {
            $0.add(.convolution(outputs: 4, window: square(3, pad: 1)), bias: false)
        },
        OperationCase("convolution 1x1", Shape(channels: 7, height: 3, width: 5)) {
            $0.add(.convolution(outputs: 19, window: square(1)))
        },
        OperationCase("convolution 5x2, stride 3x2, uneven padding", Shape(channels: 3, height: 11, width: 8))
        {
            let window = Window(
                height: 5, width: 2, strideHeight: 3, strideWidth: 2,
                padding: Padding(top: 2, left: 0, bottom: 1, right: 1))
            $0.add(.convolution(outputs: 6, window: window))
        },
        OperationCase("convolution dilated", Shape(channels: 2, height: 9, width: 8)) {
            $0.add(.convolution(outputs: 3, window: square(3, pad: 1), dilationHeight: 2, dilationWidth: 3))
        },
        OperationCase("convolution grouped", Shape(channels: 6, height: 5, width: 4)) {
            $0.add(.convolution(outputs: 9, window: square(3, pad: 1), groups: 3))
        },
        OperationCase("convolution depthwise", Shape(channels: 5, height: 6, width: 7)) {
            $0.add(.convolution(outputs: 5, window: square(3, stride: 2, pad: 1), groups: 5))
        },
        OperationCase("convolution depthwise, two of each", Shape(channels: 3, height: 5, width: 5)) {
            $0.add(.convolution(outputs: 6, window: square(3), groups: 3))
        },
        OperationCase("convolution, kernel as large as the image", Shape(channels: 2, height: 4, width: 3)) {
            $0.add(.convolution(outputs: 4, window: Window(height: 4, width: 3)))
        },
        OperationCase("convolution wider than padding", Shape(channels: 1, height: 2, width: 2)) {
            $0.add(.convolution(outputs: 3, window: square(5, pad: 2)))
        },
        OperationCase("two convolutions, 17 and 18 channels", Shape(channels: 1, height: 6, width: 6)) {
            $0.add(.convolution(outputs: 17, window: square(3)))
            $0.add(.activation(.relu))
            $0.add(.convolution(outputs: 18, window: square(3)))
        },
    ]

    // MARK: Pools

    private static let pools: [OperationCase] =
        [
            ("max 2x2", Operation.maxPool(square(2, stride: 2))),
            ("max 3x3, stride 2, padded", .maxPool(square(3, stride: 2, pad: 1))),
            ("max 2x3, stride 1x2", .maxPool(Window(height: 2, width: 3, strideHeight: 1, strideWidth: 2))),
            ("average 2x2", .averagePool(square(2, stride: 2))),
            ("average 3x3, stride 2, padded", .averagePool(square(3, stride: 2, pad: 1))),
            ("global average", .globalAveragePool),
        ].map { name, pool in
            OperationCase("pool \(name)", Shape(channels: 2, height: 7, width: 9)) {
                $0.add(.bias)
                $0.add(pool)
            }
        } + [
            OperationCase("fused pool, odd size", Shape(channels: 2, height: 9, width: 8)) {
                $0.add(.convolution(outputs: 5, window: square(3)))
                $0.add(.activation(.leakyRelu, alpha: 0.2))
                $0.add(.maxPool(square(2, stride: 2)))
                $0.add(.convolution(outputs: 3, window: square(2)))
            },
            OperationCase("two fused pools and dense layers", Shape(channels: 1, height: 14, width: 13)) {
                $0.add(.convolution(outputs: 4, window: square(3)))
                $0.add(.activation(.relu))
                $0.add(.maxPool(square(2, stride: 2)))
                $0.add(.convolution(outputs: 6, window: square(3)))
                $0.add(.activation(.relu))
                $0.add(.maxPool(square(2, stride: 2)))
                $0.add(.reshape(Shape(channels: 6 * 2 * 1)))
                $0.add(.dense(outputs: 9))
                $0.add(.activation(.sigmoid))
                $0.add(.dense(outputs: 4))
                $0.add(.softmax)
            },
            OperationCase("pool of a convolution that others read", Shape(channels: 2, height: 6, width: 6)) {
                let shared = $0.add(.convolution(outputs: 3, window: square(3)))
                let pooled = $0.add(.maxPool(square(2, stride: 2)))
                let mean = $0.add(.averagePool(square(2, stride: 2)), from: [shared])
                $0.add(.add, from: [pooled, mean])
            },
        ]

    // MARK: Activations, dense layers, plain vectors

    private static let activations: [OperationCase] = Activation.allCases.flatMap { activation in
        [
            OperationCase("\(activation) after convolution", Shape(channels: 2, height: 5, width: 4)) {
                $0.add(.convolution(outputs: 3, window: square(3)))
                $0.add(.activation(activation, alpha: activation == .leakyRelu ? 0.1 : 0))
                $0.add(.dense(outputs: 3))
            },
            OperationCase("\(activation) after dense", Shape(channels: 11)) {
                $0.add(.dense(outputs: 7))
                $0.add(.activation(activation, alpha: activation == .leakyRelu ? 0.3 : 0))
                $0.add(.dense(outputs: 3))
            },
            OperationCase("\(activation) alone", Shape(channels: 3, height: 3, width: 2)) {
                $0.add(.bias)
                $0.add(.activation(activation, alpha: activation == .leakyRelu ? 0.2 : 0))
            },
        ]
    }

    private static let vectors: [OperationCase] = [
        OperationCase("dense without bias", Shape(channels: 5)) { $0.add(.dense(outputs: 33), bias: false) },
        OperationCase("dense on an image", Shape(channels: 3, height: 2, width: 5)) {
            $0.add(.dense(outputs: 2))
        },
        OperationCase("dense of one", Shape(channels: 1)) { $0.add(.dense(outputs: 1)) },
        OperationCase("bias of its own after dense", Shape(channels: 4)) {
            $0.add(.dense(outputs: 6), bias: false)
            $0.add(.bias)
            $0.add(.activation(.tanh))
        },
        OperationCase("bias after an activation", Shape(channels: 4)) {
            $0.add(.dense(outputs: 6))
            $0.add(.activation(.relu6))
            $0.add(.bias)
        },
        OperationCase("softmax", Shape(channels: 6)) {
            $0.add(.dense(outputs: 5))
            $0.add(.softmax)
        },
        OperationCase("reshape to an image", Shape(channels: 24)) {
            $0.add(.dense(outputs: 24))
            $0.add(.reshape(Shape(channels: 2, height: 4, width: 3)))
            $0.add(.convolution(outputs: 3, window: square(2)))
            $0.add(.reshape(Shape(channels: 3 * 3 * 2)))
        },
        OperationCase("dropout", Shape(channels: 2, height: 3, width: 4)) {
            $0.add(.convolution(outputs: 3, window: square(2)))
            $0.add(.activation(.relu))
            $0.add(.dropout(rate: 0.4))
            $0.add(.dense(outputs: 4))
            $0.add(.dropout(rate: 0.2))
        },
    ]

    // MARK: Batch normalisation

    private static let normalisations: [OperationCase] = [
        OperationCase("batch normalisation after convolution", Shape(channels: 2, height: 5, width: 5)) {
            $0.add(.convolution(outputs: 4, window: square(3)), bias: false)
            $0.add(.batchNormalisation(epsilon: 1e-3))
            $0.add(.activation(.tanh))
        },
        OperationCase("batch normalisation after dense", Shape(channels: 9)) {
            $0.add(.dense(outputs: 5))
            $0.add(.batchNormalisation(epsilon: 1e-5))
            $0.add(.dense(outputs: 3))
        },
        OperationCase("batch normalisation of the input", Shape(channels: 3, height: 4, width: 3)) {
            $0.add(.batchNormalisation(epsilon: 1e-3))
            $0.add(.convolution(outputs: 2, window: square(2)))
        },
        OperationCase("two batch normalisations", Shape(channels: 2, height: 4, width: 4)) {
            $0.add(.convolution(outputs: 3, window: square(1), groups: 1))
            $0.add(.batchNormalisation(epsilon: 1e-3))
            $0.add(.batchNormalisation(epsilon: 1e-2))
            $0.add(.activation(.sigmoid))
        },
        OperationCase("batch normalisation of a shared convolution", Shape(channels: 2, height: 4, width: 4))
        {
            let shared = $0.add(.convolution(outputs: 3, window: square(3, pad: 1)))
            let normal = $0.add(.batchNormalisation(epsilon: 1e-3))
            $0.add(.add, from: [normal, shared])
        },
    ]

    // MARK: Branches

    private static let branches: [OperationCase] = [
        OperationCase("residual block", Shape(channels: 3, height: 5, width: 4)) {
            let start = $0.add(.convolution(outputs: 4, window: square(3, pad: 1)))
            $0.add(.activation(.tanh))
            let inner = $0.add(.convolution(outputs: 4, window: square(3, pad: 1)))
            $0.add(.add, from: [inner, start])
            $0.add(.globalAveragePool)
            $0.add(.dense(outputs: 3))
        },
        OperationCase("a value added to itself", Shape(channels: 5)) {
            let value = $0.add(.dense(outputs: 4))
            $0.add(.add, from: [value, value])
        },
        OperationCase("three readers of one value", Shape(channels: 2, height: 4, width: 4)) {
            let shared = $0.add(.convolution(outputs: 3, window: square(3, pad: 1)))
            let first = $0.add(.convolution(outputs: 2, window: square(3, pad: 1)), from: [shared])
            let second = $0.add(.activation(.relu), from: [shared])
            let third = $0.add(.averagePool(square(3, pad: 1)), from: [shared])
            $0.add(.concatenate, from: [first, second, third, shared])
            $0.add(.convolution(outputs: 2, window: square(2)))
        },
        OperationCase("gated convolution", Shape(channels: 3, height: 5, width: 7)) {
            let value = $0.add(.convolution(outputs: 5, window: square(3)))
            $0.add(.convolution(outputs: 5, window: square(3)), from: [0])
            let gate = $0.add(.activation(.sigmoid))
            $0.add(.multiply, from: [value, gate])
            $0.add(.convolution(outputs: 2, window: square(2)))
        },
        OperationCase("a value multiplied by itself", Shape(channels: 5)) {
            let value = $0.add(.dense(outputs: 17))
            $0.add(.multiply, from: [value, value])
            $0.add(.add, from: [$0.last, value])
        },
        OperationCase("input multiplied by a learnt value", Shape(channels: 1, height: 3, width: 1)) {
            let value = $0.add(.convolution(outputs: 1, window: square(1)))
            $0.add(.multiply, from: [0, value])
        },
        OperationCase("concatenation of a value with itself", Shape(channels: 3)) {
            let value = $0.add(.dense(outputs: 4))
            $0.add(.concatenate, from: [value, value])
            $0.add(.dense(outputs: 2))
        },
        OperationCase("input joined with a learnt value", Shape(channels: 2, height: 3, width: 3)) {
            let value = $0.add(.convolution(outputs: 2, window: square(3, pad: 1)))
            $0.add(.add, from: [0, value])
            $0.add(.dense(outputs: 3))
        },
        OperationCase("two dropped dropouts of one value", Shape(channels: 6)) {
            let value = $0.add(.dense(outputs: 5))
            let first = $0.add(.dropout(rate: 0.5), from: [value])
            let bent = $0.add(.activation(.relu), from: [first])
            let second = $0.add(.dropout(rate: 0.5), from: [value])
            $0.add(.add, from: [bent, second])
        },
        OperationCase("a branch that nobody reads", Shape(channels: 4)) {
            let value = $0.add(.dense(outputs: 5))
            $0.add(.dense(outputs: 3), from: [value])
            $0.add(.dense(outputs: 2), from: [value])
        },
    ]
}
