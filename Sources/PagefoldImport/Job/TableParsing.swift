// The keys beside `samples` that say how tables are read. What they mean is PagefoldData's TableLayout.

import PagefoldCore
import PagefoldData
import Yams

extension TableLayout {
    static let keys: Set<String> = ["label", "group", "columns", "window", "stride", "header"]

    /// Reads the keys beside `samples`.
    init(_ node: JobNode) throws(InputError) {
        self.init()
        label = try node.child("label")?.scalar()
        group = try node.child("group")?.scalar()
        window = try node.child("window")?.whole(in: 1...1_000_000)
        stride = try node.child("stride")?.whole(in: 1...1_000_000)
        if let columns = node.child("columns") {
            for column in columns.node.sequence == nil ? [columns] : try columns.list() {
                self.columns.append(try column.scalar())
            }
        }
        if let header = node.child("header") { hasHeader = try header.whole(in: 0...1) == 1 }
        if let stride = node.child("stride"), window == nil {
            throw stride.fail("says nothing without window", "write window: ROWS too, or leave it out")
        }
    }
}
