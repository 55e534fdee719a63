// Bytes of tensors that lie in files beside the model. Nothing outside the model's folder is opened.

import Foundation
import PagefoldData

/// The folder of one model file.
struct ONNXExternalFiles {
    private let folder: URL
    /// Folders that a file may lie in once links are followed: the model's own, and that of the file that a link to the
    /// model leads to.
    private let allowed: [String]

    /// - Parameter model: path of the model file.
    init(model: String) {
        let file = URL(fileURLWithPath: model)
        folder = file.deletingLastPathComponent()
        allowed = [
            folder.resolvingSymlinksInPath().path,
            file.resolvingSymlinksInPath().deletingLastPathComponent().path,
        ].map { $0.hasSuffix("/") ? $0 : $0 + "/" }
    }

    /// Bytes of all files that tensors name, each once.
    func size(of tensors: some Sequence<ONNXTensorProto>) -> Int {
        var locations: Set<String> = []
        for tensor in tensors where tensor.dataLocation == 1 {
            if let location = tensor.externalData.first(where: { $0.key == "location" }) {
                locations.insert(location.value)
            }
        }
        return locations.reduce(0) { sum, location in
            guard case .file(_, let size) = FileBytes.status(folder.appendingPathComponent(location).path)
            else {
                return sum
            }
            return sum.addingReportingOverflow(size).partialValue
        }
    }

    /// The bytes of one tensor.
    /// - Parameters:
    ///   - entries: location, offset and length, as the file says them.
    ///   - count: how many bytes its numbers take.
    func bytes(_ entries: [ONNXEntry], count: Int) throws(TranslationProblem) -> Data {
        func entry(_ key: String) -> String? { entries.first { $0.key == key }?.value }
        guard let location = entry("location"), !location.isEmpty else {
            throw TranslationProblem(
                "its numbers are in a file without a name", "the file is damaged; copy it again")
        }
        let parts = location.split(separator: "/", omittingEmptySubsequences: false)
        guard !location.hasPrefix("/"), !parts.contains(".."), !location.contains("\0") else {
            throw TranslationProblem(
                "its numbers are in \(location), outside the model's folder",
                "lay the file beside the model and save the model with that location")
        }
        let path = folder.appendingPathComponent(location).path
        guard case .file(let resolved, let size) = FileBytes.status(path) else {
            throw TranslationProblem(
                "its numbers are in \(location), which is not there", "lay that file beside the model")
        }
        guard allowed.contains(where: { resolved.hasPrefix($0) }) else {
            throw TranslationProblem(
                "its numbers are in \(location), a link out of the model's folder",
                "lay the file itself beside the model")
        }
        let offset = try number(entry("offset"), 0, location)
        let length = try number(entry("length"), count, location)
        guard length == count, offset <= size, count <= size - offset else {
            throw TranslationProblem(
                "\(location) has \(size) bytes; its numbers are \(count) from \(offset) on, said to be \(length)",
                "copy both files again")
        }
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: resolved))
            defer { try? file.close() }
            try file.seek(toOffset: UInt64(offset))
            let bytes = try file.read(upToCount: count) ?? Data()
            if bytes.count == count { return bytes }
        } catch {}
        throw TranslationProblem("\(location) cannot be read", "check its permissions")
    }

    private func number(
        _ text: String?, _ standard: Int, _ location: String
    ) throws(TranslationProblem) -> Int {
        guard let text else { return standard }
        guard let number = Int(text), number >= 0 else {
            throw TranslationProblem(
                "its place in \(location) is \"\(text)\"", "the file is damaged; copy it again")
        }
        return number
    }
}
