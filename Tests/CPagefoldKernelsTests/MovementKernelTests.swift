// Kernels along axes: one sample, behind guards, gives what each lane of a block gives, for lengths around a register's.
import CPagefoldKernels
import Testing

@Suite struct MovementKernelTests {
    static let paces = [1, 3, 16, 37]

    @Test(arguments: instructionSets, paces)
    func slicesAndSizes(set: String, pace: Int) {
        for border in [PF_BORDER_CONSTANT, PF_BORDER_REFLECT, PF_BORDER_EDGE, PF_BORDER_WRAP] {
            compareSampleWithBlock(set, [3 * 5 * pace], to: 3 * 7 * pace) { unit, x, y in
                var slice = pf_slice(
                    outer: 3, length: 5, places: 7, pace: Int64(pace * unit), start: 6, stride: -1,
                    border: Int32(border.rawValue), number: -2)
                pf_slice_forward(&slice, x[0], y)
            }
            compareSampleWithBlock(set, [3 * 7 * pace], to: 3 * 5 * pace) { unit, dy, dx in
                var slice = pf_slice(
                    outer: 3, length: 5, places: 7, pace: Int64(pace * unit), start: -2, stride: 1,
                    border: Int32(border.rawValue), number: -2)
                pf_slice_backward(&slice, dy[0], dx)
            }
        }
        for interpolation: Int32 in 0..<3 {
            func resize(_ unit: Int) -> pf_resize {
                pf_resize(
                    outer: 2, length: 4, places: 9, pace: Int64(pace * unit), factor: 0.45, first: -0.2,
                    interpolation: interpolation)
            }
            compareSampleWithBlock(set, [2 * 4 * pace], to: 2 * 9 * pace) { unit, x, y in
                withUnsafePointer(to: resize(unit)) { pf_resize_forward($0, x[0], y) }
            }
            compareSampleWithBlock(set, [2 * 9 * pace], to: 2 * 4 * pace) { unit, dy, dx in
                withUnsafePointer(to: resize(unit)) { pf_resize_backward($0, dy[0], dx) }
            }
        }
    }

    @Test(arguments: instructionSets, paces)
    func reductions(set: String, pace: Int) {
        for kind in [
            PF_REDUCE_SUM, PF_REDUCE_MEAN, PF_REDUCE_MAXIMUM, PF_REDUCE_MINIMUM, PF_REDUCE_PRODUCT,
            PF_REDUCE_ARG_MAX, PF_REDUCE_ARG_MIN,
        ] {
            for length in [1, 2, 9] {
                func reduction(_ unit: Int) -> pf_reduction {
                    pf_reduction(
                        outer: 4, length: Int64(length), pace: Int64(pace * unit), kind: Int32(kind.rawValue))
                }
                // Of one place, every first place is 0.
                let isPlace = kind == PF_REDUCE_ARG_MAX || kind == PF_REDUCE_ARG_MIN
                guard !isPlace || length == 9 else { continue }
                compareSampleWithBlock(set, [4 * length * pace], to: 4 * pace) { unit, x, y in
                    withUnsafePointer(to: reduction(unit)) { pf_reduce_axis_forward($0, x[0], y) }
                }
                guard !isPlace else { continue }
                compareSampleWithBlock(set, [4 * length * pace, 4 * pace], to: 4 * length * pace) {
                    unit, x, dx in
                    let y = Floats(4 * pace * unit)
                    withUnsafePointer(to: reduction(unit)) {
                        pf_reduce_axis_forward($0, x[0], y.pointer)
                        pf_reduce_axis_backward($0, x[0], y.pointer, x[1], dx)
                    }
                }
            }
        }
    }

    @Test(arguments: instructionSets)
    func axesInAnotherOrder(set: String) {
        // The axes of a 3×5×7 value, in every order.
        let (sizes, steps): ([Int64], [Int64]) = ([3, 5, 7], [35, 7, 1])
        for (a, b, c) in [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)] {
            compareSampleWithBlock(set, [105], to: 105) { unit, x, y in
                var order = pf_axis_order(
                    size: (sizes[a], sizes[b], sizes[c]), step: (steps[a], steps[b], steps[c]))
                pf_transpose_axes(&order, Int64(unit), x[0], y)
            }
        }
    }

    @Test(arguments: instructionSets, [(1, 1, 1), (5, 3, 7), (2, 33, 4), (9, 16, 37), (4, 2, 16)])
    func matrices(set: String, sizes: (rows: Int, inner: Int, columns: Int)) {
        let (rows, inner, columns) = sizes
        for isTransposed in [false, true] {
            compareSampleWithBlock(set, [2 * rows * inner, 2 * inner * columns], to: 2 * rows * columns) {
                unit, x, y in
                var matrices = pf_matrices(
                    count: 2, rows: Int64(rows), inner: Int64(inner), columns: Int64(columns),
                    x_row: Int64(inner), x_inner: 1, x_next: Int64(rows * inner),
                    second_inner: isTransposed ? 1 : Int64(columns),
                    second_column: isTransposed ? Int64(inner) : 1, second_next: Int64(inner * columns))
                if unit == 1 {
                    pf_single_multiply_matrices(&matrices, x[0], x[1], y)
                } else {
                    pf_multiply_matrices(&matrices, x[0], x[1], y)
                }
            }
        }
    }
}
