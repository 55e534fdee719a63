// What `Program.validate` refuses: one mistake at a time in programs that are right otherwise.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

struct Mistake: Sendable, CustomStringConvertible {
    let description: String
    /// Part of what the error must say.
    let told: String
    let make: @Sendable (inout Program) -> Void
}

@Suite struct ProgramTests {
    /// Steps: 0 convolution, 1 max pool, 2 average pool, 3 concatenate, 4 dense, 5 softmax.
    private static func program() throws -> Program {
        var builder = NetworkBuilder("right", input: Shape(channels: 2, height: 6, width: 6))
        let start = builder.add(.convolution(outputs: 4, window: Window(height: 3, width: 3)))
        let window = Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)
        let most = builder.add(.maxPool(window))
        let mean = builder.add(.averagePool(window), from: [start])
        builder.add(.concatenate, from: [most, mean])
        builder.add(.dense(outputs: 3))
        builder.add(.softmax)
        return try builder.network.lowered(for: .inference).program
    }

    static let mistakes: [Mistake] = [
        Mistake(description: "reads ahead", told: "step 0") { $0.steps[0].input = 5 },
        Mistake(description: "reads nothing", told: "step 0") { $0.steps[0].input = 99 },
        Mistake(description: "writes twice", told: "step 1") { $0.steps[1].output = $0.steps[0].output },
        Mistake(description: "writes the input", told: "step 0") { $0.steps[0].output = 0 },
        Mistake(description: "writes nowhere", told: "step 2") { $0.steps[2].output = 99 },
        Mistake(description: "weights outside", told: "step 0") {
            $0.steps[0].weights = UInt32($0.weightCount - 1)
        },
        Mistake(description: "no weights", told: "step 0") { $0.steps[0].weights = Step.none32 },
        Mistake(description: "dense weights outside", told: "step 4") { $0.steps[4].weights += 1_000 },
        Mistake(description: "bias outside", told: "bias") { $0.steps[0].bias = UInt32($0.weightCount - 3) },
        Mistake(description: "scale outside", told: "scale") {
            $0.steps[0].scale = UInt32($0.weightCount - 3)
        },
        Mistake(description: "scale of a pool", told: "scale") { $0.steps[1].scale = 0 },
        Mistake(description: "kernel 0", told: "of 0") { $0.steps[0].kernelHeight = 0 },
        Mistake(description: "stride 0", told: "of 0") { $0.steps[1].strideWidth = 0 },
        Mistake(description: "dilation 0", told: "of 0") { $0.steps[0].dilationWidth = 0 },
        Mistake(description: "groups 0", told: "of 0") { $0.steps[0].groups = 0 },
        Mistake(description: "groups that do not divide", told: "groups") { $0.steps[0].groups = 3 },
        Mistake(description: "slope not finite", told: "finite") { $0.steps[0].alpha = .nan },
        Mistake(description: "pool beyond the image", told: "outside") { $0.steps[1].strideHeight = 200 },
        Mistake(description: "pool all in padding", told: "outside") { $0.steps[1].padTop = 2 },
        Mistake(description: "pool changes channels", told: "channels") { $0.values[2].channels = 3 },
        Mistake(description: "concatenation too long", told: "concatenate") { $0.values[4].channels += 1 },
        Mistake(description: "no second operand", told: "second operand") {
            $0.steps[3].secondInput = Step.none16
        },
        Mistake(description: "second operand ahead", told: "second operand") { $0.steps[3].secondInput = 6 },
        Mistake(description: "second operand in vain", told: "second operand") {
            $0.steps[4].secondInput = 40_000
        },
        Mistake(description: "dense onto an image", told: "vector") { $0.values[5].height = 2 },
        Mistake(description: "softmax changes shape", told: "step 5") { $0.values[6].channels = 4 },
        Mistake(description: "answer never computed", told: "answer") { $0.steps.removeLast() },
        Mistake(description: "answer is no value", told: "answer") { $0.output = 99 },
        Mistake(description: "scores are no value", told: "answer") { $0.logits = 99 },
        Mistake(description: "no input", told: "0 inputs") { $0.inputs = 0 },
        Mistake(description: "more inputs than values", told: "200 inputs") { $0.inputs = 200 },
        Mistake(description: "inputs that are written", told: "not free") { $0.inputs = 2 },
        Mistake(description: "no answer", told: "0 outputs") { $0.outputs = [] },
        Mistake(description: "too many answers", told: "300 outputs") {
            $0.outputs = [ProgramOutput](repeating: $0.outputs[0], count: 300)
        },
        Mistake(description: "more states than values", told: "8 states") {
            $0.states = [Int](repeating: 0, count: 8)
        },
        Mistake(description: "a window far outside", told: "too far outside") {
            $0.values[1].height = 1 << 24
            $0.steps[0].strideHeight = 255
        },
        Mistake(description: "more paged than there are", told: "paged") {
            $0.pagedCount = $0.weightCount + 1
        },
    ]

    @Test func theRightProgramIsAccepted() throws { try Self.program().validate() }

    @Test(arguments: mistakes)
    func aWrongProgramIsRefused(mistake: Mistake) throws {
        var program = try Self.program()
        mistake.make(&program)
        let error = #expect(throws: FoldError.self) { try program.validate() }
        #expect(error?.problem.contains(mistake.told) == true, "\(error?.problem ?? "nothing")")
    }

    @Test(arguments: [
        (Float.nan, Float.nan), (-.infinity, 1.6458e-38), (.infinity, 1.6516363e38), (0, 1), (1, 2.7182817),
        (-1, 0.36787945), (-87, 1.6458e-38), (20, 4.8516518e8), (0.34657359, 1.4142135),
    ])
    func exponentials(x: Float, expected: Float) {
        let got = exponential(x)
        #expect(expected.isNaN ? got.isNaN : abs(got - expected) <= 1e-4 * expected)
        #expect(expected.isNaN || abs(x) > 30 || abs(got - expected) <= 5e-7 * expected)
    }
}
