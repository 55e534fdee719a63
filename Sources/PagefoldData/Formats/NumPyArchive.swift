// The .npz format of NumPy: a zip archive of .npy members. The arrays themselves are NumPyFile's.
public import PagefoldCore

/// The arrays of a .npz file, by name, read when asked for.
public struct NumPyArchive: Sendable {
    private let archive: ZipArchive
    private let file: String
    /// Of each name the member; of several of one name the last, as NumPy takes it.
    private let members: [(name: String, member: ZipArchive.Member)]

    /// Opens the archive. Throws InputError when its directory is damaged.
    public init(_ bytes: [UInt8], file: String) throws(InputError) {
        archive = try ZipArchive(bytes, file: file)
        self.file = file
        var members: [(name: String, member: ZipArchive.Member)] = []
        var place: [String: Int] = [:]
        for member in archive.members where !member.name.hasSuffix("/") {
            // Other programs write members without NumPy's ending.
            let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
            if name == member.name, !NumPyFile.isNumPy(archive.head(of: member, count: 16)) { continue }
            if let place = place[name] {
                members[place].member = member
            } else {
                place[name] = members.count
                members.append((name, member))
            }
        }
        self.members = members
    }

    /// Names of the arrays, in the order of the file, without `.npy`.
    public var names: [String] { members.map(\.name) }

    /// The shape of an array, read from its header alone. Throws InputError where the header is damaged.
    func shape(of name: String) throws(InputError) -> [Int] {
        guard let member = members.first(where: { $0.name == name })?.member else {
            throw unnamed("there is no array '\(name)'")
        }
        return try NumPyFile.shape(archive.head(of: member, count: 70_000), file: "\(file)#\(name)")
    }

    private func unnamed(_ problem: String) -> InputError {
        InputError(
            file: file, field: "array name", problem: problem,
            remedy: names.isEmpty
                ? "give an archive of numpy.savez"
                : "write \(file)#NAME with one of: \(names.joined(separator: ", "))")
    }

    /// The array `name`; the only one of the archive when `name` is nil. Throws InputError when there is no
    /// such array, when it is damaged, or when it is larger than `cap` bytes.
    public func array(
        named name: String?, cap: Int = Inflate.defaultCap
    ) throws(InputError) -> NumericArray {
        let names = self.names
        guard let chosen = name ?? (names.count == 1 ? names.first : nil),
            let member = members.first(where: { $0.name == chosen })?.member
        else {
            throw unnamed(
                name.map { "there is no array '\($0)'" }
                    ?? (names.isEmpty ? "it has no array" : "is not given"))
        }
        return try NumPyFile.read(try archive.content(of: member, cap: cap), file: "\(file)#\(chosen)")
    }
}
