// Resize and Upsample, with the rules that versions and exporters differ in.

enum ONNXResizing {
    static let operators: [String: ONNXOperator] = [
        "Resize": .moving(rule: resize), "Upsample": .moving(rule: upsample),
    ]

    private static func damaged(_ text: String) -> TranslationProblem {
        TranslationProblem(text, "the file is damaged; copy it again")
    }

    private static func upsample(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        let scales: [Double]
        if let attribute = try call.numbers("scales") {
            scales = attribute
        } else if call.has("height_scale") {
            scales = [1, 1, try call.number("height_scale", 1), try call.number("width_scale", 1)]
        } else {
            scales = try call.constant(1, "its scale").values
        }
        return try old(&onnx, x, scales, call)
    }

    /// Up to opset 10: places are scaled as they are, and the nearest is the one before.
    private static func old(
        _ onnx: inout ONNXTranslation, _ x: TranslatedValue, _ scales: [Double], _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let name = try call.text("mode", "nearest")
        let method: ResizeForm.Method
        switch name {
        case "nearest": method = .nearest(.floor)
        case "linear", "bilinear": method = .linear
        default: throw call.refuse("mode", name)
        }
        guard scales.count == x.sizes.count else { throw damaged("it scales \(x.sizes) by \(scales)") }
        var result = x
        for (axis, scale) in scales.enumerated() where scale != 1 {
            result = try onnx.translation.resize(
                result, axis: axis,
                ResizeForm(
                    size: try size(x.sizes[axis], scale), method: method, coordinates: .asymmetric,
                    scale: scale))
        }
        return result
    }

    private static func size(_ old: Int, _ scale: Double) throws(TranslationProblem) -> Int {
        // A product may fall a hair short of a whole number.
        guard scale > 0, let size = Int(exactly: (Double(old) * scale + 1e-5).rounded(.down)),
            (1...1 << 20).contains(size)
        else { throw damaged("it scales \(old) places by \(scale)") }
        return size
    }

    private static func resize(
        _ onnx: inout ONNXTranslation, _ call: ONNXCall
    ) throws(TranslationProblem) -> TranslatedValue {
        let x = try call.x()
        guard call.version >= 11 else {
            return try old(&onnx, x, try call.constant(1, "its scale").values, call)
        }
        let rank = x.sizes.count
        let axes =
            try call.integers("axes").map { (axes) throws(TranslationProblem) in
                try ONNXCall.axes(axes, rank: rank)
            } ?? Array(0..<rank)
        let scales = try call.optionalConstant(2, "its scale")?.values ?? []
        let sizes = try call.optionalConstant(3, "its size")?.places ?? []
        guard scales.isEmpty != sizes.isEmpty, max(scales.count, sizes.count) == axes.count else {
            throw damaged("it has \(scales.count) scales and \(sizes.count) sizes for \(axes.count) axes")
        }
        let form = try form(call)
        let crop = try crop(call, axes.count)
        var result = x
        let kept = sizes.isEmpty ? nil : try commonScale(call, x, axes, sizes)
        for (index, axis) in axes.enumerated() {
            var own = form
            if let kept {
                own.scale = kept
                own.size = Int(exactly: (Double(x.sizes[axis]) * kept).rounded()) ?? 0
            } else if sizes.isEmpty {
                own.scale = scales[index]
                own.size = try size(x.sizes[axis], scales[index])
            } else {
                own.size = sizes[index]
            }
            if let crop { own.coordinates = .cropped(from: crop[index], to: crop[axes.count + index]) }
            guard (1...1 << 20).contains(own.size) else { throw damaged("it makes \(own.size) places") }
            // A scale that gives the same size still moves the places, but for those of one.
            if own.size == x.sizes[axis], own.scale == nil || own.scale == 1, crop == nil { continue }
            result = try onnx.translation.resize(result, axis: axis, own)
        }
        return result
    }

    /// For each axis where the part that is resized begins, then where it ends; nil for other rules.
    private static func crop(_ call: ONNXCall, _ count: Int) throws(TranslationProblem) -> [Double]? {
        guard try call.text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize" else {
            return nil
        }
        let region = try call.constant(1, "its region").values
        guard region.count == 2 * count, region.allSatisfy({ $0.magnitude < 1024 }) else {
            throw damaged("its region has \(region.count) numbers for \(count) axes")
        }
        return region
    }

    /// With keep_aspect_ratio_policy all axes are scaled alike.
    private static func commonScale(
        _ call: ONNXCall, _ x: TranslatedValue, _ axes: [Int], _ sizes: [Int]
    ) throws(TranslationProblem) -> Double? {
        let policy = try call.text("keep_aspect_ratio_policy", "stretch")
        guard policy != "stretch" else { return nil }
        guard axes.allSatisfy({ x.sizes[$0] > 0 }), sizes.allSatisfy({ (1...1 << 20).contains($0) }) else {
            throw damaged("it makes \(sizes) of \(x.sizes)")
        }
        let scales = zip(axes, sizes).map { Double($1) / Double(x.sizes[$0]) }
        switch policy {
        case "not_larger": return scales.min()
        case "not_smaller": return scales.max()
        default: throw call.refuse("keep_aspect_ratio_policy", policy)
        }
    }

    private static func form(_ call: ONNXCall) throws(TranslationProblem) -> ResizeForm {
        let (mode, rounding, coordinates) = (
            try call.text("mode", "nearest"), try call.text("nearest_mode", "round_prefer_floor"),
            try call.text("coordinate_transformation_mode", "half_pixel")
        )
        var form = ResizeForm(size: 1, method: .linear, coordinates: .halfPixel)
        switch (mode, rounding) {
        case ("linear", _): form.method = .linear
        case ("cubic", _): form.method = .cubic(try call.number("cubic_coeff_a", -0.75))
        case ("nearest", "floor"): form.method = .nearest(.floor)
        case ("nearest", "ceil"): form.method = .nearest(.ceiling)
        case ("nearest", "round_prefer_floor"): form.method = .nearest(.roundPreferFloor)
        case ("nearest", "round_prefer_ceil"): form.method = .nearest(.roundPreferCeiling)
        case ("nearest", _): throw call.refuse("nearest_mode", rounding)
        default: throw call.refuse("mode", mode)
        }
        switch coordinates {
        case "half_pixel": form.coordinates = .halfPixel
        case "asymmetric": form.coordinates = .asymmetric
        case "align_corners": form.coordinates = .alignCorners
        case "pytorch_half_pixel": form.coordinates = .pytorchHalfPixel
        case "half_pixel_symmetric": form.coordinates = .halfPixelSymmetric
        case "tf_crop_and_resize":
            // Which part is said for each axis.
            form.coordinates = .cropped(from: 0, to: 1)
            form.outside = try call.number("extrapolation_value", 0)
        // floor((i + 0.5) / scale) is the place of half_pixel plus 0.5, rounded down.
        case "tf_half_pixel_for_nn" where mode == "nearest" && rounding == "floor":
            form.method = .nearest(.roundPreferCeiling)
            form.coordinates = .halfPixel
        default:
            throw call.refuse(
                "coordinate_transformation_mode", coordinates, "export it with half_pixel or asymmetric")
        }
        form.excludesOutside = try call.flag("exclude_outside")
        form.isAntialiased = try call.flag("antialias")
        return form
    }
}
