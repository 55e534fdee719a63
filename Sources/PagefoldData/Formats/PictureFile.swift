// One decoded picture, with the values that Pillow's `convert("RGB")` or `convert("L")` gives. Folders are PictureFolder's.
import CPagefoldPictures
public import PagefoldCore

/// A decoded picture: rows of pixels, bytes.
public struct PictureFile: Sendable, Equatable {
    public let height: Int
    public let width: Int
    /// 1 (grey) or 3 (red, green, blue).
    public let channels: Int
    /// height × width × channels.
    public let values: [UInt8]

    /// How many channels a decoded picture shall have.
    public enum Channels: Sendable {
        case grey, rgb
        /// One where red, green and blue are equal by the file's kind, else three.
        case asStored
    }

    /// Decodes a PNG or JPEG file held in memory. Alpha is dropped; samples of 16 bits lose their lower byte, but grey ones
    /// are cut at 255, as Pillow does.
    ///
    /// Throws InputError where the library is missing (and says what to install), where the picture is damaged, and
    /// for colours of print (CMYK).
    public init(_ bytes: [UInt8], as wanted: Channels = .asStored, file: String) throws(InputError) {
        let header = try PictureHeader(bytes, file: file)
        height = header.height
        width = header.width
        let isGrey = wanted == .grey || (wanted == .asStored && header.isGrey)
        channels = isGrey ? 1 : 3
        let pixels = height * width
        switch header.format {
        case .jpeg:
            let stored = header.storedChannels
            var values = [UInt8](repeating: 0, count: pixels * stored)
            try PictureFile.check(file, library: "libturbojpeg", package: "libturbojpeg0", brew: "jpeg-turbo")
            { message in
                pf_read_jpeg(
                    bytes, bytes.count, Int32(header.width), Int32(header.height), Int32(stored), &values,
                    message)
            }
            self.values = PictureFile.converted(values, from: stored, to: channels)
        case .png:
            let stored = header.storedChannels
            let width = header.bits == 16 ? 2 : 1
            var samples = [UInt8](repeating: 0, count: pixels * stored * width)
            var palette = [UInt8](repeating: 0, count: 3 * 256)
            try PictureFile.check(file, library: "libpng16", package: "libpng16-16", brew: "libpng") {
                message in
                pf_read_png(
                    bytes, bytes.count, Int32(header.width), Int32(header.height), Int32(stored),
                    Int32(width), &samples,
                    &palette, message)
            }
            let plain = PictureFile.bytes(samples, header)
            values =
                header.colour == .palette
                ? PictureFile.converted(
                    plain.flatMap { palette[3 * Int($0)..<3 * Int($0) + 3] }, from: 3, to: channels)
                : PictureFile.converted(plain, from: stored, to: channels)
        }
    }

    /// A picture that is decoded already.
    /// - Parameters:
    ///   - pixels: height × width × channels.
    ///   - channels: of a pixel: grey, grey and alpha, RGB, or RGBA.
    /// - Throws: `InputError` where sizes and pixels do not go together.
    package init(
        pixels: [UInt8], height: Int, width: Int, channels stored: Int, as wanted: Channels, file: String
    ) throws(InputError) {
        guard (1...4).contains(stored), height > 0, width > 0, !pixels.isEmpty,
            NumericArray.elementCount(of: [height, width, stored]) == pixels.count
        else {
            throw InputError(
                file: file, field: "pixels",
                problem: "\(pixels.count) bytes for \(height) × \(width) pixels of \(stored)",
                remedy: "give one byte for each of 1 to 4 channels of each pixel, row by row")
        }
        (self.height, self.width) = (height, width)
        channels = wanted == .grey || (wanted == .asStored && stored < 3) ? 1 : 3
        values = PictureFile.converted(pixels, from: stored, to: channels)
    }

    /// Whether pictures of a format can be decoded here.
    public static var hasPNG: Bool { pf_has_png() != 0 }
    public static var hasJPEG: Bool { pf_has_jpeg() != 0 }

    private static func check(
        _ file: String, library: String, package: String, brew: String,
        _ read: (UnsafeMutablePointer<CChar>) -> Int32
    ) throws(InputError) {
        var status: Int32 = 0
        let message = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PF_PICTURE_MESSAGE)) {
            buffer in
            buffer.initialize(repeating: 0)
            guard let place = buffer.baseAddress else { return "" }
            status = read(place)
            return String(cString: place)
        }
        switch status {
        case Int32(PF_PICTURE_READ): return
        case Int32(PF_PICTURE_NO_LIBRARY):
            throw InputError(
                file: file, field: "picture", problem: "\(library) is not installed here",
                remedy: "install it: apt install \(package), or brew install \(brew)")
        default: throw PictureHeader.damaged(file, "cannot be decoded (\(message))")
        }
    }

    /// Samples of any depth as bytes.
    private static func bytes(_ samples: [UInt8], _ header: PictureHeader) -> [UInt8] {
        switch header.bits {
        case 16:
            let isCut = header.colour == .grey
            return (0..<samples.count / 2).map {
                isCut && samples[2 * $0] > 0 ? 255 : samples[2 * $0 + (isCut ? 1 : 0)]
            }
        case 1, 2, 4:
            guard header.colour == .grey else { return samples }
            let factor = 255 / UInt8(1 << header.bits - 1)
            return samples.map { $0 &* factor }
        default: return samples
        }
    }

    /// Other channels for each pixel; alpha, where there is some, is the last of them.
    static func converted(_ values: [UInt8], from: Int, to: Int) -> [UInt8] {
        let pixels = values.count / from
        if from == to { return values }
        switch (from, to) {
        case (2, 1): return (0..<pixels).map { values[2 * $0] }
        case (1, _), (2, _):
            var result = [UInt8](repeating: 0, count: 3 * pixels)
            for pixel in 0..<pixels {
                let value = values[from * pixel]
                (result[3 * pixel], result[3 * pixel + 1], result[3 * pixel + 2]) = (value, value, value)
            }
            return result
        case (_, 1):
            // Luma of ITU-R BT.601 in whole numbers of 1/65536, rounded: the same bits as Pillow.
            return (0..<pixels).map { pixel in
                let at = pixel * from
                let sum =
                    UInt32(values[at]) * 19_595 + UInt32(values[at + 1]) * 38_470 + UInt32(values[at + 2])
                    * 7_471
                return UInt8(truncatingIfNeeded: (sum + 0x8000) >> 16)
            }
        default:
            var result = [UInt8](repeating: 0, count: 3 * pixels)
            for pixel in 0..<pixels {
                for channel in 0..<3 { result[3 * pixel + channel] = values[4 * pixel + channel] }
            }
            return result
        }
    }
}
