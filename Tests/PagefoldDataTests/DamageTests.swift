// Damaged files: every truncation and changed byte gives a result or an InputError, never a trap.
import PagefoldCore
import Testing

@testable import PagefoldData

@Suite struct DamageTests {
    /// A small file, its parser, and what the damage must not get past.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// A file cut short anywhere must be refused.
        let truncationIsAnError: Bool
        /// A checksum covers the values: what is accepted must be what was written.
        let isChecked: Bool
        let parse: @Sendable ([UInt8]) throws -> [Float]
        var testDescription: String { name }

        init(
            _ name: String, truncationIsAnError: Bool = true, isChecked: Bool = false,
            _ parse: @escaping @Sendable ([UInt8]) throws -> [Float]
        ) {
            self.name = name
            self.truncationIsAnError = truncationIsAnError
            self.isChecked = isChecked
            self.parse = parse
        }

        func bytes() throws -> [UInt8] {
            switch name {
            case "idx": IDX.write([1, 2, 3, 4, 5, 6], shape: [1, 2, 3])
            // Beyond the content there are only zeros.
            case let name where name.hasSuffix(".tar"): Array(try Goldens.bytes(name).prefix(4_096))
            default: try Goldens.bytes(name)
            }
        }
    }

    static let npy: @Sendable ([UInt8]) throws -> [Float] = { try NumPyFile.read($0, file: "npy").floats }
    static let npz: @Sendable ([UInt8]) throws -> [Float] = {
        try NumPyArchive($0, file: "npz").array(named: nil, cap: 1 << 20).floats
    }
    static let wav: @Sendable ([UInt8]) throws -> [Float] = {
        try WAVFile($0, file: "wav").channels.flatMap { $0 }
    }
    static let tar: @Sendable ([UInt8]) throws -> [Float] = { bytes in
        let archive = try TarArchive(bytes, file: "tar")
        return archive.entries.flatMap { archive.content(of: $0).map { Float($0) } }
    }
    static let gzip: @Sendable ([UInt8]) throws -> [Float] = {
        try Inflate.gunzip($0, file: "gz", cap: 1 << 20).map { Float($0) }
    }

    static let cases: [Case] = [
        Case("idx") { try IDX.read($0, file: "idx").floats },
        Case("ramp-le-f4.npy", npy), Case("ramp-le-i8.npy", npy), Case("version2.npy", npy),
        Case("fortran.npy", npy), Case("scalar.npy", npy),
        Case("stored.npz", isChecked: true, npz), Case("deflated.npz", isChecked: true, npz),
        Case("zip64.npz", isChecked: true, npz),
        Case("pcm8.wav", wav), Case("pcm24.wav", wav), Case("stereo.wav", wav), Case("extensible.wav", wav),
        Case("one.gz", isChecked: true, gzip), Case("two-members.gz", isChecked: true, gzip),
        Case("gnu.tar", truncationIsAnError: false, tar), Case("pax.tar", truncationIsAnError: false, tar),
    ]

    /// Parses damaged bytes; anything but values or an InputError is an issue. Nil when refused.
    private func outcome(_ damaged: [UInt8], _ file: Case, _ what: String) -> [Float]? {
        do {
            return try file.parse(damaged)
        } catch let error as InputError {
            if error.problem.isEmpty || error.remedy.isEmpty { Issue.record("\(what): an empty message") }
        } catch {
            Issue.record("\(what): \(error)")
        }
        return nil
    }

    @Test(arguments: cases) func truncated(file: Case) throws {
        let bytes = try file.bytes()
        #expect(try !file.parse(bytes).isEmpty)
        // The last member of several may be missing as a whole without any trace in gzip.
        let mayPass = file.name == "two-members.gz" || !file.truncationIsAnError
        for length in stride(from: 0, to: bytes.count, by: bytes.count > 1_000 ? 7 : 1) {
            let result = outcome(Array(bytes[..<length]), file, "\(length) bytes")
            if !mayPass, result != nil { Issue.record("accepted when cut to \(length) bytes") }
        }
    }

    @Test(arguments: cases) func changed(file: Case) throws {
        let bytes = try file.bytes()
        let original = try file.parse(bytes)
        for position in stride(from: 0, to: bytes.count, by: bytes.count > 1_000 ? 5 : 1) {
            for flip: UInt8 in [0x01, 0x80, 0xff] {
                var damaged = bytes
                damaged[position] ^= flip
                let result = outcome(damaged, file, "byte \(position) ^ \(flip)")
                if file.isChecked, let result, result != original {
                    Issue.record("byte \(position) ^ \(flip): other values accepted")
                }
            }
        }
    }
}
