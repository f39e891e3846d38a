/// Collects what is wrong while files are read.
final class Diagnostics {
    private(set) var all: [Diagnostic] = []

    var hasErrors: Bool { self.all.contains { $0.severity == .error } }

    func error(_ message: String, at position: Position, hint: String? = nil) {
        self.add(.error, message, position, hint)
    }

    func warning(_ message: String, at position: Position, hint: String? = nil) {
        self.add(.warning, message, position, hint)
    }

    private func add(_ severity: Diagnostic.Severity, _ message: String, _ position: Position, _ hint: String?) {
        let diagnostic = Diagnostic(
            severity, message, file: position.file, line: position.line, column: position.column, hint: hint)
        if !self.all.contains(diagnostic) { self.all.append(diagnostic) }
    }

    /// Says that a name is unknown, and which of the known ones may have been meant.
    func unknown(_ what: String, _ name: String, at position: Position, known: some Collection<String>, in place: String = "") {
        let sorted = known.sorted()
        let hint: String?
        if let nearest = Self.nearest(to: name, in: sorted) {
            hint = "did you mean '\(nearest)'?"
        } else if sorted.isEmpty {
            hint = nil
        } else {
            hint = "known: \(sorted.joined(separator: ", "))"
        }
        self.error("unknown \(what) '\(name)'\(place)", at: position, hint: hint)
    }

    static func nearest(to name: String, in known: [String]) -> String? {
        let limit = max(1, name.count / 3)
        let distances = known.map { ($0, Self.distance(Array(name.lowercased()), Array($0.lowercased()))) }
        return distances.filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// How many letters to change, add, drop or swap with their neighbour.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var earlier: [Int] = []
        var row = Array(0...right.count)
        for (i, character) in left.enumerated() {
            var next = [i + 1]
            next.reserveCapacity(right.count + 1)
            for (j, other) in right.enumerated() {
                var cost = min(row[j] + (character == other ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, character == right[j - 1], left[i - 1] == other { cost = min(cost, earlier[j - 1] + 1) }
                next.append(cost)
            }
            earlier = row
            row = next
        }
        return row[right.count]
    }

    /// The names of a mapping that aren't among the allowed ones.
    func checkKeys(of node: YAMLNode, allowed: [String], in place: String) {
        for (key, _) in node.pairs ?? [] {
            guard let name = key.text, !allowed.contains(name) else { continue }
            self.unknown("key", name, at: key.position, known: allowed, in: " in \(place)")
        }
    }
}
