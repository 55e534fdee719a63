// One array from a file of any supported array format, told by its first bytes. Recordings are not arrays.
public import PagefoldCore

/// Arrays from files whose format is inferred: IDX, .npy, .npz, each plain or gzipped.
public enum ArrayFile {
    /// Reads the array at `path`, or at `archive.npz#name`.
    ///
    /// Throws InputError when the file is missing, damaged, of no known format, or larger than `cap` bytes.
    public static func read(
        _ path: String, cap: Int = Inflate.defaultCap
    ) throws(InputError) -> NumericArray {
        try read(path, as: nil, cap: cap)
    }

    /// - Parameter role: which array of an archive is meant where the path names none.
    static func read(
        _ path: String, as role: ArrayRole?, cap: Int = Inflate.defaultCap
    ) throws(InputError) -> NumericArray {
        let location = FileLocation(path)
        let bytes = try FileBytes.read(location.path, cap: cap)
        if ZipArchive.isZip(bytes) {
            let archive = try NumPyArchive(bytes, file: location.path)
            let name = location.member ?? role.flatMap { archive.names.name(of: $0) }
            return try archive.array(named: name, cap: cap)
        }
        guard location.member == nil else {
            throw InputError(
                file: path, field: "member", problem: "the file is not an archive",
                remedy: "leave out '#\(location.member ?? "")'")
        }
        if NumPyFile.isNumPy(bytes) { return try NumPyFile.read(bytes, file: path) }
        if IDX.isIDX(bytes) { return try IDX.read(bytes, file: path) }
        throw InputError(
            file: path, field: "format", problem: "the first bytes are those of no known array format",
            remedy: "give IDX, .npy or .npz (each may be gzipped)")
    }
}

/// A file, or a member (or folder of members) of an archive, written `archive#member`.
package struct FileLocation: Equatable, Sendable {
    package let path: String
    package let member: String?

    /// Only names of archives are split, so that '#' may stand in other file names.
    package init(_ text: String) {
        guard let mark = text.lastIndex(of: "#"),
            [".npz", ".tar", ".tar.gz", ".tgz"].contains(where: { text[..<mark].lowercased().hasSuffix($0) })
        else {
            path = text
            member = nil
            return
        }
        path = String(text[..<mark])
        member = String(text[text.index(after: mark)...])
    }
}
