// Reads record files: one JSON document, or one a line; and folders of such files. What the
// records say is not looked at here, beyond their kind.

import Foundation
public import PagefoldCore

/// What was found in files of records.
public struct RecordCollection: Sendable {
    /// Packing runs, with test scores joined to them, in the order of their files.
    public var runs: [PackRecord]
    /// Files in folders that hold JSON of another kind, and were left alone.
    public var skipped: [String]

    /// Reads files, and the files in folders that end in `.json` or `.jsonl`, in the order of their names.
    /// - Throws: `InputError` naming the file and the field where a file is missing, damaged or foreign. A foreign
    ///   file within a folder is skipped.
    public init(paths: [String]) throws(InputError) {
        var packs: [PackRecord] = []
        var evaluations: [EvalRecord] = []
        skipped = []
        for path in paths {
            for (file, isNamed) in try Self.files(path) {
                let documents = try RecordFile.documents(file)
                if !isNamed && documents.allSatisfy({ $0.kind == .foreign }) {
                    skipped.append(file)
                    continue
                }
                for document in documents {
                    switch document.kind {
                    case .evaluation:
                        evaluations.append(
                            try document.decode(EvalRecord.self) { value throws(RecordProblem) in
                                try value.checked()
                            })
                    case .pack, .foreign:
                        packs.append(
                            try document.decode(PackRecord.self) { value throws(RecordProblem) in
                                try value.checked()
                            })
                    }
                }
            }
        }
        runs = Self.joined(packs, evaluations)
        guard !runs.isEmpty else {
            throw InputError(
                file: paths.joined(separator: ", "), field: "records",
                problem: "there is no record of a packing run",
                remedy: "give what pagefold pack --json or pagefold sweep wrote")
        }
    }

    /// Gives each run the test scores of its fold file. An evaluation becomes a run of its own where there is no run
    /// of that file, or several: a file that was written over says nothing of those before.
    static func joined(_ packs: [PackRecord], _ evaluations: [EvalRecord]) -> [PackRecord] {
        var runs = packs
        for evaluation in evaluations {
            var partners = packs.indices.filter { evaluation.isOf(packs[$0], samePath: true) }
            if partners.isEmpty {
                partners = packs.indices.filter { evaluation.isOf(packs[$0], samePath: false) }
            }
            if partners.count == 1 {
                evaluation.join(&runs[partners[0]])
            } else if let alone = evaluation.alone {
                runs.append(alone)
            }
        }
        return runs
    }

    /// The files that a path means, and whether the user named them.
    private static func files(_ path: String) throws(InputError) -> [(path: String, isNamed: Bool)] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw InputError(
                file: path, field: "path", problem: "there is no such file or folder",
                remedy: "give a file or a folder of records")
        }
        guard isFolder.boolValue else { return [(path, true)] }
        let below = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        return below.filter { $0.hasSuffix(".json") || $0.hasSuffix(".jsonl") }.sorted().map {
            (FilePath.joined(path, $0), false)
        }
    }
}

/// One JSON document of a record file.
struct RecordFile {
    enum Kind { case pack, evaluation, foreign }

    let path: String
    /// What stands before the field in an error: the line, where there are several.
    let place: String
    let data: Data
    let kind: Kind

    private init(path: String, place: String, data: Data, members: [String: Any]) {
        self.path = path
        self.place = place
        self.data = data
        let network = (members["networks"] as? [Any])?.first as? [String: Any]
        if network?["original"] == nil {
            kind = .foreign
        } else if members["fold"] != nil {
            kind = .evaluation
        } else {
            kind = members["bytes"] == nil ? .foreign : .pack
        }
    }

    /// All documents of a file: one, or one a line.
    static func documents(_ path: String) throws(InputError) -> [RecordFile] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(
                file: path, field: "file", problem: "cannot be read", remedy: "look at its permissions")
        }
        if let value = try? JSONSerialization.jsonObject(with: data) {
            guard let members = value as? [String: Any] else {
                throw InputError(
                    file: path, field: "JSON", problem: "it is no object",
                    remedy: "give what pagefold pack --json or pagefold sweep wrote")
            }
            return [RecordFile(path: path, place: "", data: data, members: members)]
        }
        let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let texts = lines.enumerated().filter { !$0.element.allSatisfy { $0 <= 32 } }
        func members(_ line: Data) -> [String: Any]? {
            (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any]
        }
        guard texts.count > 1, texts.contains(where: { members($0.element) != nil }) else {
            throw InputError(
                file: path, field: "JSON", problem: "it is damaged or no JSON at all",
                remedy: "run the command again with --json")
        }
        return try texts.map { index, line throws(InputError) in
            guard let members = members(line) else {
                throw InputError(
                    file: path, field: "line \(index + 1)", problem: "it is damaged or cut off",
                    remedy: "delete the line and let the command run again")
            }
            return RecordFile(path: path, place: "line \(index + 1), ", data: Data(line), members: members)
        }
    }

    func decode<Value: Decodable>(
        _ type: Value.Type, _ checked: (Value) throws(RecordProblem) -> Value
    ) throws(InputError) -> Value {
        let problem: RecordProblem
        do {
            let value = try JSONDecoder().decode(type, from: data)
            do throws(RecordProblem) { return try checked(value) } catch { problem = error }
        } catch let error as DecodingError {
            problem = RecordProblem(error)
        } catch {
            problem = RecordProblem(field: "JSON", problem: "cannot be decoded")
        }
        throw InputError(
            file: path, field: place + problem.field, problem: problem.problem,
            remedy: "give what pagefold pack --json, eval --json or sweep wrote")
    }
}

extension RecordProblem {
    init(_ error: DecodingError) {
        func name(_ path: [any CodingKey]) -> String {
            path.reduce(into: "") { text, key in
                if let index = key.intValue {
                    text += "[\(index)]"
                } else {
                    text += (text.isEmpty ? "" : ".") + key.stringValue
                }
            }
        }
        switch error {
        case .keyNotFound(let key, let context):
            self.init(field: name(context.codingPath + [key]), problem: "is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            self.init(field: name(context.codingPath), problem: "has another type than expected")
        case .dataCorrupted(let context):
            let field = name(context.codingPath)
            self.init(field: field.isEmpty ? "JSON" : field, problem: context.debugDescription)
        @unknown default:
            self.init(field: "JSON", problem: "cannot be decoded")
        }
    }
}
