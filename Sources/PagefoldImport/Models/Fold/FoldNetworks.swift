// One network of a fold file as a model, its weights copied out of the pages. Running a fold file is PagefoldRuntime's.

public import PagefoldCore
import PagefoldData
import PagefoldGraph

/// Reads networks of fold files, packed ones and those that `pagefold train` made.
public enum FoldNetworks: ModelReader {
    public static let name = "fold files"

    public static func recognises(_ file: ModelFile) -> Bool {
        // A damaged head is told by the format itself.
        file.kind == .fold || file.kind == .unknown && file.fileExtension == "fold"
    }

    /// The network that `options.network` names, with its scales multiplied into its weights.
    public static func read(
        _ file: ModelFile, options: ModelOptions
    ) throws(InputError) -> ModelContent {
        let content = try FileBytes.readPlain(file.path, cap: .max)
        // The reader wants the alignment that the file has when it is mapped.
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: content.count, alignment: FoldFormat.alignment)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: content)
        let fold: FoldReader
        do { fold = try FoldReader(UnsafeRawBufferPointer(bytes)) } catch { throw error.inFile(file.path) }

        let names = fold.networks.map(\.text.name)
        guard options.network != nil || names.count == 1 else {
            throw InputError(
                file: file.path, field: "networks", problem: "it holds \(names.count)",
                remedy: "name one with network: in the job file")
        }
        guard let index = options.network.map({ names.firstIndex(of: $0) }) ?? 0 else {
            throw InputError(
                file: file.path, field: "network \(options.network ?? "")",
                problem: "there is none of that name",
                remedy: Spelling.remedy(for: options.network ?? "", among: names, verb: "choose"))
        }
        let network = fold.networks[index]
        let flat = [Float](unsafeUninitializedCapacity: network.program.weightCount) { flat, count in
            if let start = flat.baseAddress {
                network.weights.copyPaged(to: start)
                network.weights.copyTail(
                    count: network.program.tailCount, to: start + network.program.pagedCount)
            }
            count = network.program.weightCount
        }
        let (program, weights) = network.program.absorbingScales(flat)
        return .program(
            LoweredNetwork(
                name: options.name ?? names[index], program: program, weights: weights, text: network.text))
    }
}
