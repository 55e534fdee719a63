// Expansion of deflate and gzip streams with the system's zlib, with a cap on the size.
// It does not read files and does not compress.
import CZlib
public import PagefoldCore

/// Expands compressed bytes; a damaged, truncated or too large stream is an InputError.
public enum Inflate {
    /// Largest expanded size when the caller states none: 4 GiB.
    public static let defaultCap = 4 << 30

    /// How a deflate stream is wrapped.
    enum Wrapping {
        /// RFC 1952: header, deflate, CRC-32 and size (zlib verifies both). Members may follow each other.
        case gzip
        /// RFC 1951: deflate alone, as inside a zip file.
        case raw

        var windowBits: Int32 { self == .gzip ? 15 + 16 : -15 }
    }

    /// Whether the bytes begin as a gzip file does.
    public static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.hasBytes([0x1f, 0x8b]) }

    /// The content of a gzip file held in memory. Throws InputError when it is damaged, truncated, followed
    /// by something else, or expands to more than `cap` bytes.
    public static func gunzip(
        _ bytes: [UInt8], file: String, cap: Int = defaultCap
    ) throws(InputError) -> [UInt8] {
        try expand(bytes, range: 0..<bytes.count, wrapping: .gzip, file: file, cap: cap)
    }

    /// Expands the stream in `range` of `bytes`.
    static func expand(
        _ bytes: [UInt8], range: Range<Int>, wrapping: Wrapping, file: String, cap: Int
    ) throws(InputError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(likelySize(bytes, range: range, wrapping: wrapping, cap: cap))
        let outcome = bytes.withUnsafeBufferPointer { buffer in
            run(
                UnsafeBufferPointer(rebasing: buffer[range]), wrapping: wrapping, cap: cap, into: &output)
        }
        guard let problem = outcome.problem else { return output }
        throw InputError(file: file, field: "compressed data", problem: problem, remedy: outcome.remedy)
    }

    /// What to reserve: the size a gzip file states at its end, which is a hint and never trusted beyond
    /// what deflate can reach (1,032 bytes for each compressed one).
    private static func likelySize(
        _ bytes: [UInt8], range: Range<Int>, wrapping: Wrapping, cap: Int
    ) -> Int {
        guard wrapping == .gzip, range.count >= 18 else { return 0 }
        let stated = bytes[(range.upperBound - 4)..<range.upperBound].reversed()
            .reduce(0) { $0 << 8 | Int($1) }
        let reachable = range.count.multipliedReportingOverflow(by: 1_032)
        return min(stated, cap, reachable.overflow ? cap : reachable.partialValue, 1 << 30)
    }

    private struct Outcome {
        var problem: String?
        var remedy = "fetch or write the file again"
    }

    private static func run(
        _ input: UnsafeBufferPointer<UInt8>, wrapping: Wrapping, cap: Int, keepsHead: Bool = false,
        into output: inout [UInt8]
    ) -> Outcome {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, wrapping.windowBits, ZLIB_VERSION, size) == Z_OK else {
            return Outcome(problem: "zlib could not start", remedy: "free some memory and try again")
        }
        defer { inflateEnd(&stream) }
        let chunk = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 18)
        defer { chunk.deallocate() }
        var consumed = 0
        while true {
            // zlib counts its input in 32 bits, so large inputs go in by the gibibyte.
            let offered = min(input.count - consumed, 1 << 30)
            // zlib's input pointer is not declared const, but it never writes there.
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.advanced(by: consumed))
            stream.avail_in = UInt32(offered)
            stream.next_out = chunk.baseAddress
            stream.avail_out = UInt32(chunk.count)
            let status = inflate(&stream, Z_NO_FLUSH)
            consumed += offered - Int(stream.avail_in)
            let produced = chunk.count - Int(stream.avail_out)
            guard produced <= cap - output.count else {
                if keepsHead { output.append(contentsOf: chunk[..<(cap - output.count)]) }
                return Outcome(
                    problem: "expands to more than the \(cap) bytes allowed",
                    remedy: "check that this is the right file, or raise the cap")
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: chunk[..<produced]))
            switch status {
            case Z_STREAM_END:
                guard wrapping == .gzip else {
                    return consumed == input.count
                        ? Outcome()
                        : Outcome(problem: "\(input.count - consumed) bytes follow the compressed data")
                }
                let rest = input[consumed...]
                // Zero padding after a gzip member is usual on tapes and block devices.
                if rest.allSatisfy({ $0 == 0 }) { return Outcome() }
                guard rest.starts(with: [0x1f, 0x8b]), inflateReset(&stream) == Z_OK else {
                    return Outcome(problem: "\(rest.count) bytes that are not gzip follow the gzip data")
                }
            case Z_OK:
                continue
            case Z_BUF_ERROR:
                // No progress: with room in the output this can only mean that the input has ended.
                return Outcome(problem: "the compressed data ends too early")
            default:
                let message = stream.msg.map { String(cString: $0) } ?? "status \(status)"
                return Outcome(problem: "the compressed data is damaged (\(message))")
            }
        }
    }

    /// The first `count` bytes of a raw deflate stream; fewer where it is shorter or damaged.
    static func head(_ bytes: [UInt8], range: Range<Int>, count: Int) -> [UInt8] {
        var output: [UInt8] = []
        bytes.withUnsafeBufferPointer { buffer in
            // What does not fit ends the expansion; what came before is there.
            _ = run(
                UnsafeBufferPointer(rebasing: buffer[range]), wrapping: .raw, cap: count, keepsHead: true,
                into: &output)
        }
        return output
    }

    /// CRC-32 (as gzip and zip use it) of a run of bytes.
    static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var value = CZlib.crc32(0, nil, 0)
        bytes.withUnsafeBufferPointer { buffer in
            var start = 0
            while start < buffer.count {
                let count = min(buffer.count - start, 1 << 30)
                value = CZlib.crc32(value, buffer.baseAddress?.advanced(by: start), UInt32(count))
                start += count
            }
        }
        return UInt32(truncatingIfNeeded: value)
    }
}
