// Where a checkpoint's bytes come from: files beside each other, or memory in tests. It reads no format.

import Foundation
import PagefoldCore
import PagefoldData

/// The bytes of a checkpoint: its index, and its slices as they are asked for.
struct CheckpointFiles {
    /// Path of the index, for errors.
    let indexPath: String
    let index: [UInt8]
    /// Path and bytes of slice `number` of `count`.
    let slice: (_ number: Int, _ count: Int) throws(InputError) -> (path: String, bytes: Data)

    /// `PREFIX.index` and `PREFIX.data-NNNNN-of-NNNNN`; slices are mapped, not read.
    init(prefix: String) throws(InputError) {
        let prefix = prefix.hasSuffix(".index") ? String(prefix.dropLast(6)) : prefix
        indexPath = prefix + ".index"
        index = [UInt8](try FileBytes.data(indexPath, options: []))
        slice = { (number, count) throws(InputError) in
            let path = "\(prefix).data-\(Self.padded(number))-of-\(Self.padded(count))"
            return (path, try FileBytes.data(path, options: .mappedIfSafe))
        }
    }

    /// A checkpoint of one slice in memory.
    init(index: [UInt8], data: [UInt8]) {
        indexPath = "memory.index"
        self.index = index
        slice = { (_, _) in ("memory.data", Data(data)) }
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
