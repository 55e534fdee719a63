// What lies in folders: model files, and samples with their parts. Names and first bytes say it; nothing is decoded here.

import Foundation
import PagefoldCore
import PagefoldData
import PagefoldImport

/// Samples that belong together: training and test parts with their labels and groups.
struct SampleSet {
    /// One part of it. Paths are as `data.train` names them.
    struct Part {
        var samples: [String] = []
        var labels: [String] = []
        var groups: [String] = []
        /// Of one sample, without the count.
        var shape: [Int] = []
        var count = 0
    }
    /// What its files are called, without the words for parts and roles.
    var name: String
    /// Where they lie: sets of one name in two folders are two.
    var folder: String
    var kind: DatasetContents.Kind
    var parts: [FileWords.Part: Part] = [:]
    /// Of a table.
    var columns: [DatasetContents.Column] = []
    var hasHeader = false

    /// The part that is trained on.
    var training: Part? { parts[.training] }
    /// Whether a part is kept for the end.
    var hasTest: Bool { parts[.test]?.samples.isEmpty == false }
}

/// What words in the names of files and arrays mean.
struct FileWords {
    enum Part: String { case training = "train", validation = "validation", test = "test" }
    enum Role { case samples, labels, groups }

    private static let parts: [String: Part] = [
        "train": .training, "training": .training, "trn": .training, "test": .test, "testing": .test,
        "t10k": .test, "tst": .test, "val": .validation, "valid": .validation, "validation": .validation,
        "dev": .validation,
    ]
    private static let roles: [String: Role] = [
        "x": .samples, "images": .samples, "image": .samples, "samples": .samples, "data": .samples,
        "features": .samples, "inputs": .samples, "y": .labels, "labels": .labels, "label": .labels,
        "targets": .labels, "target": .labels, "classes": .labels, "groups": .groups, "group": .groups,
        "subject": .groups, "subjects": .groups, "track": .groups, "tracks": .groups, "person": .groups,
        "speaker": .groups, "clip": .groups, "clips": .groups, "session": .groups,
    ]
    private static let empty: Set<String> = [
        "idx", "idx1", "idx2", "idx3", "idx4", "ubyte", "f32", "f16", "u8", "npy", "npz", "csv", "tsv", "gz",
        "tar",
        "tgz",
        "set", "dataset",
    ]

    private(set) var part: Part?
    private(set) var role: Role?
    /// What is left: the name of the set.
    private(set) var rest: [String] = []

    /// - Parameter knowsRoles: whether words for roles are taken out of the name.
    init(_ name: String, knowsRoles: Bool = true) {
        let words = name.split { !$0.isLetter && !$0.isNumber }
        for word in words.map({ $0.lowercased() }) {
            if let found = Self.parts[word], part == nil {
                part = found
            } else if knowsRoles, let found = Self.roles[word], role == nil {
                role = found
            } else if !Self.empty.contains(word) {
                rest.append(word)
            }
        }
    }
}

/// Model files and sets of samples below some folders.
struct FolderSurvey {
    private(set) var models: [String] = []
    private(set) var sets: [SampleSet] = []
    /// Files that look like models or samples and cannot be read, with the reason.
    private(set) var refused: [String] = []

    private static let depthLimit = 8
    private static let mostFiles = 20_000
    private var files = 0

    /// - Throws: `InputError` where a folder is not there, or holds too many files to look at.
    init(_ folders: [String]) throws(InputError) {
        for folder in folders {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
            else {
                throw InputError(
                    file: folder, field: "folder", problem: "it is not there, or is a file",
                    remedy: "name folders with model files and samples")
            }
            try walk(folder, depth: 0)
        }
        sets = sets.filter { $0.training != nil || $0.parts[.test] != nil }
        for index in sets.indices where sets[index].parts[.training] == nil {
            sets[index].parts[.training] = sets[index].parts[.validation]
        }
    }

