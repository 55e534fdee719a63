// Wrong uses of operations along axes, of products, tables and recurrent layers: the error names the node and the problem.

import PagefoldCore
import PagefoldGraph
import Testing

struct WrongOperation: Sendable, CustomStringConvertible {
    let description: String
    let told: String
    let operation: PagefoldGraph.Operation
    /// Of its operands.
    var shapes = [Shape(channels: 4, height: 3, width: 5)]
}

@Suite struct SequenceErrorTests {
    private static let moments = [Shape(channels: 4, height: 3)]
    private static let lstm = RecurrentForm(.lstm)

    static let wrongs: [WrongOperation] = [
        WrongOperation(
            description: "a slice along a fourth axis", told: "no axis 3",
            operation: .slice(axis: 3, start: 0, count: 1)),
        WrongOperation(
            description: "a slice of nothing", told: "differ in more than one axis",
            operation: .slice(axis: 0, start: 0, count: 0)),
        WrongOperation(
            description: "a slice beyond all numbers", told: "differ in more than one axis",
            operation: .slice(axis: 0, start: 0, count: .max)),
        WrongOperation(
            description: "a slice that begins outside 32 bits", told: "outside 32 bits",
            operation: .slice(axis: 0, start: 1 << 31, count: 1)),
        WrongOperation(
            description: "a slice with steps outside 32 bits", told: "outside 32 bits",
            operation: .slice(axis: 0, start: 0, count: 1, pace: -1 << 32)),
        WrongOperation(
            description: "a slice that ends far away", told: "reaches place",
            operation: .slice(axis: 0, start: 1, count: 3, pace: 1 << 30)),
        WrongOperation(
            description: "more reflected than there is", told: "reflects more",
            operation: .slice(axis: 1, start: -3, count: 4, border: .reflect)),
        WrongOperation(
            description: "reflected twice at the end", told: "reflects more",
            operation: .slice(axis: 1, start: 0, count: 6, border: .reflect)),
        WrongOperation(
            description: "a number behind an edge", told: "does not use",
            operation: .slice(axis: 1, start: 0, count: 6, border: .edge, number: 1)),
        WrongOperation(
            description: "a reduction along a fourth axis", told: "no axis 3",
            operation: .reduce(.sum, axis: 3)),
        WrongOperation(
            description: "a resize along a fourth axis", told: "no axis 9",
            operation: .resize(axis: 9, size: 2, .linear, factor: 1, first: 0)),
        WrongOperation(
            description: "a resize to nothing", told: "differ in more than one axis",
            operation: .resize(axis: 2, size: 0, .linear, factor: 1, first: 0)),
        WrongOperation(
            description: "a resize from far outside", told: "far outside",
            operation: .resize(axis: 2, size: 2, .linear, factor: 1, first: 0x1p20)),
        WrongOperation(
            description: "a resize with far steps", told: "far outside",
            operation: .resize(axis: 2, size: 2, .floor, factor: -0x1p20, first: 0)),
        WrongOperation(
            description: "a resize by no number", told: "not finite",
            operation: .resize(axis: 2, size: 2, .floor, factor: .nan, first: 0)),
        WrongOperation(
            description: "a resize from no number", told: "not finite",
            operation: .resize(axis: 2, size: 2, .floor, factor: 1, first: .infinity)),
        WrongOperation(
            description: "matrices of other inner sizes", told: "inner sizes differ",
            operation: .matrixProduct(), shapes: [shape(2, 3, 4), shape(2, 3, 4)]),
        WrongOperation(
            description: "transposed matrices of other inner sizes", told: "inner sizes differ",
            operation: .matrixProduct(isSecondTransposed: true), shapes: [shape(2, 3, 4), shape(2, 4, 3)]),
        WrongOperation(
            description: "matrices of other channels", told: "inner sizes differ",
            operation: .matrixProduct(), shapes: [shape(4, 3, 4), shape(2, 4, 3)]),
        WrongOperation(
            description: "one matrix", told: "does not read 1", operation: .matrixProduct(),
            shapes: [shape(2, 3, 3)]),
        WrongOperation(
            description: "a table without rows", told: "a table of 0 rows",
            operation: .embedding(rows: 0, length: 4)),
        WrongOperation(
            description: "a table of negative rows", told: "rows", operation: .embedding(rows: -1, length: 4)),
        WrongOperation(
            description: "more rows than a float counts", told: "a table of",
            operation: .embedding(rows: 1 << 24, length: 4)),
        WrongOperation(
            description: "rows of nothing", told: "empty or too large",
            operation: .embedding(rows: 4, length: 0)),
        WrongOperation(
            description: "rows beyond all memory", told: "empty or too large",
            operation: .embedding(rows: 4, length: .max)),
        WrongOperation(
            description: "a recurrent layer on images", told: "makes", operation: .recurrent(lstm, units: 2)),
        WrongOperation(
            description: "no units", told: "0 units", operation: .recurrent(lstm, units: 0), shapes: moments),
        WrongOperation(
            description: "too many units", told: "units", operation: .recurrent(lstm, units: 1 << 14 + 1),
            shapes: moments),
        WrongOperation(
            description: "too many features", told: "features", operation: .recurrent(lstm, units: 2),
            shapes: [shape(1, 1 << 16 + 1, 1)]),
        WrongOperation(
            description: "a state without its cell", told: "begins with",
            operation: .recurrent(lstm, units: 2),
            shapes: moments + [shape(2, 1, 1)]),
        WrongOperation(
            description: "two states", told: "does not read 3", operation: .recurrent(lstm, units: 2),
            shapes: moments + [shape(4, 1, 1), shape(4, 1, 1)]),
    ]

    private static func shape(_ channels: Int, _ height: Int, _ width: Int) -> Shape {
        Shape(channels: channels, height: height, width: width)
    }

    @Test(arguments: wrongs)
    func aWrongOperationIsRefusedByName(wrong: WrongOperation) {
        var network = Network(name: "wrong", nodes: [])
        for (index, shape) in wrong.shapes.enumerated() {
            network.nodes.append(Node(name: "input\(index)", operation: .input(shape)))
        }
        network.nodes.append(
            Node(name: "node", operation: wrong.operation, inputs: Array(wrong.shapes.indices)))
        let error = #expect(throws: InputError.self) { try network.shapes() }
        #expect(error?.field == "node node" && error?.problem.contains(wrong.told) == true, "\(error as Any)")
        #expect(wrong.operation.parameterShapes(inputs: wrong.shapes).isEmpty)
    }
}
