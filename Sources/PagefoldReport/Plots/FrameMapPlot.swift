// The pool frame by frame: how many networks use each. Which networks those are is FrameBandPlot's.

/// Who uses which frame, from the page tables.
struct FrameUse {
    let frames: Int
    let names: [String]
    /// `uses[network][frame]`: pages of the network there.
    let uses: [[Int]]
    /// Networks on each frame.
    let users: [Int]
    let mostUsers: Int
    let exclusivePages: Int

    /// More frames than that are no picture any more.
    static let mostFrames = 200_000

    /// - Returns: nil where the run has no page tables, or no frames.
    init?(_ run: PackRecord) {
        guard let tables = run.pageTables, let frames = run.frames else { return nil }
        self.init(frames: frames, names: run.networks.map(\.name), tables: tables)
    }

    /// - Parameter tables: for each network, page → frame; numbers from `frames` on mean exclusive pages.
    /// - Returns: nil where there are no frames, or too many for a picture.
    init?(frames: Int, names: [String], tables: [[Int]]) {
        guard (1...Self.mostFrames).contains(frames), names.count <= 200 else { return nil }
        self.frames = frames
        self.names = names
        uses = tables.map { table in
            var counts = Array(repeating: 0, count: frames)
            for frame in table where frame < frames { counts[frame] += 1 }
            return counts
        }
        var users = Array(repeating: 0, count: frames)
        for network in uses { for frame in 0..<frames where network[frame] > 0 { users[frame] += 1 } }
        self.users = users
        mostUsers = users.max() ?? 0
        exclusivePages = tables.reduce(0) { sum, table in sum + table.filter { $0 >= frames }.count }
    }

    /// Frames that two networks have in common; on the diagonal those of one.
    func common(_ first: Int, _ second: Int) -> Int {
        (0..<frames).reduce(0) { $0 + (uses[first][$1] > 0 && uses[second][$1] > 0 ? 1 : 0) }
    }

    /// Frames by the number of networks on them.
    var byUsers: [Int] {
        var counts = Array(repeating: 0, count: names.count + 1)
        for count in users { counts[count] += 1 }
        return counts
    }

    /// 0 … 8 for a number of networks.
    func level(_ count: Int) -> Int {
        guard count > 0 else { return 0 }
        return mostUsers <= 8 ? count : min(8, Int((8 * Double(count) / Double(mostUsers)).rounded(.up)))
    }
}

/// A grid with a cell for each frame.
struct FrameMapPlot {
    let use: FrameUse
    /// Weights in a frame.
    let pageSize: Int
    /// Stands at the end of the caption.
    var note = ""

    /// Above this, cells of one colour are one path and have no tooltip each.
    fileprivate static let mostCells = 3_000

    var figure: Figure {
        let width = Figure.fullWidth - 190
        let columns = min(max(Int((Double(use.frames) * 2.6).squareRoot().rounded(.up)), 16), 400)
        let cell = min(width / Double(columns), 26)
        let rows = (use.frames + columns - 1) / columns
        var elements = use.frames <= Self.mostCells ? cells(use, columns, cell) : paths(use, columns, cell)
        elements += key(use, Double(columns) * cell + 24)
        let shared = use.users.filter { $0 > 1 }.count
        return Figure(
            id: "frames", title: "The frames of the pool, by how many networks use them",
            description: "A grid with a cell for each frame, coloured by the number of networks that use it.",
            caption: """
                One cell a frame of \(NumberText.whole(pageSize)) weights, in the order of the pool; \
                \(NumberText.whole(shared)) of \(NumberText.whole(use.frames)) are shared by two networks or more.\
                \(use.exclusivePages > 0 ? " Beside them \(NumberText.whole(use.exclusivePages)) exclusive pages." : "")\(note)
                """,
            height: max(Double(rows) * cell, Double(use.names.count + 1) * 20 + 20) + 8, content: elements,
            table: NumberTable(
                ["networks on a frame", "frames", "share %"],
                use.byUsers.enumerated().filter { $0.element > 0 }.map { count, frames in
                    [
                        "\(count)", NumberText.whole(frames),
                        NumberText.fixed(100 * Double(frames) / Double(use.frames), 1),
                    ]
                }))
    }
}

extension FrameMapPlot {
    /// - Returns: nil where no run has page tables.
    init?(_ evidence: Evidence) {
        guard let (run, note) = evidence.record({ FrameUse($0) != nil }), let use = FrameUse(run) else {
            return nil
        }
        self.init(use: use, pageSize: run.pageSize ?? 0, note: note)
    }

    private func cells(_ use: FrameUse, _ columns: Int, _ cell: Double) -> [Element] {
        (0..<use.frames).map { frame in
            let names = use.names.indices.filter { use.uses[$0][frame] > 0 }.map { use.names[$0] }
            return SVG.rect(
                Double(frame % columns) * cell, Double(frame / columns) * cell, cell * 0.9, cell * 0.9,
                "tile q\(use.level(use.users[frame])) mark"
            ).titled("frame \(frame): \(names.isEmpty ? "free" : names.joined(separator: ", "))")
        }
    }

    private func paths(_ use: FrameUse, _ columns: Int, _ cell: Double) -> [Element] {
        (0...use.names.count).compactMap { count in
            var path = Path()
            for frame in 0..<use.frames where use.users[frame] == count {
                path.rect(
                    Double(frame % columns) * cell, Double(frame / columns) * cell, cell * 0.9, cell * 0.9)
            }
            guard !path.steps.isEmpty else { return nil }
            return path.element("tile q\(use.level(count)) mark").titled("\(count) networks")
        }
    }

    private func key(_ use: FrameUse, _ x: Double) -> [Element] {
        var elements = [SVG.text(x, 12, "networks on a frame", "name")]
        var y = 32.0
        for (count, frames) in use.byUsers.enumerated().reversed() where frames > 0 {
            elements.append(SVG.rect(x, y - 10, 12, 12, "tile q\(use.level(count))"))
            let name = count == 0 ? "free" : "\(count)"
            elements.append(SVG.text(x + 20, y, name, "label strong"))
            elements.append(
                SVG.text(
                    x + 146, y, NumberText.whole(frames) + (frames == 1 ? " frame" : " frames"), "label", .end
                ))
            y += 20
        }
        return elements
    }
}