    private mutating func walk(_ folder: String, depth: Int) throws(InputError) {
        guard depth <= Self.depthLimit,
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else { return }
        let visible = names.sorted().filter { !$0.hasPrefix(".") && $0 != "__MACOSX" }
        files += visible.count
        guard files <= Self.mostFiles else {
            throw InputError(
                file: folder, field: "folder", problem: "more than \(Self.mostFiles) files are there",
                remedy: "name the folders of models and samples themselves")
        }
        // Folders of classes that lie beside the models themselves.
        let isTree = depth == 0 ? takeTree(folder) : false
        for name in visible {
            let path = folder == "." ? name : FilePath.joined(folder, name)
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                if !isTree, !takeTree(path) { try walk(path, depth: depth + 1) }
            } else {
                takeFile(path, name)
            }
        }
    }

    // MARK: Folders of pictures and recordings

    /// Takes a folder whose samples lie in it, in folders of classes, or in folders of parts.
    private mutating func takeTree(_ path: String) -> Bool {
        let subfolders = Self.subfolders(path)
        let parts = subfolders.compactMap { name in FileWords(name).part.map { (name, $0) } }
        if !parts.isEmpty, parts.count == subfolders.count {
            var found = false
            for (name, part) in parts { found = take("\(path)/\(name)", of: path, part) || found }
            return found
        }
        // Samples here, or in folders of classes: not in folders of folders.
        guard
            Self.holdsSamples(path)
                || (subfolders.count > 1
                    && subfolders.allSatisfy {
                        Self.holdsSamples("\(path)/\($0)")
                    })
        else { return false }
        // `train` and `test` beside each other are parts of one set.
        let words = FileWords(FilePath.name(of: path))
        return take(path, of: words.rest.isEmpty ? FilePath.folder(of: path) : path, words.part ?? .training)
    }

    private mutating func take(_ path: String, of folder: String, _ part: FileWords.Part) -> Bool {
        guard let contents = try? DatasetContents(of: path),
            contents.kind == .pictures || contents.kind == .recordings
        else { return false }
        let words = FileWords(FilePath.name(of: folder), knowsRoles: false)
        let name = words.rest.isEmpty ? "samples" : words.rest.joined(separator: "-")
        var found = SampleSet.Part()
        (found.samples, found.shape, found.count) = ([path], contents.firstShape, contents.count)
        // Labels come from folders, not from files.
        add(found, to: name, FilePath.folder(of: folder), contents.kind, part)
        return true
    }

    private static func subfolders(_ path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.sorted().filter { name in
            var isFolder: ObjCBool = false
            return !name.hasPrefix(".") && name != "__MACOSX"
                && FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    private static func holdsSamples(_ path: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.contains { name in
            ["png", "jpg", "jpeg", "wav"].contains(name.split(separator: ".").last?.lowercased() ?? "")
        }
    }

    // MARK: Files

    private mutating func takeFile(_ path: String, _ name: String) {
        guard let file = try? ModelFile(path: path) else { return }
        if file.isOriginal, ModelReaders.all.contains(where: { $0.recognises(file) }) {
            return models.append(path)
        }
        let suffixes = [".npz", ".npy", ".csv", ".tsv", ".idx", "ubyte", ".tar", ".tgz"]
        let plain =
            name.lowercased().hasSuffix(".gz") ? String(name.lowercased().dropLast(3)) : name.lowercased()
        guard suffixes.contains(where: plain.hasSuffix) else { return }
        do throws(InputError) {
            let contents = try DatasetContents(of: path)
            switch contents.kind {
            case .arrays: takeArrays(contents, path, name)
            case .table: takeTable(contents, path, name)
            case .pictures, .recordings:
                var part = SampleSet.Part()
                (part.samples, part.shape, part.count) = ([path], contents.firstShape, contents.count)
                let words = FileWords(name)
                add(
                    part, to: Self.name(words, path), FilePath.folder(of: path), contents.kind,
                    words.part ?? .training)
            }
        } catch { refused.append("\(error)") }
    }

    private mutating func takeTable(_ contents: DatasetContents, _ path: String, _ name: String) {
        let words = FileWords(name)
        var part = SampleSet.Part()
        (part.samples, part.shape, part.count) = ([path], contents.firstShape, contents.count)
        let index = add(
            part, to: Self.name(words, path), FilePath.folder(of: path), .table, words.part ?? .training)
        sets[index].columns = contents.columns
        sets[index].hasHeader = contents.hasHeader
    }

    private mutating func takeArrays(_ contents: DatasetContents, _ path: String, _ name: String) {
        let isArchive = contents.arrays.count > 1 || contents.arrays.first?.name.isEmpty == false
        for array in contents.arrays where !array.shape.isEmpty {
            let words = FileWords(isArchive ? array.name : name)
            // Words for roles stand in the names of an archive's arrays, not in its own.
            let setName = Self.name(FileWords(name, knowsRoles: !isArchive), path)
            let place = isArchive ? "\(path)#\(array.name)" : path
            let isList = array.shape.count == 1
            var part = SampleSet.Part()
            switch words.role ?? (isList ? .labels : .samples) {
            case .samples where !isList:
                (part.samples, part.count, part.shape) = (
                    [place], array.shape[0], Array(array.shape.dropFirst())
                )
            case .labels where isList: part.labels = [place]
            case .groups where isList: part.groups = [place]
            default: continue
            }
            add(
                part, to: setName, FilePath.folder(of: path), .arrays,
                words.part ?? FileWords(name).part ?? .training)
        }
    }

    /// What a set is called: what is left of the file's name, or its folder.
    private static func name(_ words: FileWords, _ path: String) -> String {
        if !words.rest.isEmpty { return words.rest.joined(separator: "-") }
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[parts.count - 2]) : "samples"
    }

    @discardableResult
    private mutating func add(
        _ part: SampleSet.Part, to name: String, _ folder: String, _ kind: DatasetContents.Kind,
        _ which: FileWords.Part
    ) -> Int {
        let index =
            sets.firstIndex { $0.name == name && $0.folder == folder && $0.kind == kind }
            ?? {
                sets.append(SampleSet(name: name, folder: folder, kind: kind))
                return sets.count - 1
            }()
        var whole = sets[index].parts[which] ?? SampleSet.Part()
        // Two files of one part that no name tells apart: the first stays.
        if whole.samples.isEmpty, !part.samples.isEmpty {
            (whole.samples, whole.shape, whole.count) = (part.samples, part.shape, part.count)
        }
        if whole.labels.isEmpty { whole.labels = part.labels }
        if whole.groups.isEmpty { whole.groups = part.groups }
        sets[index].parts[which] = whole
        return index
    }
}
