// The .npz format of NumPy: a zip archive of .npy members. The arrays themselves are NumPyFile's.
public import PagefoldCore

/// The arrays of a .npz file, by name, read when asked for.
public struct NumPyArchive: Sendable {
    private let archive: ZipArchive
    private let file: String

    /// Opens the archive. Throws InputError when its directory is damaged.
    public init(_ bytes: [UInt8], file: String) throws(InputError) {
        archive = try ZipArchive(bytes, file: file)
        self.file = file
    }

    /// Names of the arrays, in the order of the file, without `.npy`.
    public var names: [String] {
        archive.members.map(\.name).filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
    }

    /// The array `name`; the only one of the archive when `name` is nil. Throws InputError when there is no
    /// such array, when it is damaged, or when it is larger than `cap` bytes.
    public func array(
        named name: String?, cap: Int = Inflate.defaultCap
    ) throws(InputError) -> NumericArray {
        let names = self.names
        guard let chosen = name ?? (names.count == 1 ? names.first : nil),
            let member = archive.members.first(where: { $0.name == chosen + ".npy" })
        else {
            throw InputError(
                file: file, field: "array name",
                problem: name.map { "there is no array '\($0)'" } ?? "is not given",
                remedy: "write \(file)#NAME with one of: \(names.joined(separator: ", "))")
        }
        return try NumPyFile.read(try archive.content(of: member, cap: cap), file: "\(file)#\(chosen)")
    }
}
