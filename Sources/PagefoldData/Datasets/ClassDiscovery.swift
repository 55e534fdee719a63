// Names of classes that data tell, without decoding the samples: a training set says them to its test set.
public import PagefoldCore

extension DatasetDescription {
    /// Names of the classes in the order of their labels: `classNames` where they are given, else those of folders, or of
    /// texts in the label's column; empty where labels are numbers or there are none.
    ///
    /// Throws InputError where a folder or table cannot be read.
    public func discoveredClassNames(jobFile: String) throws(InputError) -> [String] {
        guard classNames.isEmpty, labels.isEmpty, !labelsAreSpeakers else { return classNames }
        var kinds: [SampleFileKind] = []
        for path in samples { kinds.append(try SampleFileKind(path)) }
        switch kinds.first {
        case .folder?, .tar?, .file?:
            var trees: [SampleTree] = []
            for (path, kind) in zip(samples, kinds) where kind.isLike(.folder) {
                trees.append(try kind.tree(path))
            }
            if trees[0].kind == .recordings {
                for tree in trees where try Recordings.named(tree) != nil { return [] }
            }
            return try classNames(of: trees).names
        case .table? where table.label != nil:
            var texts: Set<String> = []
            for path in samples {
                let file = try TableFile(FileBytes.read(path), hasHeader: table.hasHeader, file: path)
                let column = try file.column(table.label ?? "", field: "label", jobFile: jobFile)
                for row in file.rows { texts.insert(file.text(row, column)) }
            }
            return texts.allSatisfy { Dataset.wholeLabel($0) != nil } ? [] : ClassNames(found: texts).names
        default: return []
        }
    }
}
