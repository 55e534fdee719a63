// Paths of files taken apart as texts; nothing is looked up on a disk. Foundation's functions for this trap on paths of one
// character.

/// Parts of paths, with `/` between.
public enum FilePath {
    /// All before the last `/`; empty for a name alone, `/` for what lies in the root.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What is behind the last `/`.
    public static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// Without the last dot of the name and what is behind it; a dot in front of a name stays.
    public static func withoutSuffix(_ path: String) -> String {
        let name = name(of: path)
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return path }
        return String(path.dropLast(name[dot...].count))
    }

    /// A path that begins at a folder, unless it begins at the root.
    public static func joined(_ folder: String, _ path: String) -> String {
        if folder.isEmpty || path.hasPrefix("/") { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }
}
