// What `Program.validate` refuses of arithmetic, functions, constants and of softmax and concatenation along axes: one mistake
// at a time. A constant reads nothing, so nothing lives for it.

import PagefoldCore
import PagefoldGraph
import PagefoldTestCases
import Testing

@Suite struct ArithmeticProgramTests {
    /// Steps: 0 constant, 1 multiply, 2 function, 3 parametric ReLU, 4 softmax, 5 concatenate, 6 activation, 7 power.
    private static func program() throws -> Program {
        var builder = NetworkBuilder("right", input: Shape(channels: 3, height: 2, width: 4))
        let numbers = builder.add(.constant(Shape(channels: 3)), from: [])
        builder.add(.multiply, from: [0, numbers])
        builder.add(.function(.elu, alpha: 0.5, beta: 1))
        let slopes = builder.add(.parametricRelu)
        let line = builder.add(.softmaxAlong(axis: 1, isLogarithm: true))
        builder.add(.concatenateAlong(axis: 2), from: [line, slopes])
        let clipped = builder.add(.activation(.clip, alpha: -1, beta: 2))
        builder.add(.power, from: [clipped, numbers])
        return try builder.network.lowered(for: .inference).program
    }

    static let mistakes: [Mistake] = [
        Mistake(description: "a constant of a second value", told: "second operand that it does not use") {
            $0.steps[0].secondInput = 0
        },
        Mistake(description: "a constant without numbers", told: "weights lie outside") {
            $0.steps[0].weights = Step.none32
        },
        Mistake(description: "a constant of too many numbers", told: "weights lie outside") {
            $0.values[1].width = 40
        },
        Mistake(description: "a constant beyond all arenas", told: "empty or too large") {
            ($0.values[1].height, $0.values[1].width) = (1 << 20, 1 << 20)
        },
        Mistake(description: "two channels for three", told: "whose sides differ") {
            $0.values[1].channels = 2
        },
        Mistake(description: "a product of one row", told: "is due") { $0.values[2].height = 1 },
        Mistake(description: "a product of one", told: "second operand") {
            $0.steps[1].secondInput = Step.none16
        },
        Mistake(description: "a product with what comes later", told: "second operand") {
            $0.steps[1].secondInput = 3
        },
        Mistake(description: "no function", told: "no function 22") { $0.steps[2].mode = 22 },
        Mistake(description: "a slope that no exponential has", told: "its function does not use") {
            ($0.steps[2].mode, $0.steps[2].beta) = (Function.exponential.rawValue, 0)
        },
        Mistake(description: "a factor that no power has", told: "its function does not use") {
            $0.steps[2].mode = Function.power.rawValue
        },
        Mistake(description: "a factor that is no number", told: "not finite") {
            $0.steps[2].beta = .infinity
        },
        Mistake(description: "a function of another shape", told: "is due") { $0.values[3].width = 5 },
        Mistake(description: "no slopes", told: "weights lie outside") { $0.steps[3].weights = Step.none32 },
        Mistake(description: "a slope too few", told: "weights lie outside") {
            $0.steps[3].weights = UInt32($0.weightCount - 2)
        },
        Mistake(description: "no softmax", told: "no softmax 2") { $0.steps[4].mode = 2 },
        Mistake(description: "a softmax along no axis", told: "no axis 3") { $0.steps[4].axis = 3 },
        Mistake(description: "a softmax of another shape", told: "is due") { $0.values[5].height = 1 },
        Mistake(description: "joined along no axis", told: "no axis 7") { $0.steps[5].axis = 7 },
        Mistake(description: "joined with another height", told: "differ in more than one axis") {
            ($0.steps[5].secondInput) = 1
        },
        Mistake(description: "joined along another axis", told: "is due") { $0.steps[5].axis = 0 },
        Mistake(description: "an upper bound below the lower", told: "bounds") { $0.steps[6].beta = -2 },
        Mistake(description: "a bound that is no number", told: "not finite") { $0.steps[6].alpha = .nan },
        Mistake(description: "bounds of a tanh", told: "slope -1.0") { $0.steps[6].activation = .tanh },
        Mistake(description: "an upper bound of a ReLU", told: "second number that it does not use") {
            ($0.steps[6].activation, $0.steps[6].alpha) = (.relu, 0)
        },
        Mistake(description: "a power of other sides", told: "whose sides differ") {
            $0.steps[7].secondInput = 2
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

    /// The input's place is free for the second function's result although a constant stands behind it.
    @Test func noValueLivesForAConstant() throws {
        func bytes(constantLast: Bool) throws -> Int {
            var builder = NetworkBuilder("late", input: Shape(channels: 100))
            let early = constantLast ? nil : builder.add(.constant(Shape(channels: 1)), from: [])
            builder.add(.function(.exponential), from: [0])
            let before = builder.add(.function(.sign))
            let numbers = early ?? builder.add(.constant(Shape(channels: 1)), from: [])
            builder.add(.multiply, from: [before, numbers])
            return ArenaPlan(try builder.network.lowered(for: .inference).program).byteCount
        }
        #expect(try bytes(constantLast: true) == 2 * 400 + 4)
        #expect(try bytes(constantLast: true) <= bytes(constantLast: false))
    }
}
