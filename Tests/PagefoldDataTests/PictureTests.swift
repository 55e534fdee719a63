// Decoding of single pictures against Pillow (make_picture_goldens.py), and damage to them.
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

/// Files of pictures and what Pillow makes of them.
enum PictureGoldens {
    static let archive = try? NumPyArchive(try Goldens.bytes("pictures.npz"), file: "pictures.npz")

    static let names = (archive?.names ?? []).filter { $0.hasSuffix(".rgb") }.map { String($0.dropLast(4)) }

    static func bytes(_ name: String) throws -> [UInt8] {
        guard let archive, case .u8(let bytes) = try archive.array(named: name).payload else { return [] }
        return bytes
    }

    static func file(_ name: String) throws -> [UInt8] { try bytes(name + ".file") }

    static var canDecode: Bool { PictureFile.hasPNG && PictureFile.hasJPEG }
    static let missing: Comment = "libpng16 or libturbojpeg is not installed here"
}

@Suite(.enabled(if: PictureGoldens.canDecode, PictureGoldens.missing)) struct PictureTests {
    @Test(arguments: PictureGoldens.names) func decodesAsPillow(name: String) throws {
        let bytes = try PictureGoldens.file(name)
        for (channels, suffix) in [(PictureFile.Channels.rgb, "rgb"), (.grey, "l")] {
            let picture = try PictureFile(bytes, as: channels, file: name)
            let due = try PictureGoldens.bytes("\(name).\(suffix)")
            #expect(picture.values.count == due.count)
            // PNG is exact; decoders of JPEG may round otherwise.
            let limit = name.hasPrefix("jpeg") ? 2 : 0
            let difference = zip(picture.values, due).map { abs(Int($0) - Int($1)) }.max() ?? 0
            #expect(difference <= limit, "\(suffix)")
        }
    }

    @Test func thereAreGoldens() { #expect(PictureGoldens.names.count == 23) }

    @Test func greyPicturesHaveOneChannelAsStored() throws {
        for (name, channels) in [
            ("png-0-1", 1), ("png-4-8", 1), ("png-3-2", 3), ("png-2-8", 3), ("jpeg-grey", 1), ("jpeg-420", 3),
        ] {
            #expect(
                try PictureFile(try PictureGoldens.file(name), file: name).channels == channels, "\(name)")
        }
    }

    @Test func coloursOfPrintAreRefused() throws {
        let error = try #require(throws: InputError.self) {
            try PictureFile(try PictureGoldens.file("cmyk"), file: "a.jpg")
        }
        #expect(error.file == "a.jpg" && error.problem.contains("CMYK"))
    }

    /// A decoder may fill up what is missing; nobody would notice then.
    @Test(arguments: ["png-2-8", "png-interlaced", "jpeg-420", "jpeg-progressive"])
    func everyPrefixIsRefused(name: String) throws {
        let bytes = try PictureGoldens.file(name)
        // The last bytes close the file and hold nothing.
        for length in stride(from: 0, to: bytes.count - 16, by: 5) {
            let error = #expect(throws: InputError.self, "\(length) bytes") {
                try PictureFile(Array(bytes[..<length]), file: "a")
            }
            #expect(error?.remedy.isEmpty == false)
        }
    }

    /// Cameras leave bytes between segments: the picture is whole, unless its end is missing.
    @Test(arguments: ["jpeg-420", "jpeg-grey"])
    func strayBytesBetweenSegmentsDoNotMatter(name: String) throws {
        let bytes = try PictureGoldens.file(name)
        // Behind the first segment: FF D8, FF E0, its length.
        let end = 4 + Int(bytes[4]) << 8 + Int(bytes[5])
        for stray: [UInt8] in [[0], [0, 0], [1, 2, 3]] {
            let padded = Array(bytes[..<end] + stray + bytes[end...])
            #expect(try PictureFile(padded, file: "a").values == PictureFile(bytes, file: "a").values)
            #expect(throws: InputError.self) {
                try PictureFile(Array(padded[..<(padded.count * 3 / 4)]), file: "a")
            }
        }
    }

    @Test(arguments: ["png-3-4", "png-6-16", "png-interlaced", "jpeg-420", "jpeg-progressive"])
    func changedBytesNeverTrap(name: String) throws {
        let bytes = try PictureGoldens.file(name)
        for position in bytes.indices {
            for flip: UInt8 in [0x01, 0x80, 0xff] {
                var damaged = bytes
                damaged[position] ^= flip
                do { _ = try PictureFile(damaged, file: "a") } catch {
                    #expect(!error.problem.isEmpty)
                }
            }
        }
    }

    /// Sizes in a header are no reason to take memory.
    @Test func aSmallFileAnnouncesNoLargePicture() throws {
        var png = try PictureGoldens.file("png-2-8")
        png.replaceSubrange(16..<24, with: [0, 0, 0x20, 0, 0, 0, 0x20, 0])
        #expect(throws: InputError.self) { try PictureFile(png, file: "a.png") }
    }

    @Test(arguments: [("resized", 16, 12), ("enlarged", 40, 50)])
    func resizingIsPillows(name: String, height: Int, width: Int) throws {
        let photo = try #require(try PictureGoldens.archive?.array(named: "photo"))
        let source = try Dataset(
            NumericArray(shape: [1] + photo.shape, payload: photo.payload), file: "photo")
        let resized = source.adding(.image(.resize(height: height, width: width))).sample(0)
        let due = try PictureGoldens.bytes(name)
        for channel in 0..<3 {
            for pixel in 0..<height * width {
                let difference = resized[channel * height * width + pixel] - Float(due[pixel * 3 + channel])
                // Pillow rounds twice, after rows and after columns.
                #expect(abs(difference) <= 1.1)
            }
        }
    }
}
