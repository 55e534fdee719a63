// From the order and the numbers of a data set's samples to those that an input of a network takes.
package import PagefoldCore

/// Where the numbers of a sample go in the value of a port, and what whole numbers stand for.
package struct PortOrder: Sendable {
    /// For each number of the value, its place in the sample.
    private let places: [Int]
    /// A number n stands for (n − zeroPoint) · scale.
    private let scale: Float
    private let zeroPoint: Float

    /// - Parameters:
    ///   - given: shape of a sample.
    ///   - layout: of the file that samples come from.
    ///   - shape: of the port's value.
    ///   - isQuantised: numbers are whole, as the port has them.
    /// - Returns: nil where the samples are as they should be, or have another number of numbers.
    package init?(
        of given: Shape, _ layout: Dataset.Layout, for port: NetworkPort, shape: Shape, isQuantised: Bool
    ) {
        guard given.count == shape.count else { return nil }
        let channelsAreLast = Self.channelsAreLast(port, shape, given, layout)
        let places = port.outsideIndices(of: shape).map { place in
            // The data set has its channels in front.
            channelsAreLast ? place % given.channels * given.spatial + place / given.channels : place
        }
        if !isQuantised, given == shape, places.elementsEqual(0..<shape.count) { return nil }
        self.places = places
        (scale, zeroPoint) = isQuantised ? (port.scale, Float(port.zeroPoint)) : (1, 0)
    }

    /// Whether the array outside has rows, columns and channels, where the data set has channels, rows and columns.
    private static func channelsAreLast(
        _ port: NetworkPort, _ shape: Shape, _ given: Shape, _ layout: Dataset.Layout
    ) -> Bool {
        guard given.channels > 1, given.spatial > 1 else { return false }
        func real(_ sizes: [Int]) -> [Int] { sizes.filter { $0 != 1 } }
        let axes = port.axes(of: shape)
        let outside = real(axes.map(\.size))
        let isFirst = outside == real([given.channels, given.height, given.width])
        let isLast = outside == real([given.height, given.width, given.channels])
        // Sizes that say nothing leave it to the axes of the port; without any of them, the file has the port's order.
        if isFirst && isLast { return axes.last { $0.size != 1 }?.kind == .channels }
        return isFirst == isLast ? layout == .channelsLast : isLast
    }

    /// Writes a sample as the port takes it.
    /// Precondition: both have as many numbers as the value.
    package func apply(_ sample: UnsafeBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>) {
        for (to, from) in places.enumerated() { target[to] = (sample[from] - zeroPoint) * scale }
    }
}

extension Dataset {
    /// Whether samples are the whole numbers of a quantised port, untouched by transforms.
    package func isQuantised(for port: NetworkPort) -> Bool {
        accessTransforms.isEmpty && isWhole && port.element != .float32
    }

    /// Whether its file has numbers without fractions.
    private var isWhole: Bool { if case .f32 = samples { false } else { true } }

    /// Why whole numbers of this set cannot be a port's, or nil.
    package func problem(withNumbersFor port: NetworkPort) -> String? {
        let range = port.element.range
        switch samples {
        case .u8:
            return port.element == .int8
                ? "its samples are bytes 0…255, its input \(port.name) is int8" : nil
        case .i32(let numbers):
            guard let number = numbers.first(where: { !range.contains(Int($0)) }) else { return nil }
            return "a sample has \(number), its input \(port.name) is \(port.element.name)"
        case .f32: return nil
        }
    }

    /// A sample as a port takes it, in CHW order of its value; nil where it has another number of numbers.
    package func sample(_ index: Int, for port: NetworkPort, shape: Shape) -> [Float]? {
        guard self.shape.count == shape.count else { return nil }
        let sample = sample(index)
        guard
            let order = PortOrder(
                of: self.shape, layout, for: port, shape: shape, isQuantised: isQuantised(for: port))
        else { return sample }
        return [Float](unsafeUninitializedCapacity: shape.count) { target, count in
            target.initialize(repeating: 0)
            sample.withUnsafeBufferPointer {
                order.apply($0, to: UnsafeMutableBufferPointer(rebasing: target[..<shape.count]))
            }
            count = shape.count
        }
    }
}
