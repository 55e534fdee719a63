// Kernels of operations that move numbers along axes, or make one number of a line of them. One kernel serves blocks, whose
// places have 16 floats, and one sample.

internal import CPagefoldKernels
internal import PagefoldCore

extension StepBinding {
    static func transpose(_ shapes: StepShapes) -> StepBinding {
        guard let permutation = AxisPermutation(rawValue: shapes.step.mode) else { return .impossible }
        var inverse = [0, 0, 0]
        for (place, axis) in permutation.axes.enumerated() { inverse[axis] = place }
        let there = pf_axis_order(permutation.axes, of: shapes.x)
        let back = pf_axis_order(inverse, of: shapes.y)
        let unit = Int64(blockSize)
        return StepBinding(
            forward: { call in withUnsafePointer(to: there) { pf_transpose_axes($0, unit, call.x, call.y) } },
            backward: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: back) { pf_transpose_axes($0, unit, call.dy, dx) }
            },
            sample: { call in withUnsafePointer(to: there) { pf_transpose_axes($0, 1, call.x, call.y) } })
    }

    static func slice(_ shapes: StepShapes) -> StepBinding {
        guard let block = pf_slice(shapes, floats: blockSize), let single = pf_slice(shapes, floats: 1) else {
            return .impossible
        }
        return StepBinding(
            forward: { call in withUnsafePointer(to: block) { pf_slice_forward($0, call.x, call.y) } },
            backward: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: block) { pf_slice_backward($0, call.dy, dx) }
            },
            sample: { call in withUnsafePointer(to: single) { pf_slice_forward($0, call.x, call.y) } })
    }

    static func resize(_ shapes: StepShapes) -> StepBinding {
        guard let block = pf_resize(shapes, floats: blockSize), let single = pf_resize(shapes, floats: 1)
        else { return .impossible }
        return StepBinding(
            forward: { call in withUnsafePointer(to: block) { pf_resize_forward($0, call.x, call.y) } },
            backward: { call in
                guard let dx = call.dx else { return }
                withUnsafePointer(to: block) { pf_resize_backward($0, call.dy, dx) }
            },
            sample: { call in withUnsafePointer(to: single) { pf_resize_forward($0, call.x, call.y) } })
    }

    static func reduce(_ shapes: StepShapes) -> StepBinding {
        guard let block = pf_reduction(shapes, floats: blockSize),
            let single = pf_reduction(shapes, floats: 1)
        else { return .impossible }
        return StepBinding(
            forward: { call in withUnsafePointer(to: block) { pf_reduce_axis_forward($0, call.x, call.y) } },
            backward: { call in
                guard let dx = call.dx else { return }
                let step = call.block
                withUnsafePointer(to: block) { pf_reduce_axis_backward($0, step.x, step.y, call.dy, dx) }
            },
            sample: { call in withUnsafePointer(to: single) { pf_reduce_axis_forward($0, call.x, call.y) } })
    }

    /// Of a step that `Program.validate` does not let pass.
    static var impossible: StepBinding {
        StepBinding(forward: { _ in }, sample: nil, limit: { _ in "it is no step of a validated program" })
    }
}

extension pf_axis_order {
    /// - Parameter axes: axis i of the result is axis `axes[i]` of a value of the shape.
    fileprivate init(_ axes: [Int], of shape: Shape) {
        let sizes = [shape.channels, shape.height, shape.width].map { Int64($0) }
        let steps = [shape.spatial, shape.width, 1].map { Int64($0) }
        self.init(
            size: (sizes[axes[0]], sizes[axes[1]], sizes[axes[2]]),
            step: (steps[axes[0]], steps[axes[1]], steps[axes[2]]))
    }
}

extension pf_slice {
    /// - Parameter floats: of a number, 16 in a block.
    fileprivate init?(_ shapes: StepShapes, floats: Int) {
        let step = shapes.step
        guard let x = try? AxisWalk(shapes.x, axis: step.axis),
            let y = try? AxisWalk(shapes.y, axis: step.axis)
        else { return nil }
        self.init(
            outer: Int64(x.outer), length: Int64(x.length), places: Int64(y.length),
            pace: Int64(x.pace * floats), start: Int64(step.start), stride: Int64(step.pace),
            border: Int32(step.mode), number: step.alpha)
    }
}

extension pf_resize {
    fileprivate init?(_ shapes: StepShapes, floats: Int) {
        let step = shapes.step
        guard let x = try? AxisWalk(shapes.x, axis: step.axis),
            let y = try? AxisWalk(shapes.y, axis: step.axis)
        else { return nil }
        self.init(
            outer: Int64(x.outer), length: Int64(x.length), places: Int64(y.length),
            pace: Int64(x.pace * floats), factor: step.alpha, first: step.beta,
            interpolation: Int32(step.mode))
    }
}

extension pf_reduction {
    fileprivate init?(_ shapes: StepShapes, floats: Int) {
        guard let x = try? AxisWalk(shapes.x, axis: shapes.step.axis) else { return nil }
        self.init(
            outer: Int64(x.outer), length: Int64(x.length), pace: Int64(x.pace * floats),
            kind: Int32(shapes.step.mode))
    }
}
