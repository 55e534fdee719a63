// Ports and states in a fold file: what is written is read, what is forged is refused, and nothing costs more than it did.

@testable import PagefoldCore
@testable import PagefoldFold
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct PortTests {
    /// Reads the bytes; when they are accepted, runs the networks.
    @discardableResult
    private func survives(_ bytes: [UInt8]) -> Bool {
        SmallFold.aligned(SmallFold.repaired(bytes)) { raw in
            guard let reader = try? FoldReader(raw) else { return false }
            for network in reader.networks
            where network.program.work < 2_000_000 && network.program.arenaCount < 1 << 22 {
                _ = network.interpret()
                for (port, output) in zip(network.text.outputs, network.program.outputs)
                where network.program.values[output.value].count < 1 << 16 {
                    _ = port.outsideIndices(of: network.program.values[output.value])
                }
            }
            return true
        }
    }

    private func problem(_ bytes: [UInt8]) -> FoldError? {
        do {
            _ = try SmallFold.aligned(SmallFold.repaired(bytes)) { raw in try FoldReader(raw).fileSize }
            return nil
        } catch { return error as? FoldError }
    }

    @Test(arguments: [true, false], [true, false])
    func portsAndStatesAreWrittenAndRead(hasPorts: Bool, hasStates: Bool) throws {
        let lowered = try PortCase.network(hasPorts: hasPorts, hasStates: hasStates).lowered(for: .inference)
        let fold = lowered.alone(pageSize: 16)
        let bytes = fold.encoded()
        try SmallFold.aligned(bytes) { raw in
            let reader = try FoldReader(raw)
            #expect(reader.fold() == fold)
            #expect(reader.fold().encoded() == bytes)
            guard hasStates else { return }
            let samples = PortCase.samples(20)
            #expect(reader.networks[0].interpret(runs: samples) == lowered.interpret(runs: samples))
        }
    }

    /// Each number of the section of a network with everything that is not usual, from docs/format.md.
    @Test func theBytesAreThoseOfTheFormat() throws {
        var step = Step(opcode: .add, input: 0, output: 3)
        step.secondInput = 2
        let program = Program(
            values: [2, 3, 2, 2].map { Shape(channels: $0) }, inputs: 2, states: [3], steps: [step],
            outputs: [ProgramOutput(value: 3), ProgramOutput(value: 1)], pagedCount: 0, weightCount: 0)
        let text = NetworkText(
            name: "n",
            inputs: [NetworkPort(name: "input"), NetworkPort(name: "b", preprocessing: "p")],
            outputs: [
                NetworkPort(name: "o", meaning: .raw, labels: ["x", "y"]),
                NetworkPort(
                    name: "output2", axes: [.init(1, .width), .init(3, .channels)], element: .int8, scale: 2,
                    zeroPoint: -1),
            ])
        #expect(
            program.encoded(with: text) == [
                4, 1, 0, 0, 0b1111,  // values, steps, paged weights, weights, fields
                2, 1, 3, 2, 3, 3, 1, 1,  // inputs; states: one, value 3; outputs: two, value and scores
                2, 1, 1, 3, 1, 1, 2, 1, 1, 2, 1, 1,  // shapes
                10, 0x80, 0x10, 2,  // add, field 11: second operand 2; operand 0 and result 3 are usual
                0, 0,  // two usual inputs
                4, 3,  // meaning: raw
                3, 2, 1, 2, 3, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x04, 127,  // axes 1 W, 3 C; int8, 2.0, −1 + 128
            ])
        #expect(text.encoded == "n\n\nb\tp\no\tx\ty")
        let fold = Fold(
            pageSize: 4, pool: [],
            networks: [FoldedNetwork(text: text, program: program, pageTable: [], tail: [])])
        #expect(try SmallFold.aligned(fold.encoded()) { raw in try FoldReader(raw).fold() } == fold)
    }

    // MARK: Damage

    @Test(arguments: [FoldSection.program, .text]) func everyPrefixEndsWell(kind: FoldSection) throws {
        let bytes = try SmallFold.makePorts().encoded()
        let range = try #require(SmallFold.range(of: kind, network: 0, in: bytes))
        for length in 0..<range.count {
            let accepted = survives(SmallFold.resized(kind, network: 0, to: length, in: bytes))
            // A shorter text may be a text.
            #expect(!accepted || kind == .text, "\(length) bytes")
        }
    }

    @Test(arguments: [FoldSection.program, .text]) func everyFlippedBitEndsWell(kind: FoldSection) throws {
        let bytes = try SmallFold.makePorts().encoded()
        var refused = 0
        for position in try #require(SmallFold.range(of: kind, network: 0, in: bytes)) {
            for bit in 0..<8 {
                var forged = bytes
                forged[position] ^= 1 << bit
                if !survives(forged) { refused += 1 }
            }
        }
        #expect(refused > 0)
    }

    @Test func manyForgedBytesEndWell() throws {
        let bytes = try SmallFold.makePorts().encoded()
        let range = try #require(SmallFold.range(of: .program, network: 0, in: bytes))
        var random = RandomSource(seed: 3)
        var accepted = 0
        for _ in 0..<3_000 {
            var forged = bytes
            for _ in 0..<1 + random.below(3) {
                let value = [0, 1, 2, 3, 127, 255, random.below(256)][random.below(7)]
                forged[range.lowerBound + random.below(range.count)] = UInt8(value)
            }
            if survives(forged) { accepted += 1 }
        }
        #expect(accepted > 0)
    }

    struct Forgery: Sendable, CustomStringConvertible {
        let description: String
        let told: String
        let make: @Sendable (inout FoldedNetwork) -> Void
    }

    static let forgeries: [Forgery] = [
        Forgery(description: "twice one name", told: "has no name of its own") {
            $0.text.inputs[1].name = "image"
        },
        Forgery(description: "twice one output", told: "has no name of its own") {
            $0.text.outputs[0].name = "level"
        },
        Forgery(description: "another shape", told: "axes that do not make 2×5×4") {
            $0.text.inputs[0].axes = [.init(5, .height), .init(4, .width), .init(3, .channels)]
        },
        Forgery(description: "an axis of 0", told: "axes that do not make 3×1×1") {
            $0.text.inputs[1].axes = [.init(0, .height), .init(3, .channels)]
        },
        Forgery(description: "axes that overflow", told: "axes that do not make 3×1×1") {
            $0.text.inputs[1].axes = [NetworkPort.Axis](repeating: .init(1 << 28, .channels), count: 8)
        },
        Forgery(description: "nine axes", told: "9 axes, at most 8") {
            $0.text.inputs[1].axes =
                [NetworkPort.Axis](repeating: .init(1, .width), count: 8) + [.init(3, .channels)]
        },
        Forgery(description: "scale 0", told: "has scale 0") { $0.text.inputs[0].scale = 0 },
        Forgery(description: "scale below 0", told: "has scale -1") { $0.text.inputs[0].scale = -1 },
        Forgery(description: "scale not finite", told: "has scale nan") { $0.text.inputs[0].scale = .nan },
        Forgery(description: "zero point outside", told: "has zero point 256") {
            $0.text.inputs[0].zeroPoint = 256
        },
        Forgery(description: "zero point beyond 32 bits", told: "zero point 4294967295") {
            $0.text.inputs[0].zeroPoint = 4_294_967_295
        },
        Forgery(description: "an input that means something", told: "unknown fields") {
            $0.text.inputs[0].meaning = .raw
        },
        Forgery(description: "preprocessing of two words", told: "input 0 has 3 words") {
            $0.text.inputs[0].preprocessing = "TWO"
        },
        Forgery(description: "no answer", told: "0 outputs") {
            $0.program.outputs = []
            $0.text.outputs = []
        },
        Forgery(description: "no input", told: "0 inputs") {
            $0.program.inputs = 0
            $0.text.inputs = []
        },
        Forgery(description: "too many inputs", told: "257 inputs, at most 256") {
            $0.program.inputs = 257
            $0.program.values += [Shape](repeating: Shape(channels: 1), count: 300)
            $0.text.inputs = (0..<257).map { NetworkPort(name: "\($0)") }
        },
        Forgery(description: "a state that is no value", told: "its answer is not a value") {
            $0.program.states[0] = 99
        },
        Forgery(description: "a state that is never computed", told: "its answer is never computed") {
            $0.program.values.append($0.program.values[2])
            $0.program.states[0] = $0.program.values.count - 1
        },
        Forgery(description: "a state of another shape", told: "state 0 is 6×1×1 and becomes 3×1×1") {
            $0.program.states[0] = 1
        },
        Forgery(description: "a step that writes a state", told: "is not free") {
            $0.program.steps[1].output = 2
        },
        Forgery(description: "values beyond all memory", told: "bytes at a time") {
            // Two inputs that nobody reads: each as large as an arena.
            $0.program = Program(
                values: [Shape(channels: 1 << 28), Shape(channels: 1 << 28)], inputs: 2, steps: [],
                outputs: [ProgramOutput(value: 0), ProgramOutput(value: 1)],
                pagedCount: $0.program.pagedCount,
                weightCount: $0.program.weightCount)
            $0.text = NetworkText(
                name: "huge", inputs: ["a", "b"].map { NetworkPort(name: $0) },
                outputs: ["c", "d"].map { NetworkPort(name: $0) })
        },
    ]

    @Test(arguments: forgeries) func whatIsForgedIsTold(forgery: Forgery) throws {
        var fold = try SmallFold.makePorts()
        forgery.make(&fold.networks[0])
        var bytes = fold.encoded()
        // A word too many, which no writer makes.
        if let text = SmallFold.range(of: .text, network: 0, in: bytes) {
            for place in text where bytes[place] == UInt8(ascii: "W") { bytes[place] = UInt8(ascii: "\t") }
        }
        let error = problem(bytes)
        #expect(error?.network == 0)
        #expect(error?.problem.contains(forgery.told) == true, "\(error?.problem ?? "accepted")")
    }

    @Test func aTextOfMoreLinesThanPortsIsRefused() throws {
        let bytes = try SmallFold.makePorts().encoded()
        let text = try #require(SmallFold.range(of: .text, network: 0, in: bytes))
        var longer = SmallFold.resized(.text, network: 0, to: text.count + 4, in: bytes)
        for place in text.upperBound..<text.upperBound + 4 { longer[place] = UInt8(ascii: "\n") }
        #expect(problem(longer)?.problem == "9 lines for 4 ports")
    }

    @Test func anOldFileIsToldWithItsRemedy() throws {
        var bytes = try SmallFold.make().encoded()
        bytes[8] = 2
        let told = problem(bytes)?.inFile("old.fold").description
        #expect(
            told
                == "old.fold: header: version 2, written by Pagefold 0.2; this is version 3; pack it again from its "
                + "job file with this version, or run it with the old one")
    }

    // MARK: Order and size

    @Test func numbersKnowTheirPlaceOutside() {
        let shape = Shape(channels: 2, height: 2, width: 3)
        let last = NetworkPort(name: "", axes: [.init(2, .height), .init(3, .width), .init(2, .channels)])
        #expect(last.outsideIndices(of: shape) == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11])
        #expect(NetworkPort(name: "").outsideIndices(of: shape) == Array(0..<12))
        // Channels that are two axes outside, the width between them.
        let split = NetworkPort(name: "", axes: [.init(2, .channels), .init(2, .width), .init(3, .channels)])
        #expect(
            split.outsideIndices(of: Shape(channels: 6, height: 1, width: 2)) == [
                0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11,
            ])
    }

    /// Version 2 had four numbers a value, logits and answer, and a text of a line for each class.
    @Test(arguments: OperationCase.all) func nothingCostsMoreThanInVersion2(test: OperationCase) throws {
        let lowered = try test.network.lowered(for: .inference)
        let program = lowered.program
        for labels in [[], ["one", "two"]] {
            for preprocessing in ["", "scale divisor=255"] {
                let text = NetworkText(name: test.network.name, preprocessing: preprocessing, classes: labels)
                var old = NumberWriter()
                old.append(ArenaPlan(program).values.map { $0 / 4 } + [program.logits, program.output])
                let now = program.encoded(with: text).count + text.encoded.utf8.count
                let bare = program.encoded(with: lowered.text).count - 1
                let before =
                    bare + old.bytes.count
                    + ([text.name, preprocessing] + labels).joined(separator: "\n").utf8.count
                #expect(now <= before)
            }
        }
    }
}
