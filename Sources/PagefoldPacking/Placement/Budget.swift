// How many frames a budget of bytes pays for, counting everything that the fold file holds.

import PagefoldCore
import PagefoldFold
import PagefoldGraph

/// - Returns: the largest number of frames whose fold file has at most `budget` bytes.
/// - Throws: `InputError` when not even one frame fits.
func frameCount(
    for tasks: [PackingTask], pageSize: Int, formats: WeightFormats, budget: Int
) throws(InputError) -> Int {
    var fold = FoldSize(of: tasks, pageSize: pageSize, formats: formats, frames: 1)
    func size(_ frames: Int) -> Int {
        fold.frames = frames
        return fold.bytes
    }
    let pages = tasks.reduce(0) { $0 + $1.network.program.pageCount(pageSize: pageSize) }
    let frameBytes = formats.pool.frameBytes(pageSize: pageSize)
    let smallest = size(1)
    guard smallest <= budget else {
        throw InputError(
            .settings, field: "budget",
            problem:
                "\(budget) bytes, programs, page tables and biases alone need \(smallest - frameBytes)",
            remedy: "raise the budget or pack fewer networks")
    }
    // The width of page-table entries follows from the number of frames: it is looked for by halves.
    var fits = 1
    var most = min(1 + (budget - smallest) / frameBytes, max(pages, 1))
    guard most <= FoldFormat.mostFrames else {
        throw InputError(
            .settings, field: "page", problem: "\(most) frames, \(FoldFormat.mostFrames) are possible",
            remedy: "choose larger pages")
    }
    while fits < most {
        let middle = (fits + most + 1) / 2
        if size(middle) <= budget { fits = middle } else { most = middle - 1 }
    }
    return fits
}

extension FoldSize {
    /// A fold of these networks without exclusive weights.
    init(of tasks: [PackingTask], pageSize: Int, formats: WeightFormats, frames: Int) {
        self.init(
            pageSize: pageSize, formats: formats, frames: frames,
            networks: tasks.map {
                Network($0.foldedProgram, text: $0.text, pageSize: pageSize, tailFormat: $0.tailFormat)
            })
    }
}
