// What a path of samples is, before anything is decoded: a folder, an archive, one picture or recording, a table, an array.
import PagefoldCore

/// How a path is read.
enum SampleFileKind: Equatable {
    case folder, tar
    /// A single picture or recording.
    case file
    case table, array

    /// Throws InputError where nothing is there.
    init(_ path: String) throws(InputError) {
        let location = FileLocation(path)
        switch FileBytes.status(location.path) {
        case .missing: throw FileBytes.missing(path)
        case .special: throw FileBytes.error(path, "is not a regular file", "name a file or a folder")
        case .directory: self = .folder
        case .file:
            if location.isTar {
                self = .tar
            } else if SampleTree.isSample(path, try FileBytes.head(location.path, count: 16)) {
                self = .file
            } else {
                self = TableFile.isTable(path) ? .table : .array
            }
        }
    }

    /// Whether files of both kinds can be read one after the other.
    func isLike(_ other: SampleFileKind) -> Bool {
        let trees: [SampleFileKind] = [.folder, .tar, .file]
        return self == other || (trees.contains(self) && trees.contains(other))
    }

    /// Precondition: it is a folder, an archive or a file.
    func tree(_ path: String) throws(InputError) -> SampleTree {
        switch self {
        case .folder: return try SampleTree(folder: path)
        case .tar:
            let location = FileLocation(path)
            return try SampleTree(
                tar: FileBytes.read(location.path), prefix: location.member ?? "", file: location.path)
        default: return try SampleTree(file: path)
        }
    }
}
