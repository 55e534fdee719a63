// Everything that decides the bytes of a packing run, as one text: a checkpoint of another job is not resumed.

import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldFold
import PagefoldGraph

enum JobIdentity {
    /// - Parameter fingerprint: what the caller adds, such as a checksum of the job file.
    static func text(
        settings: PackingSettings, tasks: [PackingTask], fingerprint: String
    ) throws(InputError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let json = try? encoder.encode(settings) else {
            throw InputError(
                .settings, field: "numbers", problem: "one is not finite",
                remedy: "choose finite numbers")
        }
        let networks = tasks.map { task in
            let check = task.network.weights.withUnsafeBytes { CRC32C.checksum($0) }
            let program = CRC32C.checksum(
                task.foldedProgram.encoded(with: task.text) + task.text.encoded.utf8)
            let data = "\(checksum(of: task.training)) \(checksum(of: task.validation))"
            let measure = task.unseenAccuracy.map { "\($0)" } ?? "-"
            let trained = "\(task.importance) \(task.batch ?? settings.training.batch) \(task.tailFormat)"
            return
                "\(task.network.name) \(check) \(program) \(data) \(trained) \(measure) \(task.objective.identity)"
        }
        let parts = [String(decoding: json, as: UTF8.self), fingerprint, instructionSet, pagefoldVersion]
        return (parts + networks).joined(separator: "\n")
    }

    /// Count, all labels and some samples: other data under the same name is another job.
    private static func checksum(of source: any SampleSource) -> String {
        var check = CRC32C()
        let numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: source.numberCount)
        defer { numbers.deallocate() }
        numbers.initialize(repeating: 0)
        for index in 0..<source.count {
            withUnsafeBytes(of: source.label(index).littleEndian) { check.update($0) }
            source.copyNumbers(index, into: numbers)
            check.update(UnsafeRawBufferPointer(numbers))
        }
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: source.shape.count)
        defer { buffer.deallocate() }
        buffer.initialize(repeating: 0)
        for index in spread(64, of: source.count) {
            source.copySample(index, variant: nil, into: buffer)
            check.update(UnsafeRawBufferPointer(buffer))
        }
        return "\(source.count) \(check.value)"
    }
}
