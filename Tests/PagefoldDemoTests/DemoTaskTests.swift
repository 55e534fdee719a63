// What every demo task promises: samples that follow from the seed, balanced classes, a network that fits.
// How hard the tasks are is judged outside, with other people's training code.

import PagefoldCore
import PagefoldDemo
import Testing

@Suite struct DemoTaskTests {
    @Test func fiveTasksOfDifferentNamesAndShapes() {
        #expect(DemoTask.all.map(\.name) == ["digits", "shapes", "signs", "tones", "motion"])
        #expect(Set(DemoTask.all.map(\.shape)).count == 5)
        #expect(DemoTask.all.map(\.classes.count) == [10, 8, 12, 8, 6])
        for task in DemoTask.all { #expect(Set(task.classes).count == task.classes.count) }
    }

    @Test(arguments: zip(0..<5, digests))
    func samplesFollowFromTheSeed(task: Int, expected: UInt64) {
        let (samples, labels) = DemoTask.all[task].generate(count: 40, seed: 7)
        #expect(digest(samples, labels) == expected)
    }

    @Test(arguments: DemoTask.all.indices)
    func anotherSeedGivesOtherSamplesAndAnotherOrder(task: Int) {
        let one = DemoTask.all[task].generate(count: 60, seed: 1)
        let two = DemoTask.all[task].generate(count: 60, seed: 2)
        #expect(one.samples != two.samples)
        #expect(one.labels != two.labels)
        #expect(one.samples.prefix(50) != two.samples.prefix(50))
    }

    @Test(arguments: DemoTask.all.indices)
    func classesAreBalanced(task: Int) {
        let task = DemoTask.all[task]
        var counts = [Int](repeating: 0, count: task.classes.count)
        for label in task.generate(count: 101, seed: 3).labels { counts[Int(label)] += 1 }
        #expect(counts.reduce(0, +) == 101)
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }

    @Test(arguments: DemoTask.all.indices)
    func samplesAreFiniteSmallAndDifferent(task: Int) {
        let task = DemoTask.all[task]
        let (samples, labels) = task.generate(count: 50, seed: 4)
        #expect(labels.count == 50)
        #expect(samples.count == 50 * task.shape.count)
        #expect(samples.allSatisfy { $0.isFinite && abs($0) < 8 })
        let size = task.shape.count
        let each: Set<[Float]> = Set(
            (0..<50).map { index in Array(samples[index * size..<(index + 1) * size]) })
        #expect(each.count == 50)
        // No sample is blank: every one spans a good part of the range.
        let spans: [Float] = each.map { sample in (sample.max() ?? 0) - (sample.min() ?? 0) }
        #expect((spans.min() ?? 0) > 0.2)
    }

    @Test func nothingAskedNothingGiven() {
        let (samples, labels) = DemoTask.all[0].generate(count: 0, seed: 1)
        #expect(samples.isEmpty && labels.isEmpty)
    }

    @Test(arguments: DemoTask.all.indices)
    func networkFitsItsTask(task: Int) throws {
        let task = DemoTask.all[task]
        let walked = try walk(task.network, from: task.shape)
        #expect(walked.output == Shape(channels: task.classes.count))
        #expect(task.network.last == "softmax")
        #expect((20_000...70_000).contains(walked.weights))
    }
}

/// FNV-1a over the bits of samples and labels.
private func digest(_ samples: [Float], _ labels: [Int32]) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for word in samples.map(\.bitPattern) + labels.map(UInt32.init(bitPattern:)) {
        for shift in [UInt32(0), 8, 16, 24] {
            hash = (hash ^ UInt64(word >> shift & 0xFF)) &* 0x100_0000_01B3
        }
    }
    return hash
}

/// Digests of 40 samples at seed 7, in the order of `DemoTask.all`.
private let digests: [UInt64] = [
    0x4F71_49D8_8F15_30C8, 0x3CD2_B644_8251_0589, 0x1B9C_A691_14EA_DCFC,
    0x3593_B78E_DDA9_71E2, 0xDB71_02D9_15E1_9EC7,
]

/// Output shape and trained weights of a layer list, worked out independently of the demo.
private func walk(_ layers: [String], from input: Shape) throws -> (output: Shape, weights: Int) {
    func pair(_ text: Substring) throws -> (Int, Int) {
        let numbers = text.split(separator: "x").compactMap { Int($0) }
        try #require(numbers.count == 2)
        return (numbers[0], numbers[1])
    }
    var shape = input
    var weights = 0
    var saved: Shape?
    for layer in layers {
        let words = layer.split(separator: " ")
        switch words[0] {
        case "convolution":
            try #require(words.count == 9)
            let out = try #require(Int(words[1]))
            let kernel = try pair(words[2])
            let stride = try pair(words[4])
            let padding = try #require(Int(words[6]))
            let groups = try #require(Int(words[8]))
            #expect(shape.channels % groups == 0 && out % groups == 0)
            weights += out * (shape.channels / groups * kernel.0 * kernel.1 + 1)
            shape = Shape(
                channels: out, height: (shape.height + 2 * padding - kernel.0) / stride.0 + 1,
                width: (shape.width + 2 * padding - kernel.1) / stride.1 + 1)
        case "dense":
            let out = try #require(Int(words[1]))
            #expect(shape.spatial == 1)
            weights += out * (shape.channels + 1)
            shape = Shape(channels: out)
        case "max_pool", "average_pool":
            let size = try pair(words[1])
            shape.height /= size.0
            shape.width /= size.1
        case "global_average_pool": shape = Shape(channels: shape.channels)
        case "flatten": shape = Shape(channels: shape.count)
        case "batch_normalisation": weights += 2 * shape.channels
        case "residual_begin": saved = shape
        case "residual_end":
            #expect(saved == shape)
            saved = nil
        default:
            #expect(
                ["relu", "relu6", "leaky_relu", "sigmoid", "tanh", "dropout", "softmax"].contains(words[0]))
        }
        #expect(shape.count > 0)
    }
    #expect(saved == nil)
    return (shape, weights)
}
