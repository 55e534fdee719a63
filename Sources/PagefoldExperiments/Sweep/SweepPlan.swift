// Which runs a sweep has: from the texts of --vary to names and settings. Running them is SweepProcesses's.

import Foundation
import PagefoldCore
import PagefoldImport
import PagefoldPacking

/// One run of a sweep: a name, and a value for each key that varies.
struct SweepPoint: Hashable {
    /// `networks-3_page-100_seed-1`: the name of its record and of its fold file.
    let name: String
    let parameters: [String: String]

    /// - Parameter pairs: in the order of the command line.
    init(_ pairs: [(key: String, value: String)]) {
        let full = pairs.map { "\($0.key)-\($0.value)" }.joined(separator: "_")
        let plain = full.map { character in
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            return isPlain || "-_+.".contains(character) ? character : "_"
        }
        // A name of a file has at most 255 bytes, and suffixes are to come.
        name =
            plain.count <= 180
            ? String(plain)
            : String(plain.prefix(170)) + "-" + String(CRC32C.checksum([UInt8](full.utf8)), radix: 16)
        parameters = Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) })
    }
}

/// One `--vary`: a key and its values.
struct Variation: Hashable {
    let key: String
    let values: [String]

    /// Most runs of a sweep.
    static let mostRuns = 10_000

    /// Reads `page=10,100,1000` or `seed=1...10`.
    /// - Throws: `InputError` for a text of another form, a key that is not known, or a value that its key cannot take.
    ///   Whether values make sense together is seen when they are run.
    init(_ text: String, job: Job) throws(InputError) {
        func fail(_ problem: String, _ remedy: String) -> InputError {
            InputError(.commandLine, field: "--vary \(text)", problem: problem, remedy: remedy)
        }
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw fail("is not KEY=VALUES", "write, for instance, --vary page=10,100 or --vary seed=1...10")
        }
        key = parts[0]
        var values = [String]()
        for item in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            guard !item.isEmpty else {
                throw fail("a value is missing", "write values with one comma between")
            }
            guard let dots = item.firstRange(of: "...") else {
                values.append(String(item))
                continue
            }
            guard let first = Int(item[..<dots.lowerBound]), let last = Int(item[dots.upperBound...]),
                first <= last
            else {
                throw fail("\(item) is no range", "write two whole numbers, the smaller one first, as 1...10")
            }
            guard last.subtractingReportingOverflow(first).partialValue < Self.mostRuns,
                last.subtractingReportingOverflow(first).overflow == false
            else { throw fail("\(item) has too many values", "\(Self.mostRuns) are possible") }
            values += (first...last).map(String.init)
        }
        for (index, value) in values.enumerated() where values[..<index].contains(value) {
            throw fail("\(value) stands there twice", "leave one out")
        }
        self.values = values
        for value in values { try Self.check(key, value, job: job) }
    }

    /// A misspelling is to be known before hours of work.
    private static func check(_ key: String, _ value: String, job: Job) throws(InputError) {
        switch key {
        case "budget": _ = try Budget.read(value)
        case "preset": _ = try Preset.read(value, from: .option("--vary \(key)"))
        case "networks":
            var job = job
            try job.keep(networks: value)
        default:
            guard PackingSettings.keys.contains(where: { $0.name == key }) else {
                let keys = ["budget", "networks", "preset"] + PackingSettings.keys.map(\.name)
                throw InputError(
                    .commandLine, field: "--vary \(key)", problem: "is not known",
                    remedy: Spelling.remedy(for: key, among: keys.sorted()))
            }
            var scratch = PackingSettings(budget: .max)
            try scratch.apply([key: value], from: .option("--vary"))
        }
    }
}

/// All runs of a sweep, in the order in which they are begun.
struct SweepPlan {
    let points: [SweepPoint]

    /// - Parameters:
    ///   - pairs: the first values together, then the second ones, and so on, instead of every value with every other.
    ///   - job: with all its networks.
    /// - Throws: `InputError` for texts that cannot be read, and runs that would have one name.
    init(vary texts: [String], pairs: Bool, job: Job) throws(InputError) {
        var variations = [Variation]()
        for text in texts { variations.append(try Variation(text, job: job)) }
        func fail(_ field: String, _ problem: String, _ remedy: String) -> InputError {
            InputError(.commandLine, field: field, problem: problem, remedy: remedy)
        }
        for (index, variation) in variations.enumerated()
        where variations[..<index].contains(where: { $0.key == variation.key }) {
            throw fail("--vary \(variation.key)", "stands there twice", "write all its values in one list")
        }
        var rows: [[(key: String, value: String)]] = [[]]
        if pairs {
            let counts = variations.map(\.values.count)
            guard Set(counts).count == 1 else {
                let lengths = counts.map(String.init).joined(separator: ", ")
                throw fail("--zip", "the lists have \(lengths) values", "give all of them as many values")
            }
            rows = (0..<counts[0]).map { index in variations.map { ($0.key, $0.values[index]) } }
        } else {
            for variation in variations {
                guard rows.count * variation.values.count <= Variation.mostRuns else {
                    throw fail("--vary", "more than \(Variation.mostRuns) runs", "vary less at once")
                }
                rows = rows.flatMap { row in variation.values.map { row + [(variation.key, $0)] } }
            }
        }
        points = rows.map(SweepPoint.init)
        // Names become names of files, which some disks compare without case.
        for (name, same) in Dictionary(grouping: points, by: { $0.name.lowercased() }) where same.count > 1 {
            throw fail(
                "--vary", "\(same.count) runs would be called \(name)", "give the networks other names")
        }
    }
}
