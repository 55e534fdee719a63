// The arithmetic on numbers of a file, in 32 bits: nothing traps, and what does not fit is told. `.ci/run` runs the reader
// itself on 32 bits, too.

@testable import PagefoldCore
import Testing

@Suite struct FileSizeTests {
    /// As `Int`, where a machine has 32 bits.
    private typealias Word = Int32

    private static let largePages = [1, 512, FoldFormat.largestPage]
    private static let largeCounts = [0, 1, 1 << 20, 1 << FoldFormat.mostEntryBits]

    /// - Returns: the size that 64 bits give, unless 32 bits cannot hold it.
    private func fitting(_ size: Int?) -> Word? { size.flatMap { Word(exactly: $0) } }

    @Test(arguments: NumberFormat.allCases)
    func sectionsOfFramesHaveTheSizeOf64BitsOrNone(format: NumberFormat) {
        for page in Self.largePages {
            // A frame's own size is computed without a check: it always fits.
            #expect(Word(exactly: format.frameBytes(pageSize: page) + NumberFormat.slack) != nil)
            for frames in Self.largeCounts {
                let size = format.byteCount(frames: Word(frames), pageSize: Word(page))
                #expect(size == fitting(format.byteCount(frames: frames, pageSize: page)))
            }
        }
        #expect(format.byteCount(frames: Word.max, pageSize: Word.max) == nil)
        #expect(format.byteCount(frames: Int.max, pageSize: Int.max) == nil)
    }

    @Test(arguments: [1, 7, FoldFormat.mostEntryBits])
    func pageTablesHaveTheSizeOf64BitsOrNone(bits: Int) {
        for entries in [0, 1, 1 << 26, FoldFormat.mostWeights] {
            let size = PageTableView.byteCount(entries: Word(entries), entryBits: Word(bits))
            // Bits are counted on the way, when an entry is read, too.
            let due = fitting(entries * bits + 7).flatMap { _ in
                fitting(PageTableView.byteCount(entries: entries, entryBits: bits))
            }
            #expect(size == due)
        }
    }

    @Test(arguments: [1, 2, 4])
    func patchesHaveTheSizeOf64BitsOrNone(width: Int) {
        for paged in [1, 1 << 17, FoldFormat.mostWeights] {
            for size in [1, 4, FoldFormat.largestPage] {
                for count in [1, (paged - 1) / size + 1] {
                    let bytes = PatchView.byteCount(
                        count: Word(count), size: Word(size), pagedCount: Word(paged), width: Word(width))
                    let due = PatchView.byteCount(count: count, size: size, pagedCount: paged, width: width)
                    #expect(bytes == fitting(due))
                }
            }
        }
    }

    /// What a network's checks allow can be added and multiplied without one.
    @Test func limitsLeaveRoomIn32Bits() {
        let (page, weights) = (FoldFormat.largestPage, FoldFormat.mostWeights)
        #expect(Word(exactly: weights + 2 * page) != nil, "the end of a page, the end of a patch in it")
        #expect(Word(exactly: 4 * FoldFormat.largestArena) != nil, "four vectors of a batch normalisation")
    }

    @Test(arguments: [(0, 64, 0), (1, 64, 64), (64, 64, 64), (Int(Int32.max) - 63, 64, Int(Int32.max) - 63)])
    func sizesAreRoundedUp(size: Int, multiple: Int, due: Int) {
        #expect(FileSize(Word(size)).rounded(upTo: Word(multiple)).value == Word(due))
    }

    @Test func whatDoesNotFitIsNil() {
        #expect(FileSize(Word.max).rounded(upTo: 64).value == nil)
        #expect((FileSize(Word.max) + 1).value == nil)
        #expect((FileSize(Word(1 << 16)) * (1 << 15)).value == nil)
        #expect((FileSize(Word(1 << 16)) * (1 << 15) + 1).value == nil, "it stays nil")
        #expect((FileSize(Word(3)) + FileSize(nil)).value == nil)
        #expect((FileSize(Word(3)) + FileSize(4)).value == 7)
    }

    @Test(
        arguments: [(0, true), (7, true), (8, false), (1 << 31, false), (0xFFFF_FFFF, false)]
            as [(UInt32, Bool)])
    func countsAreBounded(number: UInt32, fits: Bool) {
        withUnsafeBytes(of: number.littleEndian) { bytes in
            #expect(bytes.count(0, atMost: 7) == (fits ? Int(number) : nil))
        }
    }
}
