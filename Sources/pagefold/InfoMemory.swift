// What a device needs to hold a whole fold file: flash and RAM. Counted for sessions of one sample that run one after the
// other in one arena; code, stack and the few hundred bytes of a session's own bookkeeping are not counted.

import PagefoldCore
import PagefoldReport
import PagefoldRuntime

extension Info {
    /// Bytes for all networks of a fold file together.
    struct Memory: Encodable {
        /// The whole file.
        var flash: Int
        /// The largest arena: activations and scratch of one session.
        var arena: Int
        /// The network that has it.
        var largest: String
        /// States of all networks, which live between runs.
        var states: Int
        /// Everything in the file but exclusive pages: pool, page tables, patches, tails, programs, texts.
        var shared: Int
        /// Exclusive pages of all networks, and of the one that has most.
        var exclusivePages: Int
        var mostExclusivePages: Int
        /// RAM where weights are read in flash; where the pool has to be in RAM and the exclusive pages of one network at a
        /// time; where all weights are in RAM.
        var ramInPlace: Int
        var ramCached: Int
        var ramWhole: Int

        enum CodingKeys: String, CodingKey {
            case flash = "flash", arena = "arena", largest = "largest", states = "states", shared = "shared"
            case exclusivePages = "exclusivePages", mostExclusivePages = "mostExclusivePages"
            case ramInPlace = "ramInPlace", ramCached = "ramCached", ramWhole = "ramWhole"
        }

        init(_ file: FoldFile) throws(InputError) {
            let reader = file.reader
            var arenas = [(bytes: Int, name: String)]()
            for name in file.networkNames { arenas.append((try file.arenaBytes(name), name)) }
            let most = arenas.max { $0.bytes < $1.bytes }
            let exclusive = reader.sectionSizes.filter { $0.kind == .exclusivePages }
            let own = Dictionary(grouping: exclusive) { $0.network }.values.map { sections in
                sections.reduce(0) { $0 + $1.bytes }
            }
            flash = reader.fileSize
            arena = most?.bytes ?? 0
            largest = most?.name ?? ""
            states = reader.networks.reduce(0) { $0 + 4 * $1.program.stateCount }
            exclusivePages = own.reduce(0, +)
            mostExclusivePages = own.max() ?? 0
            shared = flash - exclusivePages
            ramInPlace = arena + states
            ramCached = ramInPlace + shared + mostExclusivePages
            ramWhole = ramInPlace + flash
        }

        /// For people, on the terminal and on the page.
        var amounts: [FoldPage.Amount] {
            var amounts = [
                FoldPage.Amount(name: "flash", bytes: flash, note: "the whole file"),
                FoldPage.Amount(
                    name: "RAM, weights read in flash", bytes: ramInPlace,
                    note: "largest arena \(grouped(arena)) (\(largest)), states \(grouped(states))"),
            ]
            if mostExclusivePages > 0 {
                amounts.append(
                    FoldPage.Amount(
                        name: "RAM, pool copied", bytes: ramCached,
                        note:
                            "and pool, tables, tails \(grouped(shared)), exclusive pages of one network at a time "
                            + grouped(mostExclusivePages)))
            }
            amounts.append(
                FoldPage.Amount(
                    name: "RAM, all weights copied", bytes: ramWhole,
                    note: "arena, states, and the whole file \(grouped(flash))"))
            return amounts
        }

        var table: TextTable {
            var table = TextTable(["all networks together", "bytes", "counted"])
            for amount in amounts { table.add([amount.name, grouped(amount.bytes), amount.note]) }
            return table
        }
    }
}
