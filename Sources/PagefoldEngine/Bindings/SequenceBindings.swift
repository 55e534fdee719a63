// Kernels of tables and of layers that go through time.

internal import CPagefoldKernels
internal import PagefoldCore

extension pf_embedding {
    init(_ shapes: StepShapes) {
        self.init(
            rows: Int32(shapes.step.rows), length: Int32(shapes.y.height), count: Int32(shapes.x.count))
    }
}

extension pf_recurrent {
    fileprivate init?(_ shapes: StepShapes) {
        guard let form = RecurrentForm(mode: shapes.step.mode) else { return nil }
        self.init(
            moments: Int32(shapes.x.channels), features: Int32(shapes.x.height),
            units: Int32(shapes.y.height / form.results), cell: Int32(form.cell.rawValue),
            is_reversed: form.isReversed ? 1 : 0)
    }
}

extension StepBinding {
    static func embedding(_ shapes: StepShapes) -> StepBinding {
        let (step, shape) = (shapes.step, pf_embedding(shapes))
        let (weights, scale) = (place(step.weights), place(step.scale))
        let floats = shapes.x.count * blockSize
        return StepBinding(
            forward: { call in
                withUnsafePointer(to: shape) { pf_embedding_forward($0, call.x, call.weights, call.y) }
            },
            backward: { call in
                withUnsafePointer(to: shape) {
                    pf_embedding_backward(
                        $0, call.block.x, call.dy, call.dw, call.squared, call.block.scratch)
                }
                // A number of a row does not bend.
                call.dx?.update(repeating: 0, count: floats)
            },
            sample: { call in
                withUnsafePointer(to: shape) {
                    pf_single_embedding($0, call.weights, weights, scale, call.x, call.y)
                }
            },
            scratch: { use in
                use == .training ? withUnsafePointer(to: shape) { pf_embedding_scratch($0) } : 0
            })
    }

    static func recurrent(_ shapes: StepShapes) -> StepBinding {
        guard let shape = pf_recurrent(shapes) else { return .impossible }
        let step = shapes.step
        let (weights, scale, bias) = (place(step.weights), place(step.scale), place(step.bias))
        let hasState = step.secondInput != Step.none16
        let keptBytes = withUnsafePointer(to: shape) { pf_recurrent_kept($0) }
        let stateGradient = withUnsafePointer(to: shape) { pf_recurrent_state_gradient($0) }
        let stateCount = keptBytes / MemoryLayout<Float>.size - stateGradient
        let trainingScratch = withUnsafePointer(to: shape) {
            max(pf_recurrent_forward_scratch($0), pf_recurrent_backward_scratch($0))
        }
        return StepBinding(
            forward: { call in
                withUnsafePointer(to: shape) {
                    pf_recurrent_forward(
                        $0, call.x, hasState ? call.second : nil, call.weights, call.bias, call.y, call.kept,
                        call.scratch)
                }
            },
            backward: { call in
                let block = call.block
                withUnsafePointer(to: shape) {
                    pf_recurrent_backward(
                        $0, block.x, hasState ? block.second : nil, block.weights, block.y, block.kept,
                        call.dy, call.dx, call.dw, call.db, call.squared, block.scratch)
                }
            },
            // The first operand's turn comes before, and leaves this gradient.
            backwardSecond: { call in
                guard let dx = call.dx, let kept = call.block.kept else { return }
                dx.update(
                    from: kept.assumingMemoryBound(to: Float.self) + stateGradient, count: stateCount)
            },
            sample: { call in
                withUnsafePointer(to: shape) {
                    pf_single_recurrent(
                        $0, call.weights, weights, scale, bias, call.x, hasState ? call.second : nil, call.y,
                        call.scratch)
                }
            },
            keptBytes: keptBytes,
            scratch: { use in
                withUnsafePointer(to: shape) {
                    switch use {
                    case .training: trainingScratch
                    case .batch: pf_recurrent_forward_scratch($0)
                    case .sample: pf_single_recurrent_scratch($0)
                    }
                }
            },
            limit: { use in
                use == .training && keptBytes + trainingScratch >= InferencePlan.mostBytes
                    ? "16 samples at a time need more than \(InferencePlan.mostBytes) bytes" : nil
            })
    }
}
