// Whole numbers (labels, groups) from a foreign array. Whether a label suits a network is Dataset's check.
import PagefoldCore

extension NumericArray {
    /// The values as whole numbers, one for each sample. `what` names them in errors ("label", "group").
    /// Throws InputError when there is more than one dimension above size 1, or naming the first value that
    /// is NaN or not a whole number of 32 bits.
    func wholeNumbers(_ what: String, file: String) throws(InputError) -> [Int32] {
        guard shape.count == 1 || (shape.count == 2 && shape[1] == 1) else {
            throw InputError(
                file: file, field: what, problem: "has the shape \(shape)",
                remedy: "give one number for each sample")
        }
        switch payload {
        case .u8(let values): return values.map { Int32($0) }
        case .i32(let values): return values
        case .f32(let values):
            var result: [Int32] = []
            result.reserveCapacity(values.count)
            for (index, value) in values.enumerated() {
                guard let whole = Int32(exactly: value) else {
                    throw InputError(
                        file: file, field: "\(what) \(index)", problem: "is \(value)",
                        remedy: "give whole numbers")
                }
                result.append(whole)
            }
            return result
        }
    }
}
