// The core as Embedded Swift on an emulated Cortex-M4 (STM32F405), against the core on this machine, bit for bit: every
// operation, every format, and files that are not what they say. PAGEFOLD_FIRMWARE names the folder that Firmware/build.sh
// prints; .ci/run sets it.

import Foundation
import PagefoldCore
import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite(
    .enabled(
        if: Board.program != nil,
        "PAGEFOLD_FIRMWARE is not set: run Firmware/build.sh, and install qemu-system-arm"))
struct FirmwareTests {
    /// Each operation, with frames and tails of the formats in turn.
    @Test func everyOperationAnswersBitForBit() throws {
        let board = try Board()
        for (index, item) in OperationCase.all.enumerated() {
            let network = try item.network.lowered(for: .inference)
            guard network.program.hasSinglePorts, network.program.states.isEmpty else { continue }
            let format = NumberFormat.allCases[index % NumberFormat.allCases.count]
            var fold = network.alone(pageSize: 16)
            fold.formats.pool = format
            fold.networks[0].tailFormat = NumberFormat.ofVectors[index % 3]
            if format.hasQuantum {
                fold.quanta = (0..<fold.frameCount).map { 1 / Float(4 << ($0 % 4)) }
            }
            let sample = randomNumbers(network.program.inputShape.count, seed: UInt64(index))
            let bytes = fold.encoded()
            let expected = try SmallFold.aligned(bytes) { raw in
                try FoldReader(raw).networks[0].interpret(input: sample)
            }
            let answer = try board.run(bytes, network: 0, sample)
            #expect(answer.status == 0, "\(item): \(answer.text)")
            #expect(answer.bits == expected.map(\.bitPattern), "\(item) as \(format)")
        }
    }

    /// Exclusive pages, patches, several networks.
    @Test(arguments: [0, 1], NumberFormat.allCases)
    func foldsWithAllThatTheyCanHold(network: Int, format: NumberFormat) throws {
        let board = try Board()
        let bytes = try SmallFold.make(
            formats: WeightFormats(pool: format, exclusivePages: format), tails: [.float8, .float16]
        ).encoded()
        try SmallFold.aligned(bytes) { raw in
            let view = try FoldReader(raw).networks[network]
            let sample = randomNumbers(view.program.inputShape.count, seed: 5)
            let answer = try board.run(bytes, network: network, sample)
            #expect(answer.status == 0, "\(answer.text)")
            #expect(answer.bits == view.interpret(input: sample).map(\.bitPattern))
        }
    }

    /// Damaged files with right checksums: the board refuses what this machine refuses, answers as it does, or has too
    /// little memory, and says so. It never faults.
    @Test func forgedFilesNeverFault() throws {
        let board = try Board()
        let bytes = try SmallFold.make(formats: WeightFormats(pool: .int4)).encoded()
        var random = RandomSource(seed: 11)
        let count = ProcessInfo.processInfo.environment["PAGEFOLD_FORGED"].flatMap { Int($0) } ?? 60
        var refused = 0
        for _ in 0..<count {
            var forged = bytes
            for _ in 0..<1 + random.next() % 3 {
                forged[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            forged = SmallFold.repaired(forged)
            let isRead = SmallFold.aligned(forged) { raw in
                guard let reader = try? FoldReader(raw) else { return false }
                // What would take minutes here takes hours there.
                return reader.networks[0].program.work < 1_000_000
            }
            let sample = [Float](repeating: 0.5, count: 40)
            let answer = try board.run(forged, network: 0, sample)
            #expect(answer.status == 0 || answer.status == 2 || answer.status == 3, "\(answer.text)")
            if answer.text.contains("the fold file is refused") { refused += 1 }
            if !isRead { #expect(answer.status != 0, "\(answer.text)") }
        }
        #expect(refused > count / 2)
    }
}

/// An emulated board that runs `Answers`.
private final class Board {
    static let program: String? = {
        guard let folder = ProcessInfo.processInfo.environment["PAGEFOLD_FIRMWARE"] else { return nil }
        return folder + "/Answers"
    }()

    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "pagefold-board-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    struct Answer {
        var status: Int32
        var text: String
        /// Bits of the answers, where there are any.
        var bits: [UInt32]
    }

    func run(_ fold: [UInt8], network: Int, _ sample: [Float]) throws -> Answer {
        try Data(fold).write(to: URL(fileURLWithPath: folder + "/a.fold"))
        try sample.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: folder + "/a.bin"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.arguments = [
            "timeout", "60", "qemu-system-arm", "-M", "netduinoplus2", "-nographic", "-monitor", "none",
            "-serial",
            "null", "-kernel", try #require(Self.program), "-semihosting-config",
            "enable=on,target=native,arg=Answers,arg=a.fold,arg=\(network),arg=a.bin",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        let words = text.split(separator: "\n").filter { $0.utf8.count == 8 }
        return Answer(
            status: process.terminationStatus, text: text, bits: words.compactMap { UInt32($0, radix: 16) })
    }
}
