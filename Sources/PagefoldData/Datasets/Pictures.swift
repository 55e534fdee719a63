// Pictures of a folder or an archive as samples: decoded and brought to one size one by one, so that large ones do not
// stay in memory. Decoding of one is PictureFile's; where they lie is SampleTree's.
import Foundation
import PagefoldCore
import Synchronization

/// Pictures of one size, bytes in the order rows, columns, channels.
struct Pictures {
    let array: NumericArray

    /// One picture after the transforms that act while it is read.
    private struct Picture: Sendable {
        let shape: Shape
        let values: [UInt8]
    }

    /// The transforms at the head of a list that act on pictures while they are read.
    static func leading(_ transforms: [Transform]) -> [ImageTransform] {
        var result: [ImageTransform] = []
        for transform in transforms {
            guard case .access(.image(let image)) = transform else { break }
            result.append(image)
        }
        return result
    }

    /// - Parameters:
    ///   - transforms: applied to each, in their order; results are rounded to bytes.
    ///   - channels: nil: three, or one where all pictures are grey.
    /// - Throws: InputError naming the picture that is damaged, or two of different sizes.
    init(_ trees: [SampleTree], _ transforms: [ImageTransform], channels: Int? = nil) throws(InputError) {
        let all = trees.flatMap { tree in tree.entries.map { (tree, $0) } }
        let wanted = Pictures.wanted(by: transforms, channels: channels)
        let results = Mutex<[Int: Result<Picture, InputError>]>([:])
        DispatchQueue.concurrentPerform(iterations: all.count) { index in
            // After a mistake the rest is not read.
            if results.withLock({ $0[-1] != nil }) { return }
            let (tree, entry) = all[index]
            let result = Result { () throws(InputError) in
                let name = tree.name(of: entry)
                let file = try PictureFile(try tree.content(of: entry), as: wanted, file: name)
                return try Pictures.transformed(file, transforms, file: name)
            }
            results.withLock { results in
                results[index] = result
                if case .failure(let error) = result { results[-1] = .failure(error) }
            }
        }
        var pictures: [Picture] = []
        try results.withLock { results throws(InputError) in
            // Several threads may have met mistakes: the first in the order of files is told.
            for index in all.indices {
                if let result = results[index] { pictures.append(try result.get()) }
            }
        }
        let channels = pictures.map(\.shape.channels).max() ?? 1
        guard let first = pictures.first?.shape else { throw DatasetDescription.noSamples("samples") }
        if let other = pictures.firstIndex(where: {
            $0.shape.height != first.height || $0.shape.width != first.width
        }) {
            let shape = pictures[other].shape
            throw InputError(
                file: all[other].0.name(of: all[other].1), field: "size",
                problem: "is \(shape.height) × \(shape.width) pixels where \(all[0].1.path) has "
                    + "\(first.height) × \(first.width)",
                remedy: "let resize or crop be the first transform: resize: {height: 96, width: 96}")
        }
        let sizes = [pictures.count, first.height, first.width, channels]
        guard let count = NumericArray.elementCount(of: sizes), count <= Inflate.defaultCap else {
            throw InputError(
                file: all[0].0.name(of: all[0].1), field: "size",
                problem: "\(pictures.count) pictures of this size take more than \(Inflate.defaultCap) bytes",
                remedy: "let resize or crop be the first transform")
        }
        var values: [UInt8] = []
        values.reserveCapacity(count)
        for picture in pictures {
            values += PictureFile.converted(picture.values, from: picture.shape.channels, to: channels)
        }
        array = NumericArray(shape: sizes, payload: .u8(values))
    }

    /// One picture, as one of a folder: see `init(_:_:channels:)`.
    init(one picture: PictureFile, _ transforms: [ImageTransform], file: String) throws(InputError) {
        let picture = try Pictures.transformed(picture, transforms, file: file)
        let shape = picture.shape
        array = NumericArray(
            shape: [1, shape.height, shape.width, shape.channels], payload: .u8(picture.values))
    }

    /// How pictures are decoded: as the first transform wants them, else with `channels`, 1 or 3; nil: as they are stored.
    static func wanted(by transforms: [ImageTransform], channels: Int?) -> PictureFile.Channels {
        switch transforms.first {
        case .grey: .grey
        case .rgb, .bgr: .rgb
        default: channels == 1 ? .grey : channels == 3 ? .rgb : .asStored
        }
    }

    private static func transformed(
        _ picture: PictureFile, _ transforms: [ImageTransform], file: String
    ) throws(InputError) -> Picture {
        var shape = Shape(channels: picture.channels, height: picture.height, width: picture.width)
        guard transforms.contains(where: { $0.shape(from: shape) != shape || $0 == .bgr }) else {
            return Picture(shape: shape, values: picture.values)
        }
        let pixels = shape.spatial
        var planes = [Float](repeating: 0, count: shape.count)
        for channel in 0..<shape.channels {
            for pixel in 0..<pixels {
                planes[channel * pixels + pixel] = Float(picture.values[pixel * shape.channels + channel])
            }
        }
        for transform in transforms {
            guard let next = transform.shape(from: shape) else {
                throw InputError(
                    file: file, field: "size",
                    problem: "is \(shape.height) × \(shape.width) pixels, too small for crop",
                    remedy: "crop to less, put resize before it, or write fit: true")
            }
            var result = [Float](repeating: 0, count: next.count)
            planes.withUnsafeBufferPointer { source in
                result.withUnsafeMutableBufferPointer { transform.apply(source, shape: shape, to: $0) }
            }
            (planes, shape) = (result, next)
        }
        let size = shape.spatial
        var values = [UInt8](repeating: 0, count: shape.count)
        for channel in 0..<shape.channels {
            for pixel in 0..<size {
                let value = planes[channel * size + pixel].rounded()
                values[pixel * shape.channels + channel] = UInt8(min(max(value, 0), 255))
            }
        }
        return Picture(shape: shape, values: values)
    }
}
