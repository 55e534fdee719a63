// The programs of the runtime's pages: what stands there is what is compiled and run here (RuntimePageTests compares).
// "pagefold.fold" of a page is `path` here.

import PagefoldCore
import PagefoldPreprocessing
import PagefoldRuntime

/// What the pages have of a program around their lines.
struct RuntimePages {
    let path: String
    let sample: [Float]
    let another: [Float]
    private(set) var used: [[Float]] = []

    init(path: String, sample: [Float], another: [Float]) {
        (self.path, self.sample, self.another) = (path, sample, another)
    }

    private mutating func use(_ output: UnsafeBufferPointer<Float>) { used.append(Array(output)) }

    func landing() throws -> [Float] {
        let file = try FoldFile(path: path)
        let digits = try file.session("digits")
        let probabilities = try digits.run(sample)
        return probabilities
    }

    mutating func oneSample() throws -> [Float] {
        let file = try FoldFile(path: path)
        let signs = try file.session("signs")
        let digits = try file.session("digits")

        let probabilities = try signs.run(sample)
        for best in signs.topClasses(3) { print(best.name ?? "\(best.index)", best.score) }
        _ = digits.input.update(fromContentsOf: another)
        digits.run()
        use(digits.output)
        return probabilities
    }

    mutating func severalInputs(
        _ session: Session, pixels: [Float], accelerations: [Float]
    ) throws -> [String: [Float]] {
        let answers = try session.run(["image": pixels, "motion": accelerations])
        _ = session.input(at: 0).update(fromContentsOf: pixels)
        _ = session.input(at: 1).update(fromContentsOf: accelerations)
        session.run()
        use(session.output(at: 0))
        return answers
    }

    func manySamples(
        _ file: FoldFile, samples: [Float], theirs: UnsafeBufferPointer<Float>,
        ours: UnsafeMutableBufferPointer<Float>
    ) throws -> [Float] {
        let batch = try file.batchSession("signs")
        let answers = try batch.run(samples)
        batch.run(theirs, into: ours)
        return answers
    }

    // MARK: Preprocessing

    func preprocessed(photo: String) throws -> [Float] {
        let file = try FoldFile(path: path)
        let signs = try file.session("signs")
        let preprocessing = try file.preprocessing(of: "signs")
        let probabilities = try signs.run(preprocessing.sample(fromPicture: photo))
        return probabilities
    }

    func camera(_ preprocessing: Preprocessing, frame: [UInt8]) throws -> [Float] {
        let sample = try preprocessing.sample(fromPixels: frame, height: 48, width: 64, channels: 4)
        return sample
    }

    func recordings(_ file: FoldFile, recording: String, microphone: [Float]) throws -> [[Float]] {
        let words = try file.preprocessing(of: "words")
        let played = try words.sample(fromRecording: recording)
        let heard = try words.sample(fromSignal: microphone, rate: 44_100)
        return [played, heard]
    }

    func numbers(_ file: FoldFile, pixels: [UInt8]) throws -> [[Float]] {
        let digit = try file.preprocessing(of: "digits").sample(fromBytes: pixels, sizes: [28, 28])
        let row = try file.preprocessing(of: "motion").sample(from: [0.25, -1, 9.75])
        return [digit, row]
    }

    func wholeFolders(_ file: FoldFile, _ preprocessing: Preprocessing, folder: String) throws -> [Float] {
        let photos = try preprocessing.samples(in: folder)
        let answers = try file.batchSession("signs").run(photos.flatMap { $0 })
        return answers
    }

    // MARK: Memory and versions

    func twoLevels() throws -> [Float] {
        let plan = MemoryPlan(verification: .lazily, exclusivePages: .cached(bytes: 64 * 1024))
        let file = try FoldFile(path: path, memory: plan)
        let digits = try file.session("digits")
        let signs = try file.session("signs")

        try digits.load()
        signs.prefetch()
        let probabilities = try digits.run(sample)
        digits.unload()
        return probabilities
    }

    func oneArena(_ file: FoldFile) throws -> [[Float]] {
        let bytes = try max(file.arenaBytes("digits"), file.arenaBytes("signs"))
        let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
        let digits = try file.session("digits", arena: arena)
        let signs = try file.session("signs", arena: arena)
        defer { arena.deallocate() }
        return try withExtendedLifetime((digits, signs)) { [try digits.run(sample), try signs.run(sample)] }
    }

    func replacement() throws -> (live: LiveFold, digits: LiveSession, probabilities: [Float]) {
        let live = try LiveFold(path: path)
        let digits = try LiveSession(live, "digits")
        let probabilities = try digits.run(sample)
        return (live, digits, probabilities)
    }

    func lookForANewVersion(_ live: LiveFold) {
        do {
            if try live.refresh() { print("version", live.generation) }
        } catch { print("the old version stays: \(error)") }
    }
}
