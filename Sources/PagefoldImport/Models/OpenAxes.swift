// Sizes that a model file leaves open, from the arrays that its user has for it.

public import PagefoldCore
import PagefoldData

extension ModelDescription {
    /// Sizes of one sample of each input whose axes behind the batch are open, where an array says them.
    /// - Parameter path: of the samples: `.npy` or IDX, or `.npz` with arrays of the inputs' names.
    /// - Throws: `InputError` for a file that cannot be read. An array that does not fit says nothing.
    public func openSizes(from path: String) throws(InputError) -> [String: [Int]] {
        var result: [String: [Int]] = [:]
        for port in inputs where port.sizes.dropFirst().contains(nil) {
            let bytes = try FileBytes.read(FileLocation(path).path)
            let shape: [Int]
            if ZipArchive.isZip(bytes) {
                let archive = try NumPyArchive(bytes, file: path)
                let member = FileLocation(path).member
                guard
                    let name = archive.names.contains(port.name) ? port.name : member ?? archive.names.first,
                    archive.names.count == 1 || name == port.name || name == member
                else { continue }
                shape = try archive.array(named: name).shape
            } else {
                shape = try ArrayFile.read(path).shape
            }
            if let sizes = port.sample(of: shape) { result[port.name] = sizes }
        }
        return result
    }
}

extension ModelDescription.Port {
    /// The sizes of one sample, without the batch, of an array that holds one or many; nil where it does not fit.
    func sample(of shape: [Int]) -> [Int]? {
        let due = Array(sizes.dropFirst())
        func fits(_ given: ArraySlice<Int>) -> Bool {
            given.count == due.count && zip(given, due).allSatisfy { $1 == nil || $1 == $0 }
        }
        // With the batch or the number of samples in front, with both, or a single sample.
        for skipped in [1, 2, 0] where shape.count >= skipped && fits(shape.dropFirst(skipped)) {
            return Array(shape.dropFirst(skipped))
        }
        return nil
    }
}
