// Size and kind of a PNG or JPEG file from its first bytes. Decoding is PictureFile's.
import PagefoldCore

/// What a picture file says about itself before it is decoded.
struct PictureHeader: Equatable, Sendable {
    enum Format: Equatable, Sendable { case png, jpeg }

    /// What the samples of a pixel are.
    enum Colour: Equatable, Sendable { case grey, greyAlpha, rgb, rgba, palette }

    let format: Format
    let height: Int
    let width: Int
    let colour: Colour
    /// Of one sample: 1, 2, 4, 8 or 16.
    let bits: Int

    /// Samples of a pixel as they are stored.
    var storedChannels: Int {
        switch colour {
        case .grey, .palette: 1
        case .greyAlpha: 2
        case .rgb: 3
        case .rgba: 4
        }
    }

    /// Whether red, green and blue are equal everywhere.
    var isGrey: Bool { colour == .grey || colour == .greyAlpha }

    /// Bytes of a picture that are allowed: 89 million pixels of three colours.
    static let cap = 1 << 28

    static func format(of bytes: some Collection<UInt8>) -> Format? {
        if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) { return .png }
        return bytes.starts(with: [0xff, 0xd8, 0xff]) ? .jpeg : nil
    }

    /// Throws InputError where the bytes are no PNG or JPEG file, or one that is not supported or too large.
    init(_ bytes: [UInt8], file: String) throws(InputError) {
        switch PictureHeader.format(of: bytes) {
        case .png: try self.init(png: bytes, file: file)
        case .jpeg: try self.init(jpeg: bytes, file: file)
        case nil:
            throw InputError(
                file: file, field: "picture", problem: "its first bytes are those of no PNG or JPEG file",
                remedy: "save it as PNG or JPEG, or take it out of the folder")
        }
        guard let count = NumericArray.elementCount(of: [height, width, 3]), count > 0,
            count <= PictureHeader.cap
        else {
            throw InputError(
                file: file, field: "size", problem: "is \(height) × \(width) pixels",
                remedy: "give pictures of at least 1 and at most \(PictureHeader.cap / 3) pixels")
        }
    }

    private init(png bytes: [UInt8], file: String) throws(InputError) {
        var cursor = ByteCursor(bytes, file: file)
        _ = try cursor.take(12, field: "PNG header")
        guard try cursor.bigEndian(UInt32.self, field: "PNG header") == 0x4948_4452 else {
            throw PictureHeader.damaged(file, "has no IHDR chunk where one must stand")
        }
        width = try PictureHeader.size(try cursor.bigEndian(UInt32.self, field: "PNG header"), file)
        height = try PictureHeader.size(try cursor.bigEndian(UInt32.self, field: "PNG header"), file)
        bits = Int(try cursor.bigEndian(UInt8.self, field: "PNG header"))
        let kind = try cursor.bigEndian(UInt8.self, field: "PNG header")
        switch (kind, bits) {
        case (0, 1), (0, 2), (0, 4), (0, 8), (0, 16): colour = .grey
        case (2, 8), (2, 16): colour = .rgb
        case (3, 1), (3, 2), (3, 4), (3, 8): colour = .palette
        case (4, 8), (4, 16): colour = .greyAlpha
        case (6, 8), (6, 16): colour = .rgba
        default: throw PictureHeader.damaged(file, "has the colour type \(kind) of \(bits) bits")
        }
        format = .png
        // Deflate makes at most 1,032 bytes of one: a size beyond that is a lie, and no memory is taken for it.
        let rowBits = width.multipliedReportingOverflow(by: storedChannels * bits)
        let size = NumericArray.elementCount(of: [height, rowBits.partialValue / 8])
        guard !rowBits.overflow, let size, size / 1_032 <= bytes.count else {
            throw PictureHeader.damaged(file, "announces \(height) × \(width) pixels in \(bytes.count) bytes")
        }
    }

    private static func size(_ number: UInt32, _ file: String) throws(InputError) -> Int {
        guard let size = Int32(exactly: number) else {
            throw damaged(file, "announces \(number) pixels a side")
        }
        return Int(size)
    }

    private init(jpeg bytes: [UInt8], file: String) throws(InputError) {
        var cursor = ByteCursor(bytes, file: file)
        _ = try cursor.take(2, field: "JPEG header")
        format = .jpeg
        bits = 8
        while true {
            // Any number of fill bytes may stand before a marker; what stands between segments is passed over.
            var mark: UInt8 = 0
            repeat { mark = try cursor.bigEndian(UInt8.self, field: "JPEG marker") } while mark != 0xff
            repeat { mark = try cursor.bigEndian(UInt8.self, field: "JPEG marker") } while mark == 0xff
            if mark == 0 || mark == 1 || (0xd0...0xd7).contains(mark) { continue }
            guard mark != 0xd9, mark != 0xda else {
                throw PictureHeader.damaged(file, "has no frame header before its data")
            }
            let length = Int(try cursor.bigEndian(UInt16.self, field: "JPEG segment"))
            // Huffman tables, arithmetic conditioning and JPEG-LS are no frames.
            guard (0xc0...0xcf).contains(mark), ![0xc4, 0xc8, 0xcc].contains(mark) else {
                _ = try cursor.take(max(length - 2, 0), field: "JPEG segment")
                continue
            }
            let precision = try cursor.bigEndian(UInt8.self, field: "JPEG frame")
            height = Int(try cursor.bigEndian(UInt16.self, field: "JPEG frame"))
            width = Int(try cursor.bigEndian(UInt16.self, field: "JPEG frame"))
            let components = try cursor.bigEndian(UInt8.self, field: "JPEG frame")
            guard precision == 8, components == 1 || components == 3 else {
                throw InputError(
                    file: file, field: "JPEG frame",
                    problem: components == 4
                        ? "its colours are CMYK" : "has \(components) colours of \(precision) bits",
                    remedy: "save it as RGB or grey JPEG of 8 bits")
            }
            colour = components == 1 ? .grey : .rgb
            return
        }
    }

    static func damaged(_ file: String, _ problem: String) -> InputError {
        InputError(
            file: file, field: "picture", problem: problem,
            remedy: "the file is truncated or damaged: fetch or write it again, or take it out of the folder")
    }
}
