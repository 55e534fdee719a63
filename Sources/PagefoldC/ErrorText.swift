// How C callers are told what went wrong: a status, and one line in a buffer of theirs. Not a channel of its own: the
// line is the text of an `InputError`.

internal import CPagefold
internal import PagefoldCore

/// A failure on its way to a C caller.
struct Failure: Error {
    let status: pagefold_status
    let error: InputError

    init(_ status: pagefold_status, _ error: InputError) {
        self.status = status
        self.error = error
    }

    /// An argument that a function cannot work with.
    static func argument(_ name: String, of function: String, _ problem: String, _ remedy: String) -> Failure
    {
        Failure(
            PAGEFOLD_BAD_ARGUMENT,
            InputError(.part(function), field: name, problem: problem, remedy: remedy))
    }

    static func null(_ name: String, of function: String) -> Failure {
        argument(name, of: function, "it is null", "pass an address")
    }
}

/// The caller's buffer for a text.
struct ErrorBuffer {
    let start: UnsafeMutablePointer<CChar>?
    /// `size_t` of C: above `Int.max` it arrives negative.
    let size: UInt

    init(_ start: UnsafeMutablePointer<CChar>?, _ size: Int) {
        self.start = start
        self.size = UInt(bitPattern: size)
    }

    /// Runs a function's body and turns what it throws into status and text.
    func report(_ body: () throws(Failure) -> Void) -> pagefold_status {
        do throws(Failure) {
            try body()
            write("")
            return PAGEFOLD_OK
        } catch {
            write(error.error.description)
            return error.status
        }
    }

    /// Writes as many whole characters as there is room for, and a zero.
    private func write(_ text: String) {
        guard let start, size > 0 else { return }
        var end = 0
        for scalar in text.unicodeScalars {
            let bytes = UTF8.encode(scalar)!
            guard UInt(end + bytes.count) < size else { break }
            for byte in bytes {
                start[end] = CChar(bitPattern: byte)
                end += 1
            }
        }
        start[end] = 0
    }
}
