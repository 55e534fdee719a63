// Runs that are cut off and go on: the same bytes in the end. Checkpoints that are damaged or another job's.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph
import Testing

@testable import PagefoldPacking

@Suite struct RunCheckpointTests {
    /// Packs and keeps the checkpoint that was there when `step` was done.
    private func checkpoint(
        at step: Int, in folder: TemporaryFolder, settings: PackingSettings = SmallProblem.settings()
    ) throws -> (path: String, result: PackingResult) {
        let path = folder("run.checkpoint")
        let copy = folder("copy-\(step).checkpoint")
        let result = try SmallProblem.pack(settings: settings, checkpoint: path, fingerprint: "job") {
            event in
            if case .stepped(step, _, _) = event {
                try? FileManager.default.copyItem(atPath: path, toPath: copy)
            }
        }
        return (copy, result)
    }

    @Test(arguments: [1, 5, 6, 12, 14], [1, 3])
    func aRunThatGoesOnEndsWithTheSameBytes(step: Int, threads: Int) throws {
        let folder = try TemporaryFolder()
        let (path, whole) = try checkpoint(at: step, in: folder)
        var resumed: Int?
        let rest = try SmallProblem.pack(threads: threads, checkpoint: path, fingerprint: "job") { event in
            if case .resumed(let step) = event { resumed = step }
        }
        #expect(resumed == (step - 1) / 4 * 4)
        #expect(rest.fold.encoded() == whole.fold.encoded())
        #expect(rest.history == whole.history)
        #expect(rest.best == whole.best)
        #expect(rest.matchingLoss == whole.matchingLoss)
    }

    /// Learning rates so absurd that activations overflow, of which at least one must recover by rolling back: a run
    /// cut off after that ends as the whole one.
    @Test func aRunThatRolledBackGoesOnTheSame() throws {
        var recovered = 0
        for exponent in stride(from: 8.0, through: 20, by: 1) {
            var settings = SmallProblem.settings()
            settings.training.learningRate = Float(pow(10, exponent))
            settings.training.warmUp = 0
            settings.training.steps = 24
            var rolledBack = false
            let whole = try? SmallProblem.pack(settings: settings) { event in
                if case .rolledBack = event { rolledBack = true }
            }
            guard let whole, rolledBack else { continue }
            recovered += 1
            let isFinite = whole.fold.pool.allSatisfy { $0.isFinite }
            #expect(isFinite)
            let folder = try TemporaryFolder()
            let (path, again) = try checkpoint(at: 9, in: folder, settings: settings)
            #expect(again.fold == whole.fold)
            let rest = try SmallProblem.pack(settings: settings, checkpoint: path, fingerprint: "job")
            #expect(rest.fold.encoded() == whole.fold.encoded())
        }
        #expect(recovered > 0, "no learning rate was absurd and recovered")
    }

    @Test func aFinishedRunsCheckpointGivesTheResultAgain() throws {
        let folder = try TemporaryFolder()
        let (_, whole) = try checkpoint(at: 14, in: folder)
        let again = try SmallProblem.pack(checkpoint: folder("run.checkpoint"), fingerprint: "job")
        #expect(again.fold == whole.fold)
    }

    @Test func anotherJobsCheckpointIsRefused() throws {
        let folder = try TemporaryFolder()
        let (path, _) = try checkpoint(at: 6, in: folder)
        var otherRate = SmallProblem.settings()
        otherRate.training.learningRate *= 2
        var otherImportance = try SmallProblem.tasks()
        otherImportance[0].importance = 2
        var otherWeights = try SmallProblem.tasks()
        otherWeights[1].network.weights[3] += 1
        let before = try contents(path)
        let errors = [
            #expect(throws: InputError.self) {
                try SmallProblem.pack(checkpoint: path, fingerprint: "other")
            },
            #expect(throws: InputError.self) {
                try SmallProblem.pack(settings: otherRate, checkpoint: path, fingerprint: "job")
            },
            #expect(throws: InputError.self) {
                try SmallProblem.pack(otherImportance, checkpoint: path, fingerprint: "job")
            },
            #expect(throws: InputError.self) {
                try SmallProblem.pack(otherWeights, checkpoint: path, fingerprint: "job")
            },
        ]
        for error in errors {
            #expect(error?.file == path)
            #expect(error?.problem == "it belongs to another job")
        }
        #expect(try contents(path) == before)
    }

    @Test func everyDamageIsNoticed() throws {
        let folder = try TemporaryFolder()
        let (path, _) = try checkpoint(at: 6, in: folder)
        let bytes = try contents(path)
        let damaged = folder("damaged")
        func isRefused(_ bytes: [UInt8]) throws -> Bool {
            try Data(bytes).write(to: URL(fileURLWithPath: damaged))
            do { _ = try Checkpoint.read(damaged) } catch {
                return error.file == damaged && error.problem == "it is damaged"
            }
            return false
        }
        var positions = Array(0..<40) + [bytes.count - 5, bytes.count - 1]
        positions += stride(from: 41, to: bytes.count, by: 397)
        for position in positions {
            var flipped = bytes
            flipped[position] ^= 0x10
            #expect(try isRefused(flipped), "byte \(position)")
            #expect(try isRefused(Array(bytes[..<position])), "\(position) bytes")
        }
        // Numbers that are wrong although the checksum is right.
        for (at, value) in [(8, 0xFF), (9, 0xFF), (15, 0xFF), (15, 0x7F), (8, 0)] as [(Int, UInt8)] {
            var forged = bytes
            forged[at] = value
            let sum = CRC32C.checksum(Array(forged.dropLast(4)))
            for i in 0..<4 { forged[bytes.count - 4 + i] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * i)) }
            #expect(try isRefused(forged), "byte \(at)")
        }
        let error = #expect(throws: InputError.self) {
            try Data(bytes.dropLast()).write(to: URL(fileURLWithPath: damaged))
            _ = try SmallProblem.pack(checkpoint: damaged, fingerprint: "job")
        }
        #expect(error?.remedy == "delete it to begin anew")
    }

    @Test func aCheckpointThatCannotBeWrittenEndsTheRun() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: InputError.self) {
            try SmallProblem.pack(checkpoint: folder("no such folder/run.checkpoint"))
        }
        #expect(error?.field == "writing")
    }
}
