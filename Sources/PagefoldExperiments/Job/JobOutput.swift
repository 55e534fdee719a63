// Before minutes of work: the result of a job must have a place, and not that of a file that somebody needs.

import Foundation
public import PagefoldCore
import PagefoldFold
import PagefoldImport

/// Where a fold file may be put.
public enum FoldOutput {
    /// Checks that a fold file can be written to a path. A file that is there and is no fold file stays: whatever a job
    /// reads is safe then.
    /// - Throws: `InputError` saying what stands there.
    public static func check(_ path: String) throws(InputError) {
        try OutputPath.check(path)
        let file = try ModelFile(path: OutputPath.target(of: path))
        guard let kind = file.kind, kind != .empty, file.isOriginal else { return }
        throw InputError(
            file: path, field: "--output", problem: "there is \(kind.name), which would be replaced",
            remedy: "choose another name with --output")
    }
}

extension Job {
    /// - Throws: `InputError` as `FoldOutput.check`, and where a network of the job comes from that file.
    func refuseOverwriting(_ output: String) throws(InputError) {
        try FoldOutput.check(output)
        func plain(_ path: String) -> String {
            let target = (try? OutputPath.target(of: path)) ?? path
            return URL(fileURLWithPath: target).standardizedFileURL.resolvingSymlinksInPath().path
        }
        for network in networks {
            let source =
                switch network.weights {
                case .layers: network.trainedPath(jobFile: path)
                case .model(let path, _): path
                }
            if plain(source) == plain(output) {
                throw InputError(
                    file: output, field: "--output", problem: "it holds the original of \(network.name)",
                    remedy: "choose another name with --output")
            }
        }
    }
}
