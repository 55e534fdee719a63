// `pagefold info` on a model file: what the file says of itself, and what it becomes.

import ArgumentParser
import Foundation
import PagefoldCore
import PagefoldEngine
import PagefoldExperiments
import PagefoldGraph
import PagefoldImport
import PagefoldRuntime

extension Info {
    struct ModelRecord: Encodable {
        struct Port: Encodable {
            var name: String
            var element: String
            /// With the batch; -1 where the file leaves a size open.
            var sizes: [Int]

            enum CodingKeys: String, CodingKey { case name = "name", element = "element", sizes = "sizes" }
        }
        /// What the file becomes.
        struct Import: Encodable {
            var weights: Int
            /// How often each operation is there.
            var steps: [String: Int]
            var multiplyAdds: Int
            /// Of activations, for one sample.
            var arenaBytes: Int
            /// That live from one run to the next.
            var stateBytes: Int
            var inputs: [PortRecord]
            var outputs: [PortRecord]
            /// Why it runs and cannot be packed.
            var packing: String?

            enum CodingKeys: String, CodingKey {
                case weights = "weights", steps = "steps", multiplyAdds = "multiplyAdds"
                case arenaBytes = "arenaBytes", stateBytes = "stateBytes", inputs = "inputs", outputs =
                    "outputs"
                case packing = "packing"
            }
        }
        var file: String
        var bytes: Int
        var format: String
        var inputs: [Port]
        var outputs: [Port]
        var operations: [String: Int]
        var weights: Int
        var imported: Import?
        /// Why it does not import.
        var refusal: String?

        enum CodingKeys: String, CodingKey {
            case file = "file", bytes = "bytes", format = "format", inputs = "inputs", outputs = "outputs"
            case operations = "operations", weights = "weights", imported = "imported", refusal = "refusal"
        }
    }

    func showModel(_ model: ModelFile) throws {
        let description = try ModelDescription.of(model)
        func ports(_ ports: [ModelDescription.Port]?) -> [ModelRecord.Port] {
            (ports ?? []).map { .init(name: $0.name, element: $0.element, sizes: $0.sizes.map { $0 ?? -1 }) }
        }
        let size = (try? FileManager.default.attributesOfItem(atPath: fold))?[.size] as? NSNumber
        var record = ModelRecord(
            file: fold, bytes: size?.intValue ?? 0,
            format: description?.format ?? model.kind?.name ?? "model",
            inputs: ports(description?.inputs), outputs: ports(description?.outputs),
            operations: description?.operations ?? [:], weights: description?.weights ?? 0)
        do {
            let options = ModelOptions(inputSizes: try inputSizes(inputShape))
            let network = try ModelContent(path: fold, options: options).lowered()
            record.imported = Self.imported(network)
        } catch { record.refusal = "\(error)" }
        if json { try printJSON(record) } else { try say(Self.text(record)) }
        if record.refusal != nil { throw ExitCode.failure }
    }

    private static func imported(_ network: LoweredNetwork) -> ModelRecord.Import {
        let (program, text) = (network.program, network.text)
        var steps = [String: Int]()
        for step in program.steps { steps[step.opcode.spec.name, default: 0] += 1 }
        return ModelRecord.Import(
            weights: network.weights.count, steps: steps, multiplyAdds: program.multiplyAdds,
            arenaBytes: Session.arenaBytes(of: program), stateBytes: 4 * program.stateCount,
            inputs: text.inputs.enumerated().map { PortRecord($1, program.values[$0], isInput: true) },
            outputs: zip(text.outputs, program.outputs).map {
                PortRecord($0, program.values[$1.value], isInput: false)
            }, packing: NetworkPlan.problem(with: program.openingStates(answersStates: true)))
    }

    private static func text(_ record: ModelRecord) -> String {
        var parts = ["\(record.file): \(record.format), \(grouped(record.bytes)) bytes"]
        if !record.inputs.isEmpty {
            var table = TextTable(["in the file", "name", "type", "sizes"])
            for (ports, kind) in [(record.inputs, "input"), (record.outputs, "output")] {
                for port in ports {
                    let sizes = port.sizes.map { $0 < 0 ? "?" : "\($0)" }.joined(separator: "×")
                    table.add([kind, port.name, port.element, sizes])
                }
            }
            parts.append(table.text)
        }
        func counts(_ counts: [String: Int]) -> String {
            counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
                .joined(separator: ", ")
        }
        if !record.operations.isEmpty {
            parts.append(
                "\(grouped(record.weights)) numbers of weights; operations: \(counts(record.operations))")
        }
        if let imported = record.imported {
            var table = TextTable(["as imported", "name", "type", "sizes", "axes", "meaning"])
            for (ports, kind) in [(imported.inputs, "input"), (imported.outputs, "output")] {
                for port in ports {
                    table.add([
                        kind, port.name, port.element, port.outside.map { "\($0)" }.joined(separator: "×"),
                        port.layout, port.meaning ?? "",
                    ])
                }
            }
            parts.append(table.text)
            parts.append(
                """
                it imports: \(grouped(imported.weights)) weights, \(grouped(imported.multiplyAdds)) multiply-adds, \
                \(grouped(imported.arenaBytes)) bytes of arena\
                \(imported.stateBytes > 0 ? ", \(grouped(imported.stateBytes)) bytes of states" : "")
                steps: \(counts(imported.steps))
                """)
        }
        if let problem = record.imported?.packing { parts.append("it cannot be packed: \(problem)") }
        if let refusal = record.refusal { parts.append("it does not import: \(refusal)") }
        return parts.joined(separator: "\n\n")
    }
}
