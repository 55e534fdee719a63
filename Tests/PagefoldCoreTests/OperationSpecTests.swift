// One spec an operation: what follows from it does. Documents name every operation and its attributes, the table of
// cases has them all, and a step that uses a field it has no use for is refused.

import Foundation
import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct OperationSpecTests {
    private static let programs: [Program] = OperationCase.all.compactMap {
        try? $0.network.lowered(for: .training).program
    }

    @Test(arguments: Opcode.allCases) func everyOpcodeHasACase(opcode: Opcode) {
        #expect(
            Self.programs.contains { $0.steps.contains { $0.opcode == opcode } },
            "OperationCases has no network with \(opcode.spec.name)")
    }

    /// The cells of a document's table rows behind a heading.
    private static func table(_ document: String, after heading: String) throws -> [[String]] {
        let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized
        let text = try String(contentsOf: root.appendingPathComponent("docs/\(document)"), encoding: .utf8)
        let lines = text.split(separator: "\n").drop { $0 != heading }.dropFirst()
        let rows = lines.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2)
        return rows.map { row in
            row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }

    @Test func theGuideNamesEveryOperationAndItsAttributes() throws {
        let rows = try Self.table("adding-an-op.md", after: "## What each operation computes")
        #expect(rows.map { $0[0] } == Opcode.allCases.map(\.spec.name))
        #expect(rows.map { $0[1] } == Opcode.allCases.map { $0.spec.attributes.joined(separator: ", ") })
    }

    @Test func theFormatNamesEveryOpcode() throws {
        let rows = try Self.table(
            "format.md", after: "that its step does not use has the value of the last column.")
        #expect(rows.map { $0[0] } == Opcode.allCases.map { "\($0.rawValue)" })
        for (row, opcode) in zip(rows, Opcode.allCases) { #expect(row[1].hasPrefix(opcode.spec.name)) }
    }

    static let fields: [(name: String, change: @Sendable (inout Step) -> Void, set: StepFieldSet)] = [
        ("activation", { $0.activation = .tanh }, .activation),
        ("weight offset", { $0.weights = 0 }, .weights),
        ("bias", { $0.bias = 0 }, .bias), ("scale", { $0.scale = 0 }, .scale),
        ("window", { $0.kernelWidth = 2 }, .window), ("stride", { $0.strideHeight = 2 }, .stride),
        ("padding", { $0.padLeft = 1 }, .padding), ("second operand", { $0.secondInput = 0 }, .secondOperand),
        ("number", { $0.alpha = 0.5 }, .number), ("dilation", { $0.dilationHeight = 2 }, .dilation),
        ("groups", { $0.groups = 2 }, .groups), ("mode", { $0.mode = 1 }, .mode),
        ("axis", { $0.axis = 1 }, .axis), ("second number", { $0.beta = 0.5 }, .secondNumber),
        ("start", { $0.start = -1 }, .start), ("pace", { $0.pace = 2 }, .pace),
        ("rows", { $0.rows = 3 }, .rows),
    ]

    @Test(arguments: Opcode.allCases) func aFieldWithoutUseIsRefused(opcode: Opcode) throws {
        var program = try #require(Self.programs.first { $0.steps.contains { $0.opcode == opcode } })
        let index = try #require(program.steps.firstIndex { $0.opcode == opcode })
        let right = program.steps[index]
        for (name, change, set) in Self.fields where !opcode.spec.fields.contains(set) {
            program.steps[index] = right
            change(&program.steps[index])
            let error = #expect(throws: FoldError.self) { try program.validate() }
            #expect(
                error?.problem == "step \(index) (\(opcode.spec.name)): has a \(name) that it does not use")
        }
    }

    @Test func aFusedSlopeBelowZeroIsRefused() throws {
        var program = try #require(Self.programs.first { $0.steps[0].opcode == .convolution })
        program.steps[0].alpha = -0.1
        #expect(throws: FoldError.self) { try program.validate() }
    }

    @Test func parametersLieOneBehindTheOther() throws {
        var builder = NetworkBuilder("vectors", input: Shape(channels: 3, height: 2, width: 2))
        builder.add(.batchNormalisation(epsilon: 1e-3))
        builder.add(.convolution(outputs: 4, window: Window(height: 2, width: 1)))
        let program = try builder.network.lowered(for: .inference).program
        let normal = program.parameters(of: program.steps[0])
        #expect(normal.map(\.role) == [.gamma, .beta, .mean, .variance])
        #expect(normal.map(\.range.count) == [3, 3, 3, 3])
        #expect(zip(normal, normal.dropFirst()).allSatisfy { $0.range.upperBound == $1.range.lowerBound })
        let layer = program.parameters(of: program.steps[1])
        #expect(layer.map(\.role) == [.weight, .bias] && layer[0].range == 0..<24 && layer[0].rows == 4)
        #expect(program.rowLength(of: program.steps[1]) == 6)
    }
}
