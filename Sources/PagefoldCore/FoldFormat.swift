// The constants of the fold file and the error of its reader. docs/format.md is the normative text.

/// Numbers fixed by the format (docs/format.md).
public enum FoldFormat {
    /// "PGFOLD", carriage return, line feed: a transfer in text mode breaks it visibly.
    public static let magic: [UInt8] = [0x50, 0x47, 0x46, 0x4F, 0x4C, 0x44, 0x0D, 0x0A]
    public static let version: UInt32 = 3
    public static let headerSize = 64
    public static let sectionEntrySize = 16
    /// Pool and exclusive pages begin at multiples of this, so that a mapped file can be run in place by any vector unit.
    public static let alignment = 64
    /// Bits that an entry of a page table has at most: it is read four bytes at a time, from any bit of the first.
    public static let mostEntryBits = 25
    /// Weights of a page at most. With this and the next limit, sizes and offsets within a network are Ints of 32 bits.
    public static let largestPage = 1 << 25
    /// Weights of a network at most.
    public static let mostWeights = 1 << 30
    /// Frames of a pool at most, so that exclusive pages have numbers too.
    public static let mostFrames = 1 << 24
    /// Bounds on what one network may ask for, so that a damaged file cannot ask for all memory.
    public static let largestArena = 1 << 28
    public static let mostValues = 1 << 14
    /// Inputs, states and outputs of a network at most, each.
    public static let mostPorts = 256
}

/// What a section holds. Raw values are part of the format.
public enum FoldSection: UInt8, Sendable, CaseIterable {
    /// Frames, one after the other: [frames][page size] in the pool's format. One for the file.
    case pool = 1
    /// Shapes, steps and numbers of the ports of one network.
    case program = 2
    /// For each page of one network, in as few bits as the file needs: a frame below the number of frames, else an
    /// exclusive page.
    case pageTable = 3
    /// Exclusive pages of one network: [pages][page size] in their format.
    case exclusivePages = 4
    /// Biases and other vectors of one network: float32, float16 or float8, as the section's entry says.
    case tail = 5
    /// Name and ports of one network: UTF-8, one a line.
    case text = 6
    /// Blocks finer than a page of one network: block size and count as UInt32, block numbers, then numbers of the
    /// tail's format, [blocks][block size].
    case patches = 7

    /// What errors, commands and docs/format.md call it.
    public var name: String {
        switch self {
        case .pool: "pool"
        case .program: "program"
        case .pageTable: "page table"
        case .exclusivePages: "exclusive pages"
        case .tail: "tail"
        case .text: "text"
        case .patches: "patches"
        }
    }

    /// Whether the section's entry says what its numbers are stored as.
    var isOfNumbers: Bool { self == .tail || self == .patches }

    /// Sections begin at multiples of it. Only what a vector unit reads in place is aligned for it: the rest would be
    /// padding.
    var alignment: Int { self == .pool || self == .exclusivePages ? FoldFormat.alignment : 4 }
}

/// Why bytes are not a fold file that can be run.
public struct FoldError: Error, Equatable, Sendable {
    /// The part of the file: header, section table, or a section.
    public let part: String
    /// The network whose part it is, if it has one.
    public let network: Int?
    public let problem: String
    public let remedy: String

    public init(
        _ part: String, network: Int? = nil, _ problem: String,
        remedy: String = "the file is damaged or not a fold file: copy it again or pack it anew"
    ) {
        self.part = part
        self.network = network
        self.problem = problem
        self.remedy = remedy
    }

    /// The same as an error about a named file.
    public func inFile(_ file: String) -> InputError {
        let place = network.map { "network \($0), \(part)" } ?? part
        return InputError(file: file, field: place, problem: problem, remedy: remedy)
    }
}
