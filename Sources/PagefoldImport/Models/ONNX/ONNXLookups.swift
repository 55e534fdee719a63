// Places that the network computes itself: looked up by comparing them with all places of the axis, which takes a product
// with every one of them. Known places are ONNXIndexing's.

import PagefoldData

enum ONNXLookups {
    /// Numbers of the comparison at most.
    private static let countLimit = 1 << 20

    private static func checked(_ sizes: [Int]) throws(TranslationProblem) {
        guard let count = Translation.count(sizes), count <= countLimit else {
            throw TranslationProblem(
                "it looks up computed places among \(sizes)",
                "leave it to the application: name a value before it with output:")
        }
    }

    /// 1 where a place is the one that an axis of the result stands for, which is new and the last.
    private static func isHere(
        _ onnx: inout ONNXTranslation, _ indices: TranslatedValue, size: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        try checked(indices.sizes + [size])
        let zero = TranslatedValue.constant(ConstantTensor(elementType: .f32, shape: [], values: [0]))
        let isBelow = try onnx.translation.binary(.less, indices, zero)
        // Places below zero count from the end.
        let places = try onnx.translation.binary(
            .add, indices, try onnx.translation.unary(.affine(factor: Double(size), term: 0), isBelow))
        let wide = try onnx.translation.reshape(places, to: places.sizes + [1])
        let all = ConstantTensor(elementType: .f32, shape: [size], values: (0..<size).map { Double($0) })
        return try onnx.translation.binary(.equal, wide, .constant(all))
    }

    /// Places of an axis: the comparison is a matrix that picks rows.
    static func gather(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ indices: TranslatedValue, axis: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let size = x.sizes[axis]
        guard size > 0, !x.sizes.contains(0) else { throw ONNXIndexing.damaged("it takes of \(x.sizes)") }
        let rest = x.sizes.indices.filter { $0 != axis }
        let count = indices.sizes.reduce(1, *)
        let picks = try onnx.translation.reshape(
            try isHere(&onnx, indices, size: size), to: [count, size])
        let rows = try onnx.translation.reshape(
            try onnx.translation.transpose(x, axes: [axis] + rest),
            to: [size, rest.reduce(1) { $0 * x.sizes[$1] }])
        let taken = try onnx.translation.matrixProduct(picks, rows)
        // [places…][axes before][axes behind] becomes [axes before][places…][axes behind].
        let whole = try onnx.translation.reshape(taken, to: indices.sizes + rest.map { x.sizes[$0] })
        let own = indices.sizes.count
        let order = Array(own..<own + axis) + Array(0..<own) + Array(own + axis..<own + rest.count)
        return ONNXTranslation.typed(try onnx.translation.transpose(whole, axes: order), x.elementType)
    }

    /// For each place its own number along an axis.
    static func gatherElements(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ indices: TranslatedValue, axis: Int
    ) throws(TranslationProblem) -> TranslatedValue {
        let (rank, size) = (x.sizes.count, x.sizes[axis])
        guard indices.sizes.count == rank, size > 0,
            x.sizes.indices.allSatisfy({ $0 == axis || indices.sizes[$0] == x.sizes[$0] })
        else {
            throw TranslationProblem("it takes computed places \(indices.sizes) of \(x.sizes)")
        }
        let picks = try isHere(&onnx, indices, size: size)
        // The axis goes last and meets the places that are compared.
        var order = Array(x.sizes.indices)
        order.append(order.remove(at: axis))
        var sizes = x.sizes
        sizes[axis] = 1
        let lines = try onnx.translation.reshape(
            try onnx.translation.transpose(x, axes: order), to: sizes + [size])
        let found = try onnx.translation.reduce(
            .sum, try onnx.translation.binary(.multiply, picks, lines), axes: [rank], keepsAxes: false)
        return ONNXTranslation.typed(found, x.elementType)
    }
}
