// Which format the tails of networks get, and what is refused.

import PagefoldCore
import PagefoldGraph
import Testing

@testable import PagefoldPacking

@Suite struct TailFormatTests {
    /// A dense layer whose scales and biases are given numbers.
    private static func task(scale: Float, bias: Float) throws -> PackingTask {
        var task = try SmallProblem.tasks()[1]
        task.network = task.network.addingChannelScales()
        let step = task.network.program.steps[0]
        task.network.weights[Int(step.scale)] = scale
        task.network.weights[Int(step.bias)] = bias
        return task
    }

    @Test(
        arguments: [
            (1, 0, NumberFormat.float8), (0, 100, .float8), (0.008, 1, .float8), (0.0078, 0, .float16),
            (1, 113, .float16), (1e-5, 0, .float32), (1, 1e5, .float32), (1, 2e4, .float32),
        ] as [(Float, Float, NumberFormat)])
    func theNarrowestThatHoldsAllIsTaken(scale: Float, bias: Float, format: NumberFormat) throws {
        var settings = SmallProblem.settings()
        settings.format = .int2
        let task = try Self.task(scale: scale, bias: bias)
        let tasks = [try SmallProblem.tasks()[0], task]
        // A network that needs more has no say about its neighbours.
        #expect(try settings.choosingTails(for: tasks).map(\.tailFormat) == [.float8, format])
        settings.format = .float32
        #expect(try settings.choosingTails(for: tasks).map(\.tailFormat) == [.float32, .float32])
        settings.format = .int8
        #expect(
            try settings.choosingTails(for: tasks).map(\.tailFormat)
                == [.float16, format == .float32 ? .float32 : .float16])
    }

    @Test func aNamedFormatThatCutsNumbersOffIsRefused() throws {
        var settings = SmallProblem.settings()
        settings.tailFormat = .float16
        let error = #expect(throws: InputError.self) {
            try settings.choosingTails(for: [Self.task(scale: 1, bias: 1e5)])
        }
        #expect(error?.field == "tail_format" && error?.problem.contains("100000") == true)
        settings.tailFormat = .float8
        #expect(throws: InputError.self) { try settings.choosingTails(for: [Self.task(scale: 449, bias: 0)]) }
        #expect(try settings.choosingTails(for: [Self.task(scale: 448, bias: 0)])[0].tailFormat == .float8)
    }

    /// Tails are floats: a job file, the command line and a program that name another format are told so.
    @Test func formatsOfFramesAloneAreRefused() throws {
        var settings = SmallProblem.settings()
        var error = #expect(throws: InputError.self) {
            try settings.apply(["tail_format": "int4"], from: .file("f"))
        }
        #expect(error?.remedy == "write auto or one of float32, float16, float8")
        settings.tailFormat = .int4
        error = #expect(throws: InputError.self) { try settings.validated() }
        #expect(error?.field == "tail_format" && error?.problem.hasPrefix("int4") == true)
    }
}
