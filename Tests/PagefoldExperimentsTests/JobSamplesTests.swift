// Samples of a job lie as the port of the network says, whatever order their files have.

import PagefoldCore
import PagefoldData
import PagefoldEngine
import Testing

@testable import PagefoldExperiments
@testable import PagefoldImport

@Suite struct JobSamplesTests {
    /// One sample of numbers 0, 1, …, by its array's shape.
    private func part(_ sizes: [Int], _ layout: Dataset.Layout) throws -> DatasetPart {
        let count = sizes.reduce(1, *)
        let array = NumericArray(shape: [1] + sizes, payload: .f32((0..<count).map { Float($0) }))
        let dataset = try Dataset(array, layout: layout, file: "samples.npy")
        return DatasetPart(dataset, indices: [0], augmentation: Augmentation(steps: [], seed: 0))
    }

    private func sample(_ source: any SampleSource) -> [Float] {
        var numbers = [Float](repeating: -1, count: source.shape.count)
        numbers.withUnsafeMutableBufferPointer { source.copySample(0, variant: nil, into: $0) }
        return numbers
    }

    private func port(_ axes: [(Int, NetworkPort.Axis.Kind)]) -> NetworkPort {
        NetworkPort(name: "x", axes: axes.map { NetworkPort.Axis($0.0, $0.1) })
    }

    @Test func aSquareMapIsTurned() throws {
        // The file's rows are the value's columns.
        let port = port([(1, .channels), (3, .width), (3, .height)])
        let shape = Shape(channels: 1, height: 3, width: 3)
        let turned = try #require(PortSamples(try part([3, 3], .channelsLast), port: port, shape: shape))
        #expect(sample(turned) == [0, 3, 6, 1, 4, 7, 2, 5, 8])
    }

    @Test func imagesWithChannelsLastMeetAPortWithChannelsFirst() throws {
        // Outside [channels, rows, columns]; inside channels come last.
        let port = port([(2, .width), (3, .channels), (4, .height)])
        let shape = Shape(channels: 3, height: 4, width: 2)
        let image = try part([3, 4, 2], .channelsLast)
        #expect(image.shape == Shape(channels: 2, height: 3, width: 4))
        let turned = try #require(PortSamples(image, port: port, shape: shape))
        #expect(sample(turned) == (0..<24).map { Float($0) })
    }

    @Test func whatLiesRightIsLeftAlone() throws {
        let shape = Shape(channels: 2, height: 3, width: 4)
        let last = port([(3, .height), (4, .width), (2, .channels)])
        #expect(PortSamples(try part([3, 4, 2], .channelsLast), port: last, shape: shape) == nil)
        let first = port([(2, .channels), (3, .height), (4, .width)])
        #expect(PortSamples(try part([2, 3, 4], .channelsFirst), port: first, shape: shape) == nil)
        #expect(PortSamples(try part([3, 4, 2], .channelsLast), port: first, shape: shape) == nil)
    }

    @Test func wholeNumbersAreThoseOfThePort() throws {
        var port = port([(4, .channels)])
        (port.element, port.scale, port.zeroPoint) = (.int8, 0.5, 1)
        let samples = try #require(
            PortSamples(
                try part([4], .channelsLast), port: port, shape: Shape(channels: 4), isQuantised: true))
        #expect(sample(samples) == [-0.5, 0, 0.5, 1])
    }
}
