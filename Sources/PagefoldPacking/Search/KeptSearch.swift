// What a budget search came to, kept in the checkpoint of the run that it chose: a run that goes on makes no trials again,
// and a checkpoint of another job is found before there are any.

import PagefoldCore

struct KeptSearch: Codable, Equatable {
    /// Names the job as it was before the search.
    var identity: String
    /// With the format that was chosen.
    var settings: PackingSettings
    var points: [SearchPoint]
    /// Names the trial that the run goes on from.
    var begun: String
}

extension KeptSearch {
    /// - Returns: nil when there is no checkpoint at `path`.
    /// - Throws: `InputError` when there is one that is damaged, or belongs to another job.
    init?(checkpoint path: String, identity: String) throws(InputError) {
        guard let checkpoint = try Checkpoint.read(path) else { return nil }
        guard let kept = checkpoint.header.search, kept.identity == identity else {
            throw Checkpoint.foreign(path)
        }
        self = kept
    }
}
