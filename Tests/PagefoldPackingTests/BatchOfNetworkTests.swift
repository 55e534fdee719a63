// A network may have its own number of samples in a step. Without shared frames it then trains as it would where all
// networks had that number.

import PagefoldCore
import PagefoldEngine
import PagefoldFold
import Testing

@testable import PagefoldPacking

@Suite struct BatchOfNetworkTests {
    private static func vector(own: Int?, job: Int, threads: Int = 2) throws -> [Float] {
        var tasks = try SmallProblem.tasks()
        tasks[1].batch = own
        var settings = SmallProblem.settings(budget: 100_000)
        settings.format = .float32
        settings.training.batch = job
        settings.training.balance = 0
        settings.training.selection = .last
        let fold = try SmallProblem.pack(tasks, settings: settings, threads: threads).fold
        return fold.weights(of: fold.networks[1])
    }

    /// Fewer samples than the others, more than fit in a ticket, and a number of tickets of its own.
    @Test(arguments: [5, 33, 70])
    func aNetworkTrainsOnItsOwnNumberOfSamples(own: Int) throws {
        let expected = try Self.vector(own: nil, job: own)
        #expect(try Self.vector(own: own, job: 37) == expected)
        #expect(try Self.vector(own: own, job: 37, threads: 1) == expected)
        #expect(try Self.vector(own: nil, job: 37) != expected)
    }
}
