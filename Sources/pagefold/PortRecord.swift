// Inputs and outputs of a network as `info` and `list` show them.

import PagefoldCore

/// One port, as JSON and as a row of a table.
struct PortRecord: Encodable {
    var name: String
    /// In a session: channels×height×width.
    var shape: String
    /// Of the original file's array, without its batch, and what each of its axes is.
    var outside: [Int]
    var layout: String
    var element: String
    var scale: Float
    var zeroPoint: Int
    /// Nil of an input.
    var meaning: String?
    var preprocessing: String?
    var labels: [String]?

    enum CodingKeys: String, CodingKey {
        case name = "name", shape = "shape", outside = "outside", layout = "layout", element = "element"
        case scale = "scale", zeroPoint = "zeroPoint", meaning = "meaning"
        case preprocessing = "preprocessing", labels = "labels"
    }

    init(_ port: NetworkPort, _ shape: Shape, isInput: Bool) {
        name = port.name
        self.shape = "\(shape)"
        let axes = port.axes(of: shape)
        outside = axes.map(\.size)
        layout = axes.map { ["C", "H", "W"][Int($0.kind.rawValue)] }.joined()
        element = port.element.name
        scale = port.scale
        zeroPoint = port.zeroPoint
        meaning = isInput ? nil : port.meaning.name
        preprocessing = isInput ? port.preprocessing : nil
        labels = isInput ? nil : port.labels
    }

    /// All inputs, then all outputs.
    static func records(_ view: NetworkView) -> (inputs: [PortRecord], outputs: [PortRecord]) {
        let program = view.program
        return (
            view.text.inputs.enumerated().map { PortRecord($1, program.values[$0], isInput: true) },
            zip(view.text.outputs, program.outputs).map {
                PortRecord($0, program.values[$1.value], isInput: false)
            }
        )
    }

    /// A table of the ports of those networks that have several, or states; nil where none has.
    static func table(_ networks: [Info.Record.Network]) -> TextTable? {
        let shown = networks.filter { $0.inputs.count + $0.outputs.count > 2 || $0.stateBytes > 0 }
        guard !shown.isEmpty else { return nil }
        var table = TextTable(["network", "port", "shape", "outside", "type", "meaning"])
        for network in shown {
            for port in network.inputs + network.outputs {
                let outside = port.outside.map { "\($0)" }.joined(separator: "×")
                table.add([
                    network.name, port.name, port.shape, "\(outside) \(port.layout)",
                    port.element == "float32"
                        ? port.element : "\(port.element) · \(port.scale) − \(port.zeroPoint)",
                    port.meaning ?? "input",
                ])
            }
            if network.stateBytes > 0 { table.add([network.name, "state", "\(network.stateBytes) bytes"]) }
        }
        return table
    }
}
