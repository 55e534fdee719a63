// WAV recordings of different lengths, with class and speaker from their names. Features are MFCC's.
public import PagefoldCore

/// Recordings named CLASS_SPEAKER_INDEX.wav, as the Free Spoken Digit Dataset has them.
public struct Recordings: Sendable {
    /// The first channel of each recording, in −1 … 1.
    public let signals: [[Float]]
    /// Samples a second, the same for all.
    public let sampleRate: Int
    /// CLASS of each recording, a number.
    public let labels: [Int32]
    /// SPEAKER of each recording, numbered in alphabetical order.
    public let speakers: [Int32]
    /// INDEX of each recording: fsdd's custom is that 0 … 4 are the test set.
    public let indices: [Int32]

    /// Reads the WAV files of a tar archive whose names begin with `prefix`, in the order of the archive.
    ///
    /// Throws InputError when a recording or its name is damaged, when rates differ, or when there is none.
    public init(tar bytes: [UInt8], prefix: String, file: String) throws(InputError) {
        let archive = try TarArchive(bytes, file: file)
        var signals: [[Float]] = []
        var names: [RecordingName] = []
        var sampleRate: Int?
        for entry in archive.entries where entry.name.hasSuffix(".wav") && entry.name.hasPrefix(prefix) {
            let member = "\(file)#\(entry.name)"
            let recording = try WAVFile(archive.content(of: entry), file: member)
            names.append(try RecordingName(entry.name, file: member))
            let signal = recording.channels.first ?? []
            if let bad = firstNotFinite(signal) {
                throw InputError(
                    file: member, field: "sample \(bad)", problem: "is \(signal[bad])",
                    remedy: "remove or repair the recording")
            }
            guard recording.sampleRate == sampleRate ?? recording.sampleRate else {
                throw InputError(
                    file: member, field: "sample rate",
                    problem: "is \(recording.sampleRate), but other recordings have \(sampleRate ?? 0)",
                    remedy: "resample the recordings to one rate")
            }
            sampleRate = recording.sampleRate
            signals.append(signal)
        }
        guard let sampleRate else {
            throw InputError(
                file: file, field: "archive",
                problem: "holds no .wav file whose name begins with '\(prefix)'",
                remedy: "check the folder after '#'")
        }
        let order = Set(names.map(\.speaker)).sorted()
        let number = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, Int32($0)) })
        self.signals = signals
        self.sampleRate = sampleRate
        labels = names.map(\.label)
        speakers = names.map { number[$0.speaker] ?? 0 }
        indices = names.map(\.index)
    }

    /// What a network is to tell of a recording.
    public enum Labels: Sendable {
        /// CLASS; the speakers are the groups.
        case classes
        /// The speaker; there are no groups.
        case speakers
    }

    /// MFCC features as a data set. Throws InputError when the recordings have another sample rate than
    /// `mfcc` states.
    public func features(
        _ mfcc: MFCC, labels kind: Labels = .classes, file: String
    ) throws(InputError) -> Dataset {
        guard sampleRate == mfcc.sampleRate else {
            throw InputError(
                file: file, field: "mfcc: sample_rate",
                problem: "is \(mfcc.sampleRate), but the recordings have \(sampleRate)",
                remedy: "state the rate of the recordings")
        }
        try Dataset.checkFeatureSize(signals.count, mfcc.shape, file: file)
        return try Dataset(
            features: mfcc.features(of: signals), shape: mfcc.shape,
            labels: kind == .classes ? labels : speakers, groups: kind == .classes ? speakers : nil,
            origins: nil, file: file)
    }
}

/// The three parts of a recording's name.
private struct RecordingName {
    let label: Int32
    let speaker: String
    let index: Int32

    init(_ path: String, file: String) throws(InputError) {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.dropLast(4).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, let label = Int32(parts[0]), let index = Int32(parts[2]) else {
            throw InputError(
                file: file, field: "name", problem: "is not CLASS_SPEAKER_INDEX.wav",
                remedy: "name recordings such as 7_jackson_32.wav")
        }
        self.label = label
        speaker = String(parts[1])
        self.index = index
    }
}
