// What `Program.validate` refuses of operations along axes, of products, tables and recurrent layers: one mistake at a time,
// and sizes that no integer holds.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct SequenceProgramTests {
    /// Steps: 0 transpose, 1 slice, 2 reduce, 3 resize, 4 matrix product, 5 reshape, 6 embedding, 7 recurrent.
    private static func program() throws -> Program {
        var builder = NetworkBuilder("right", input: Shape(channels: 2, height: 3, width: 4))
        builder.add(.transpose(.cwh))
        let rows = builder.add(.slice(axis: 1, start: 1, count: 6, pace: 1, border: .reflect))
        builder.add(.reduce(.maximum, axis: 0))
        let one = builder.add(.resize(axis: 1, size: 5, .linear, factor: 1, first: 0))
        builder.add(.matrixProduct(isSecondTransposed: true), from: [rows, one])
        builder.add(.reshape(Shape(channels: 60)))
        builder.add(.embedding(rows: 9, length: 2))
        builder.add(.recurrent(RecurrentForm(.lstm), units: 3))
        return try builder.network.lowered(for: .inference).program
    }

    static let mistakes: [Mistake] = [
        Mistake(description: "no order of axes", told: "no order 5") { $0.steps[0].mode = 5 },
        Mistake(description: "another order", told: "is due") { $0.steps[0].mode = 1 },
        Mistake(description: "no border", told: "no border 4") { $0.steps[1].mode = 4 },
        Mistake(description: "a slice along no axis", told: "no axis 3") { $0.steps[1].axis = 3 },
        Mistake(description: "a slice along another axis", told: "differ in more than one") {
            $0.steps[1].axis = 2
        },
        Mistake(description: "reflected twice", told: "reflects more") { $0.steps[1].start = 2 },
        Mistake(description: "a place of 32 bits", told: "reaches place") { $0.steps[1].pace = .max },
        Mistake(description: "a place below 32 bits", told: "reaches place") {
            $0.steps[1].mode = 2
            ($0.steps[1].start, $0.steps[1].pace) = (.min, 1)
        },
        Mistake(description: "a number that no border has", told: "does not use") { $0.steps[1].alpha = 1 },
        Mistake(description: "no reduction", told: "no reduction 7") { $0.steps[2].mode = 7 },
        Mistake(description: "a reduction along no axis", told: "no axis 255") { $0.steps[2].axis = 255 },
        Mistake(description: "a reduction of another axis", told: "is due") { $0.steps[2].axis = 1 },
        Mistake(description: "no interpolation", told: "no interpolation 3") { $0.steps[3].mode = 3 },
        Mistake(description: "far steps", told: "far outside") { $0.steps[3].alpha = 0x1p21 },
        Mistake(description: "a first place that is no number", told: "not finite") {
            $0.steps[3].beta = .nan
        },
        Mistake(description: "no product", told: "no product 2") { $0.steps[4].mode = 2 },
        Mistake(description: "not transposed", told: "inner sizes differ") { $0.steps[4].mode = 0 },
        Mistake(description: "no second matrix", told: "second operand") {
            $0.steps[4].secondInput = Step.none16
        },
        Mistake(description: "no rows", told: "a table of 0 rows") { $0.steps[6].rows = 0 },
        Mistake(description: "all rows", told: "a table of") { $0.steps[6].rows = .max },
        Mistake(description: "more rows than weights", told: "weights lie outside") {
            $0.steps[6].rows = 1 << 24 - 1
        },
        Mistake(description: "a scale for each row but one", told: "scale lies outside") {
            $0.steps[6].scale = UInt32($0.weightCount - 8)
        },
        Mistake(description: "no recurrent layer", told: "no recurrent layer 8") { $0.steps[7].mode = 8 },
        Mistake(description: "another cell", told: "weights lie outside") {
            // Plain, whose units are then six: more columns than the weights have.
            $0.steps[7].mode = 0
            $0.steps[7].weights = UInt32($0.weightCount - 47)
        },
        Mistake(description: "half a unit", told: "makes") { $0.values[8].height = 5 },
        Mistake(description: "fewer moments", told: "is due") { $0.values[8].channels = 59 },
        Mistake(description: "too many units", told: "units over") { $0.values[8].height = 1 << 15 + 2 },
        Mistake(description: "a first state of the input's size", told: "begins with") {
            $0.steps[7].secondInput = 0
        },
        Mistake(description: "a bias too short", told: "bias lies outside") {
            $0.steps[7].bias = UInt32($0.weightCount - 11)
        },
        Mistake(description: "a scale for each row but one, of gates", told: "scale lies outside") {
            $0.steps[7].scale = UInt32($0.weightCount - 11)
        },
    ]

    @Test func theRightOneIsAccepted() throws { try Self.program().validate() }

    @Test(arguments: mistakes)
    func aWrongStepIsRefused(mistake: Mistake) throws {
        var program = try Self.program()
        mistake.make(&program)
        let error = #expect(throws: FoldError.self) { try program.validate() }
        #expect(error?.problem.contains(mistake.told) == true, "\(error?.problem ?? "nothing")")
    }

    /// Sizes that are allowed alone. Whatever comes of it, nothing traps.
    @Test(arguments: 0..<9, [1 << 14, 1 << 28, Int(Int32.max)])
    func sizesBeyondAllNumbers(value: Int, size: Int) throws {
        for change: (inout Shape) -> Void in [
            { $0.channels = size }, { $0.height = size }, { $0.width = size },
            { ($0.channels, $0.height) = (size, size) },
        ] {
            var program = try Self.program()
            change(&program.values[value])
            #expect(throws: FoldError.self) { try program.validate() }
        }
    }
}
