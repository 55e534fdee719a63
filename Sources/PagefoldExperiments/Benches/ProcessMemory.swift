// What the system tells of this process's memory.

import Foundation

/// Largest resident memory of this process so far, in bytes.
public func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}

/// What the system says is resident, in bytes; 0 where it does not tell.
struct ResidentMemory {
    let process: Int
    /// Of mappings of one file.
    let mapping: Int

    init(of path: String) {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        // To its end: files of /proc have no size, and what reads by size stops too early.
        let handle = FileHandle(forReadingAtPath: "/proc/self/smaps")
        let maps = String(decoding: (try? handle?.readToEnd()) ?? Data(), as: UTF8.self)
        var isOurs = false
        var sums = (process: 0, mapping: 0)
        for line in maps.split(separator: "\n") {
            // The first line of a mapping begins with its addresses; those that follow with a capital.
            if let first = line.unicodeScalars.first, !("A"..."Z").contains(first) {
                isOurs = line.hasSuffix(real)
            } else if line.hasPrefix("Rss:") {
                let bytes = (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
                sums.process += bytes
                if isOurs { sums.mapping += bytes }
            }
        }
        process = sums.process
        mapping = sums.mapping
    }
}
