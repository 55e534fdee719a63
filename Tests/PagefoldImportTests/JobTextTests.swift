// Job files as systems save them, and YAML that is short and stands for much.

import Foundation
import PagefoldCore
import PagefoldImport
import Testing

@Suite struct JobTextTests {
    static let text = "budget: 4000\nnetworks:\n  - {name: a, weights: a.fold}\n"

    private func job(_ data: Data) throws -> Job {
        let path = NSTemporaryDirectory() + "pagefold-\(UUID().uuidString).yaml"
        try data.write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try Job(path: path)
    }

    static let encodings: [(name: String, data: Data)] = [
        ("UTF-8", Data(text.utf8)),
        ("with a mark", Data([0xef, 0xbb, 0xbf]) + Data(text.utf8)),
        ("UTF-16, little end first", Data([0xff, 0xfe]) + text.data(using: .utf16LittleEndian)!),
        ("UTF-16, big end first", Data([0xfe, 0xff]) + text.data(using: .utf16BigEndian)!),
        ("lines of Windows", Data(text.replacing("\n", with: "\r\n").utf8)),
    ]

    @Test(arguments: encodings.map(\.data))
    func everyWayToSaveItIsRead(data: Data) throws {
        let job = try job(data)
        #expect(job.budget == .bytes(4_000) && job.networks.map(\.name) == ["a"])
        #expect(job.places["network a"]?.line == 3)
    }

    @Test func whatIsNoTextIsToldWithItsLine() {
        let error = #expect(throws: InputError.self) {
            try job(Data("a: 1\nb: \u{FF}".unicodeScalars.map { UInt8($0.value) }))
        }
        #expect(error?.place?.line == 2 && error?.problem == "it is not UTF-8")
    }

    @Test func mergedKeysStandBehindTheNetworksOwn() throws {
        let job = try Job(
            yaml: """
                networks:
                  - &common
                    name: a
                    weights: a.fold
                    importance: 2
                    data: {validation: 0.3}
                  - <<: *common
                    name: b
                    importance: 3
                  - <<: [{importance: 4}, *common]
                    name: c
                """, path: "j.yaml")
        #expect(job.networks.map(\.name) == ["a", "b", "c"])
        #expect(job.networks.map(\.importance) == [2, 3, 4])
        for network in job.networks {
            guard case .fraction(let share) = network.validation else {
                Issue.record("no share")
                return
            }
            #expect(share == 0.3)
        }
    }

    @Test(arguments: ["<<: 3", "<<: [3]", "\"<<\": {importance: 2}"])
    func whatCannotBeMergedIsAKeyThatIsNotKnown(line: String) {
        let error = #expect(throws: InputError.self) {
            try Job(yaml: "networks:\n  - name: a\n    weights: b\n    \(line)", path: "j.yaml")
        }
        #expect(error?.problem == "<< is not known here" && error?.place?.line == 4)
    }

    /// Every level doubles the merges: 2^30 of them if all were made.
    @Test func aShortTextThatStandsForMuchEnds() {
        var yaml = "a0: &a0 {importance: 1}\n"
        for level in 1...30 {
            yaml += "a\(level): &a\(level) {<<: [*a\(level - 1), *a\(level - 1)], k\(level): 1}\n"
        }
        yaml += "networks:\n  - {<<: *a30, name: a, weights: b}"
        #expect(throws: InputError.self) { try Job(yaml: yaml, path: "j.yaml") }
    }

    /// The same in lists, which nobody unfolds.
    @Test func nestedListsAreNotUnfolded() {
        var yaml = "a0: &a0 [x, x]\n"
        for level in 1...24 { yaml += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        yaml += "networks:\n  - {name: a, input: [1, 1, 1], layers: *a24}"
        #expect(throws: InputError.self) { try Job(yaml: yaml, path: "j.yaml") }
    }

    static let syntax: [(yaml: String, place: String, told: String)] = [
        ("a: 1\nb: [1, 2\nc: 3", "3:2", "flow sequence"), ("a: 1\n\tb: 2", "2:1", "a tab"),
        ("a: 'x", "1:6", "quoted scalar"),
        ("a: 1\na: 2", "1:1", "the key a stands twice"), ("a: *b", "1:4", "alias"),
    ]

    @Test(arguments: syntax)
    func brokenSyntaxIsToldWithItsPlace(yaml: String, place: String, told: String) {
        let error = #expect(throws: InputError.self) { try Job(yaml: yaml, path: "j.yaml") }
        #expect(error?.field == "YAML" && error?.place?.description == place, "\(error?.description ?? "")")
        #expect(error?.problem.contains(told) == true)
        #expect(error?.description.contains("\n") == false)
    }
}
