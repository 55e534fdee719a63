// WAV recordings of different lengths and rates, at one rate. Their features are SoundFeatures'; where they lie is SampleTree's.
import Foundation
public import PagefoldCore

/// Recordings of a folder or an archive, with what their folders or names tell.
public struct Recordings: Sendable {
    /// The mean of the channels of each recording, in −1 … 1.
    public let signals: [[Float]]
    /// Samples a second, the same for all: of the recordings themselves where no other was asked for.
    public let sampleRate: Int
    /// What the names CLASS_SPEAKER_INDEX.wav tell, as the Free Spoken Digit Dataset has them; nil for other names.
    public let named: Named?

    /// Three numbers for each recording.
    public struct Named: Sendable {
        /// CLASS, a number.
        public let labels: [Int32]
        /// SPEAKER, numbered in alphabetical order.
        public let speakers: [Int32]
        /// The speakers in that order.
        let speakerNames: [String]
        /// INDEX: fsdd's custom is that 0 … 4 are the test set.
        public let indices: [Int32]
    }

    /// Reads the WAV files of a tar archive whose names begin with `prefix`, in the order of the archive.
    ///
    /// Throws InputError when a recording is damaged, when rates differ, or when there is none.
    public init(tar bytes: [UInt8], prefix: String, file: String) throws(InputError) {
        try self.init(try SampleTree(tar: bytes, prefix: prefix, file: file), rate: nil)
    }

    /// - Parameter rate: samples a second to bring all recordings to; nil: they must have one rate.
    init(_ tree: SampleTree, rate: Int?) throws(InputError) {
        var signals: [[Float]] = []
        var sampleRate = rate
        var resamplings: [Int: Resampling] = [:]
        var total = 0
        for entry in tree.entries {
            let name = tree.name(of: entry)
            let recording = try WAVFile(try tree.content(of: entry), file: name)
            let signal = recording.mono
            try Recordings.check(signal, file: name)
            let target = sampleRate ?? recording.sampleRate
            guard rate != nil || recording.sampleRate == target else {
                throw InputError(
                    file: name, field: "sample rate",
                    problem: "is \(recording.sampleRate), but other recordings have \(target)",
                    remedy: "let mfcc, logmel or waveform be the first transform: they bring all to one rate")
            }
            sampleRate = target
            let resampling =
                resamplings[recording.sampleRate] ?? Resampling(from: recording.sampleRate, to: target)
            resamplings[recording.sampleRate] = resampling
            signals.append(
                try Recordings.resampled(
                    signal, resampling, room: Inflate.defaultCap / 4 - total, rate: recording.sampleRate,
                    to: target, file: name))
            total += signals[signals.count - 1].count
        }
        self.signals = signals
        self.sampleRate = sampleRate ?? 1
        named = try Recordings.named(tree)
    }

    /// One signal, as one of a folder: see `init(_:rate:)`.
    /// Precondition: both rates are above 0.
    static func signal(
        _ signal: [Float], rate: Int, to target: Int, file: String
    ) throws(InputError) -> [Float] {
        try check(signal, file: file)
        return try resampled(
            signal, Resampling(from: rate, to: target), room: Inflate.defaultCap / 4, rate: rate,
            to: target, file: file)
    }

    private static func check(_ signal: [Float], file: String) throws(InputError) {
        if let bad = firstNotFinite(signal) {
            throw InputError(
                file: file, field: "sample \(bad)", problem: "is \(signal[bad])",
                remedy: "remove or repair the recording")
        }
        guard !signal.isEmpty else {
            throw InputError(
                file: file, field: "data chunk", problem: "holds no sound",
                remedy: "take it out of the folder")
        }
    }

    /// A rate is only a number of the file: what it would make is bounded before it is made.
    private static func resampled(
        _ signal: [Float], _ resampling: Resampling, room: Int, rate: Int, to target: Int, file: String
    ) throws(InputError) -> [Float] {
        guard let count = resampling.count(of: signal.count), count <= room else {
            throw InputError(
                file: file, field: "sample rate", problem: "\(rate) makes too many samples at \(target)",
                remedy: "give shorter recordings, or a lower sample_rate")
        }
        return resampling.apply(signal)
    }

    /// What the names tell where all of them have the form; nil where folders tell the classes, or none has it.
    static func named(_ tree: SampleTree) throws(InputError) -> Named? {
        let names = tree.entries.map { RecordingName($0.path) }
        guard names.contains(where: { $0 != nil }) else { return nil }
        if let bad = names.firstIndex(where: { $0 == nil }) {
            guard tree.classes.names.isEmpty else { return nil }
            throw InputError(
                file: tree.name(of: tree.entries[bad]), field: "name",
                problem: "is not CLASS_SPEAKER_INDEX.wav, as other names here are",
                remedy: "name it such as 7_jackson_32.wav, or move recordings into a folder for each class")
        }
        let parts = names.compactMap { $0 }
        let order = Set(parts.map(\.speaker)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let number = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, Int32($0)) })
        return Named(
            labels: parts.map(\.label), speakers: parts.map { number[$0.speaker] ?? 0 }, speakerNames: order,
            indices: parts.map(\.index))
    }
}

extension Recordings.Named {
    /// The speakers of several folders, numbered in alphabetical order over all of them.
    static func speakers(of folders: [Recordings.Named]) -> [Int32] {
        let all = Set(folders.flatMap(\.speakerNames)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let number = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, Int32($0)) })
        return folders.flatMap { folder in
            folder.speakers.map { number[folder.speakerNames[Int($0)]] ?? 0 }
        }
    }
}

/// The three parts of a recording's name.
private struct RecordingName {
    let label: Int32
    let speaker: String
    let index: Int32

    init?(_ path: String) {
        let name = path.split(separator: "/").last ?? ""
        let parts = (name.lastIndex(of: ".").map { name[..<$0] } ?? name)
            .split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, let label = Int32(parts[0]), let index = Int32(parts[2]) else { return nil }
        self.label = label
        speaker = String(parts[1])
        self.index = index
    }
}
