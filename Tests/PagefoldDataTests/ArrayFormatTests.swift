// IDX, .npy and .npz against files written by NumPy. Damaged files are DamageTests'.
import Foundation
import PagefoldCore
import Testing

@testable import PagefoldData

@Suite struct ArrayFormatTests {
    @Test(arguments: [[6], [2, 3], [1, 2, 3], [0, 5]])
    func idxRoundTrip(shape: [Int]) throws {
        let values = (0..<shape.reduce(1, *)).map { UInt8($0 * 40) }
        let array = try IDX.read(IDX.write(values, shape: shape), file: "set")
        #expect(array == NumericArray(shape: shape, payload: .u8(values)))
    }

    @Test(arguments: [
        (UInt8(0x09), [0xff, 0x02] as [UInt8], NumericArray.Payload.i32([-1, 2])),
        (0x0b, [0xff, 0xfe, 0x01, 0x00], .i32([-2, 256])),
        (0x0c, [0x80, 0, 0, 0, 0, 0, 0, 7], .i32([.min, 7])),
        (0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], .f32([1, -2.5])),
        (0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0x04, 0, 0, 0, 0, 0, 0], .f32([1, -2.5])),
    ])
    func idxElementTypes(code: UInt8, values: [UInt8], expected: NumericArray.Payload) throws {
        let array = try IDX.read([0, 0, code, 1, 0, 0, 0, 2] + values, file: "set")
        #expect(array == NumericArray(shape: [2], payload: expected))
    }

    @Test func idxSizesThatOverflowAreAnError() {
        let header: [UInt8] = [0, 0, 8, 4] + [UInt8](repeating: 0xff, count: 16)
        #expect(throws: InputError.self) { try IDX.read(header, file: "set") }
    }

    @Test(arguments: [
        "le-f4", "le-f8", "i1", "le-i2", "le-i4", "le-i8", "be-f4", "be-f8", "be-i2", "u1", "le-u2", "le-u4",
        "le-u8", "b1",
    ])
    func npyElementTypes(name: String) throws {
        let array = try Goldens.array("ramp-\(name).npy")
        let expected: [Float] =
            switch name {
            case "b1": [0, 1, 1, 1, 1, 1]
            case let name where name.contains("u"): [0, 1, 2, 3, 4, 5]
            default: [-3, -2, -1, 0, 1, 2]
            }
        #expect(array.shape == [2, 3])
        #expect(array.floats == expected)
        let isByte = name == "u1" || name == "b1"
        if case .u8 = array.payload { #expect(isByte) } else { #expect(!isByte) }
    }

    @Test(arguments: [
        "version2.npy", "version3.npy", "ramp.npy.gz", "stored.npz", "deflated.npz", "zip64.npz",
    ])
    func containersOfTheSameArray(name: String) throws {
        let array = try ArrayFile.read(Goldens.path(name))
        #expect(array == NumericArray(shape: [2, 3], payload: .f32([-3, -2, -1, 0, 1, 2])))
    }

    @Test func fortranOrderBecomesCOrder() throws {
        let array = try Goldens.array("fortran.npy")
        #expect(array == NumericArray(shape: [2, 3, 4], payload: .f32((0..<24).map { Float($0) })))
    }

    @Test func scalar() throws {
        #expect(try Goldens.array("scalar.npy") == NumericArray(shape: [], payload: .f32([2.5])))
    }

    @Test(arguments: [("wide.npy", "element 1")])
    func whatDoesNotFitIsNamed(name: String, field: String) throws {
        let error = #expect(throws: InputError.self) { try Goldens.array(name) }
        #expect(error?.field == field)
    }

    @Test(arguments: [[], [1], [3, 5], [2, 3, 4]])
    func npyRoundTrip(shape: [Int]) throws {
        let values = (0..<shape.reduce(1, *)).map { Float($0) / 7 }
        let bytes = NumPyFile.write(values, shape: shape)
        #expect((bytes.count - values.count * 4) % 64 == 0)
        #expect(try NumPyFile.read(bytes, file: "x") == NumericArray(shape: shape, payload: .f32(values)))
    }

    @Test func npzNames() throws {
        let archive = try NumPyArchive(try Goldens.bytes("two.npz"), file: "two.npz")
        #expect(archive.names == ["x", "y"])
        #expect(try archive.array(named: "y").payload == .u8([0, 1, 2, 3, 4, 5]))
        #expect(try ArrayFile.read(Goldens.path("two.npz#x")).floats == [-3, -2, -1, 0, 1, 2])
        let error = #expect(throws: InputError.self) { try archive.array(named: nil) }
        #expect(error?.remedy.contains("x, y") == true)
        #expect(throws: InputError.self) { try archive.array(named: "z") }
        #expect(throws: InputError.self) { try archive.array(named: "x", cap: 10) }
    }

    @Test(arguments: [
        ("a/b.npz#x", "a/b.npz", "x"), ("a.TGZ#f/", "a.TGZ", "f/"), ("a#b.npy", "a#b.npy", nil),
        ("c.npz", "c.npz", nil),
    ])
    func locations(text: String, path: String, member: String?) {
        let location = FileLocation(text)
        #expect(location.path == path)
        #expect(location.member == member)
    }
}
