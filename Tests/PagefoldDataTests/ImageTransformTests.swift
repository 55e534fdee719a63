// Transforms of images: their formulas against a plain computation, shapes, their order among other transforms.
import PagefoldCore
import PagefoldTestCases
import Testing

@testable import PagefoldData

@Suite struct ImageTransformTests {
    /// resize by its definition: all input pixels weighted by a triangle around the output pixel, in Double.
    private func resized(_ values: [Float], _ height: Int, _ width: Int, to target: (Int, Int)) -> [Float] {
        func weights(_ inputs: Int, _ outputs: Int, _ output: Int) -> [Double] {
            let ratio = Double(inputs) / Double(outputs)
            let raw = (0..<inputs).map { input in
                max(0, 1 - abs(Double(input) + 0.5 - (Double(output) + 0.5) * ratio) / max(1, ratio))
            }
            return raw.map { $0 / raw.reduce(0, +) }
        }
        var result: [Float] = []
        for row in 0..<target.0 {
            let rows = weights(height, target.0, row)
            for column in 0..<target.1 {
                let columns = weights(width, target.1, column)
                var sum = 0.0
                for y in 0..<height {
                    for x in 0..<width { sum += rows[y] * columns[x] * Double(values[y * width + x]) }
                }
                result.append(Float(sum))
            }
        }
        return result
    }

    private func description(_ height: Int, _ width: Int) -> TransformDescription {
        TransformDescription("resize", ["height": .number(Double(height)), "width": .number(Double(width))])
    }

    /// [N, H, W, C] floats with transforms.
    private func dataset(
        _ values: [Float], _ shape: [Int], _ transforms: [TransformDescription]
    ) throws -> Dataset {
        var dataset = try Dataset(NumericArray(shape: shape, payload: .f32(values)), file: "x")
        for transform in transforms {
            dataset = try dataset.applying(
                try Transform(transform, file: "job"), purpose: .evaluation, file: "job")
        }
        return dataset
    }

    @Test(arguments: [(5, 7), (10, 14), (45, 80), (2, 3), (1, 1), (3, 20), (9, 2)])
    func resizeFollowsItsFormula(target: (Int, Int)) throws {
        var random = RandomSource(seed: 7)
        let values = (0..<70).map { _ in random.uniform(-3, 3) }
        let result = try dataset(values, [1, 5, 7, 2], [description(target.0, target.1)])
        #expect(result.shape == Shape(channels: 2, height: target.0, width: target.1))
        let expected = (0..<2).flatMap { channel in
            resized(stride(from: channel, to: 70, by: 2).map { values[$0] }, 5, 7, to: target)
        }
        #expect(largestDifference(result.sample(0), expected) < 1e-5)
    }

    /// By hand: quarters between pixels of a row twice as wide; pairs under a triangle at half the width.
    @Test func resizeOfARow() throws {
        let wide = try dataset([0, 4, 8], [1, 1, 3], [description(1, 6)]).sample(0)
        #expect(largestDifference(wide, [0, 1, 3, 5, 7, 8]) < 1e-6)
        let narrow = try dataset([0, 0, 8, 0, 0, 0], [1, 1, 6], [description(1, 3)]).sample(0)
        // Weights ¼ ¾ ¾ ¼ of their sum 2; at the edge ¾ ¾ ¼ of 7/4.
        #expect(largestDifference(narrow, [8 / 7, 3, 0]) < 1e-5)
    }

    @Test func sizesThatStayGiveTheSameBits() throws {
        let values = (0..<35).map { Float($0) * 0.1 }
        #expect(try dataset(values, [1, 5, 7], [description(5, 7)]).sample(0) == values)
    }

    @Test func greyAndRGB() throws {
        let pixels: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1, 2, 2, 2]
        let grey = try dataset(pixels, [1, 2, 2, 3], [TransformDescription("grey")])
        #expect(grey.shape == Shape(channels: 1, height: 2, width: 2))
        #expect(largestDifference(grey.sample(0), [0.299, 0.587, 0.114, 2]) < 1e-6)
        let rgb = try dataset([1, 2, 3, 4], [1, 2, 2], [TransformDescription("rgb")])
        #expect(rgb.shape == Shape(channels: 3, height: 2, width: 2))
        #expect(rgb.sample(0) == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
        #expect(
            try dataset([1, 2, 3, 4], [1, 2, 2], [TransformDescription("grey")]).sample(0) == [1, 2, 3, 4])
        #expect(try dataset(pixels, [4, 1, 1, 3], [TransformDescription("rgb")]).sample(3) == [2, 2, 2])
    }

    /// Cheap transforms act on the shape at their place in the list; samples keep their type in memory.
    @Test func transformsActInTheirOrder() throws {
        let bytes = (0..<24).map { UInt8($0 * 10) }
        var dataset = try Dataset(NumericArray(shape: [2, 2, 2, 3], payload: .u8(bytes)), file: "x")
        let perChannel: [String: ParameterValue] = ["mean": .numbers([0, 10, 20]), "deviation": .number(2)]
        for transform in [
            TransformDescription("standardise", perChannel), TransformDescription("grey"),
            TransformDescription("scale", ["divisor": .number(5)]), description(1, 1),
            TransformDescription("rgb"),
            TransformDescription("standardise", ["mean": .numbers([1, 2, 3]), "deviation": .number(1)]),
        ] {
            dataset = try dataset.applying(
                try Transform(transform, file: "job"), purpose: .training, file: "job")
        }
        #expect(dataset.shape == Shape(channels: 3, height: 1, width: 1))
        guard case .u8 = dataset.samples else { return #expect(Bool(false), "samples were expanded") }
        // Sample 1: means of the channels 165, 175, 185 → 82.5 each → 16.5.
        for set in [dataset, dataset.selecting([1, 1])] {
            #expect(largestDifference(set.sample(1), [15.5, 14.5, 13.5]) < 1e-5)
        }
    }

    /// A sample that memory would not hold is an error, not an allocation.
    @Test func sizesBeyondTheCap() {
        let error = #expect(throws: InputError.self) {
            try dataset([Float](repeating: 0, count: 4_000), [1, 1, 1, 4_000], [description(4_096, 4_096)])
        }
        #expect(error?.file == "job")
    }

    @Test(arguments: [
        TransformDescription("resize"), TransformDescription("resize", ["height": .number(3)]),
        TransformDescription("resize", ["height": .number(0), "width": .number(4)]),
        TransformDescription("resize", ["height": .number(2), "width": .number(1e9)]),
        TransformDescription("grey"), TransformDescription("rgb"),
        TransformDescription("grey", ["channels": .number(3)]),
    ])
    func mistakesAreToldByTheirJobFile(description: TransformDescription) {
        let error = #expect(throws: InputError.self) {
            try dataset([Float](repeating: 0, count: 8), [1, 2, 2, 2], [description])
        }
        #expect(error?.file == "job")
    }
}
