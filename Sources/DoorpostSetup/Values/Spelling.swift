/// Finds what somebody most likely meant to write.
enum Spelling {
    /// The candidate with the fewest letters to change, if that is few enough to be a slip.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let near = candidates.map { (name: $0, distance: distance(word, $0)) }
            .min { $0.distance < $1.distance }
        guard let near, near.distance <= max(1, min(word.count, near.name.count) / 2) else {
            return nil
        }
        return near.name
    }

    /// ` (did you mean 'length'?)`, ` (one of: …)`, or nothing when there is nothing to choose.
    static func hint(for word: String, among candidates: [String]) -> String {
        if let name = nearest(to: word, among: candidates) { return " (did you mean '\(name)'?)" }
        return candidates.isEmpty ? "" : " (known here: \(candidates.joined(separator: ", ")))"
    }

    /// Levenshtein's distance where two neighbours swapped count as one change.
    private static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left), b = Array(right)
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(
                    rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
