/// Rows under headings for people. Columns are as wide as their widest cell, and nothing is cut
/// or wrapped: `grep` and `awk` see whole values.
struct Table {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    mutating func add(_ cells: String...) {
        rows.append(cells.map { $0.isEmpty ? "-" : Terminal.safe($0) })
    }

    var text: String {
        let lines = [headings] + rows
        let widths = headings.indices.map { column in
            lines.map { $0[column].count }.max() ?? 0
        }
        return lines.map { cells in
            let padded = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }.joined(separator: "  ")
            return String(padded.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}

/// A list of things, shown as a table or as JSON.
struct Listing<Item> {
    var items: [Item]
    /// What is said, on standard error, when there are none.
    var ifEmpty: String
    var json: (Item) -> JSON
    var table: ([Item]) -> Table

    func show(asJSON: Bool) throws {
        if asJSON {
            try Output.line(JSON.list(items.map(json)).text())
        } else if items.isEmpty {
            Output.note(ifEmpty)
        } else {
            try Output.write(table(items).text)
        }
    }
}
