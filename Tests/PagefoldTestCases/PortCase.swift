// A network with two inputs, two outputs and two states, as streaming and recurrent ones have them. Not a test itself.

public import PagefoldCore
public import PagefoldGraph

/// Mixes an image, a vector and what it remembers.
public enum PortCase {
    public static let image = Shape(channels: 2, height: 5, width: 4)
    public static let vector = Shape(channels: 3)
    /// The port of each input and output, none of them usual.
    public static let inputs = [
        NetworkPort(
            name: "image", axes: [.init(5, .height), .init(4, .width), .init(2, .channels)], element: .uint8,
            scale: 0.5, zeroPoint: 128, preprocessing: "scale divisor=2"),
        NetworkPort(name: "vector", axes: [.init(1, .height), .init(3, .channels)]),
    ]
    public static let outputs = [
        NetworkPort(name: "class", labels: ["null", "ένα", "", "three"]),
        NetworkPort(
            name: "level", axes: [], element: .int32, scale: 0x1p-20, zeroPoint: -7, meaning: .numbers),
    ]

    /// States: a recurrent cell's memory, and what it was one run earlier.
    /// - Parameter hasPorts: false: ports and outputs under their usual names.
    public static func network(hasPorts: Bool = true, hasStates: Bool = true) -> Network {
        var builder = NetworkBuilder("stream", input: image, seed: 11)
        let vector = builder.add(.input(vector), from: [])
        let memory = builder.add(.input(Shape(channels: 6)), from: [])
        let before = builder.add(.input(Shape(channels: 6)), from: [])
        builder.add(
            .convolution(
                outputs: 3, window: Window(height: 3, width: 3, padding: Padding(top: 1, bottom: 1))),
            from: [0])
        builder.add(.activation(.relu))
        builder.add(.maxPool(Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)))
        let seen = builder.add(.dense(outputs: 6))
        let told = builder.add(.dense(outputs: 6), from: [vector])
        let both = builder.add(.add, from: [seen, told])
        let remembered = builder.add(.dense(outputs: 6), from: [memory])
        builder.add(.add, from: [both, remembered])
        let cell = builder.add(.activation(.tanh))
        let level = builder.add(.dense(outputs: 1), from: [cell])
        builder.add(.concatenate, from: [cell, before])
        builder.add(.dense(outputs: 4))
        let classes = builder.add(.softmax)
        var network = builder.network
        network.outputs = zip([classes, level], hasPorts ? outputs : usual(2, isInput: false)).map {
            NetworkOutput(node: $0, port: $1)
        }
        if hasStates {
            network.states = [
                NetworkState(input: memory, output: cell), NetworkState(input: before, output: memory),
            ]
        }
        network.inputs = hasPorts ? inputs + (hasStates ? [] : usual(4, isInput: true)[2...]) : []
        return network
    }

    private static func usual(_ count: Int, isInput: Bool) -> [NetworkPort] {
        (0..<count).map { NetworkPort(name: NetworkPort.usualName($0, isInput: isInput)) }
    }

    /// Made-up samples of both inputs, one for each run.
    public static func samples(_ runs: Int) -> [[[Float]]] {
        (0..<runs).map { run in
            [
                randomNumbers(image.count, seed: UInt64(2 * run)),
                randomNumbers(vector.count, seed: UInt64(2 * run + 1)),
            ]
        }
    }
}
