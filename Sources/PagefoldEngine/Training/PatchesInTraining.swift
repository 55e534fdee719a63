// Patches while they are trained: which places of the flat vector they replace, page by page.

/// The patches of one network.
struct PatchesInTraining {
    /// One weight of a patch.
    private struct Place {
        /// In the flat vector; -1 in the filling of the last page.
        let weight: Int
        /// Offset of its channel's scale in the flat vector, or -1.
        let scale: Int
    }

    /// [patches][size]
    private let places: [Place]
    /// The places on each page.
    private let onPage: [Range<Int>]
    private let gradient: FloatBuffer

    /// - Parameters:
    ///   - patches: numbers, rising.
    ///   - size: weights in a patch; it divides the page size.
    init(_ patches: [Int], size: Int, layout: RowLayout, pageSize: Int) {
        var places = [Place]()
        var onPage = [Range<Int>](repeating: 0..<0, count: layout.pages.count)
        for patch in patches {
            let page = patch * size / pageSize
            let start = places.count
            for weight in patch * size..<(patch + 1) * size {
                let run = layout.pages[page].first { $0.range.contains(weight) }
                places.append(Place(weight: run == nil ? -1 : weight, scale: run?.scale ?? -1))
            }
            onPage[page] = (onPage[page].isEmpty ? start : onPage[page].lowerBound)..<places.count
        }
        self.places = places
        self.onPage = onPage
        gradient = FloatBuffer(count: places.count)
    }

    /// Moves the gradients of the patches' weights out of the network's gradient, which keeps 0.
    func takeGradient(from flat: UnsafeMutablePointer<Float>) -> FloatBuffer {
        for (index, place) in places.enumerated() where place.weight >= 0 {
            gradient.pointer[index] = flat[place.weight]
            flat[place.weight] = 0
        }
        return gradient
    }

    /// Writes the patches of a page over what its frame has given.
    /// - Parameter values: [patches][size]
    func apply(_ values: UnsafePointer<Float>, page: Int, to flat: UnsafeMutablePointer<Float>) {
        for index in onPage[page] where places[index].weight >= 0 {
            let place = places[index]
            flat[place.weight] = values[index] * (place.scale < 0 ? 1 : flat[place.scale])
        }
    }
}
