// Operations that read weights: convolution, dense, bias, batch normalisation.

extension OperationSpec {
    static let convolution = OperationSpec(
        "convolution",
        fields: [.activation, .weights, .bias, .scale, .window, .stride, .padding, .dilation, .groups],
        number: "slope of leaky ReLU, or lower bound", secondNumber: "upper bound",
        rule: { (shapes) throws(StepProblem) in try convolutionShape(shapes) },
        reads: { shapes in
            let step = shapes.step
            let inputs = shapes.x.channels / Int(step.groups)
            let window = [Int(step.kernelHeight), Int(step.kernelWidth)]
            return [
                ParameterSpec(.weight, [shapes.y.channels, inputs] + window),
                ParameterSpec(.bias, [shapes.y.channels], isOptional: true),
            ]
        }, run: convolve)

    /// Any part of a window may lie outside the image.
    private static func convolutionShape(_ shapes: StepShapes) throws(StepProblem) -> Shape {
        let (step, x, y) = (shapes.step, shapes.x, shapes.y)
        let groups = Int(step.groups)
        guard x.channels % groups == 0, y.channels % groups == 0 else {
            throw StepProblem("\(groups) groups do not divide \(x.channels) and \(y.channels) channels")
        }
        // Kernels number rows and columns with 32 bits.
        func isReachable(_ output: Int, _ kernel: UInt8, _ stride: UInt8, _ dilation: UInt8) -> Bool {
            Int64(output - 1) * Int64(stride) + (Int64(kernel) - 1) * Int64(dilation) < Int64(Int32.max)
        }
        guard isReachable(y.height, step.kernelHeight, step.strideHeight, step.dilationHeight),
            isReachable(y.width, step.kernelWidth, step.strideWidth, step.dilationWidth)
        else { throw StepProblem("a window lies too far outside the image") }
        return y
    }

    private static func convolve(_ run: StepRun) {
        let step = run.step
        let groups = Int(step.groups)
        let inputs = run.xShape.channels / groups
        let outputs = run.yShape.channels / groups
        var weight = run.weights.cursor(at: Int(step.weights))
        var bias = run.cursor(step.bias)
        var scale = run.cursor(step.scale)
        for out in 0..<run.yShape.channels {
            let target = run.y + out * run.yShape.spatial
            for i in 0..<run.yShape.spatial { target[i] = 0 }
            let first = out / outputs * inputs
            for c in first..<first + inputs {
                for ky in 0..<Int(step.kernelHeight) {
                    for kx in 0..<Int(step.kernelWidth) {
                        accumulate(
                            run, weight.next(), run.x + c * run.xShape.spatial, target,
                            dy: ky * Int(step.dilationHeight) - Int(step.padTop),
                            dx: kx * Int(step.dilationWidth) - Int(step.padLeft))
                    }
                }
            }
            let factor = scale?.next() ?? 1
            let offset = bias?.next() ?? 0
            for i in 0..<run.yShape.spatial { target[i] = target[i] * factor + offset }
        }
    }

    /// Adds one weight times one shifted input channel to one output channel.
    private static func accumulate(
        _ run: StepRun, _ weight: Float, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, dy: Int,
        dx: Int
    ) {
        for row in 0..<run.yShape.height {
            let inputRow = row * Int(run.step.strideHeight) + dy
            guard inputRow >= 0, inputRow < run.xShape.height else { continue }
            let source = x + inputRow * run.xShape.width
            let target = y + row * run.yShape.width
            for column in 0..<run.yShape.width {
                let inputColumn = column * Int(run.step.strideWidth) + dx
                if inputColumn >= 0 && inputColumn < run.xShape.width {
                    target[column] += weight * source[inputColumn]
                }
            }
        }
    }

    static let dense = OperationSpec(
        "dense", fields: [.activation, .weights, .bias, .scale],
        number: "slope of leaky ReLU, or lower bound", secondNumber: "upper bound",
        rule: { (shapes) throws(StepProblem) in
            guard shapes.y.spatial == 1 else { throw StepProblem("its result \(shapes.y) is no vector") }
            return shapes.y
        },
        reads: { shapes in
            [
                ParameterSpec(.weight, [shapes.y.channels, shapes.x.count]),
                ParameterSpec(.bias, [shapes.y.channels], isOptional: true),
            ]
        },
        run: { run in
            var weight = run.weights.cursor(at: Int(run.step.weights))
            var bias = run.cursor(run.step.bias)
            var scale = run.cursor(run.step.scale)
            for out in 0..<run.yShape.count {
                var sum: Float = 0
                for i in 0..<run.xShape.count { sum += weight.next() * run.x[i] }
                run.y[out] = sum * (scale?.next() ?? 1) + (bias?.next() ?? 0)
            }
        })

    static let bias = OperationSpec(
        "bias", fields: [.bias], rule: { $0.x },
        reads: { [ParameterSpec(.bias, [$0.x.channels])] },
        run: { run in
            var bias = run.weights.cursor(at: Int(run.step.bias))
            run.forEachChannel { channel in
                let b = bias.next()
                for i in channel { run.y[i] = run.x[i] + b }
            }
        })

    static let batchNormalisation = OperationSpec(
        "batch normalisation", fields: [.weights], number: "epsilon",
        rule: { (shapes) throws(StepProblem) in
            guard shapes.step.alpha >= 0 else { throw StepProblem("epsilon \(shapes.step.alpha)") }
            return shapes.x
        },
        reads: { shapes in
            [ParameterRole.gamma, .beta, .mean, .variance].map { ParameterSpec($0, [shapes.x.channels]) }
        },
        run: { run in
            let start = Int(run.step.weights)
            let channels = run.xShape.channels
            var gamma = run.weights.cursor(at: start)
            var beta = run.weights.cursor(at: start + channels)
            var mean = run.weights.cursor(at: start + 2 * channels)
            var variance = run.weights.cursor(at: start + 3 * channels)
            run.forEachChannel { channel in
                let scale = gamma.next() / (variance.next() + run.step.alpha).squareRoot()
                let offset = beta.next() - mean.next() * scale
                for i in channel { run.y[i] = run.x[i] * scale + offset }
            }
        })
}
