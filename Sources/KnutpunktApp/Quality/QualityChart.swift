import Hub

/// Findings over the runs as an SVG picture without scripts: what blocks below, what warns on top of it.
struct QualityChart {
    let points: [QualityReport.Point]
    let language: Language

    private static let height = 160
    private static let left = 50
    private static let top = 12
    private static let blocking = "#b2182b"
    private static let warning = "#fdb863"

    /// Empty with fewer than two runs: there is no trend yet.
    var svg: String {
        guard self.points.count > 1 else { return "" }
        let most = max(1, self.points.map(\.total.found).max() ?? 1)
        let bar = max(4, min(40, 720 / self.points.count))
        let width = Self.left + bar * self.points.count + 10
        var parts = [0, most].map { value -> String in
            let y = Self.top + Self.height - value * Self.height / most
            return "<line x1=\"\(Self.left)\" x2=\"\(width)\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#ccc\"/>"
                + Self.text("\(value)", Self.left - 6, y + 4, anchor: "end")
        }
        for (place, point) in self.points.enumerated() {
            let x = Self.left + place * bar
            var bottom = Self.top + Self.height
            let day = "\(point.run.time.prefix(10))"
            for (count, colour, what) in [
                (point.total.blocking, Self.blocking, self.language(sv: "hindrar", en: "block")),
                (point.total.warning, Self.warning, self.language(sv: "varnar", en: "warn")),
            ] {
                let height = count * Self.height / most
                bottom -= height
                parts.append(
                    "<rect x=\"\(x)\" y=\"\(bottom)\" width=\"\(max(2, bar - 2))\" height=\"\(height)\" fill=\"\(colour)\">"
                        + "<title>\(day): \(count) \(what)</title></rect>")
            }
        }
        let first = self.points.first.map { "\($0.run.time.prefix(10))" } ?? ""
        let last = self.points.last.map { "\($0.run.time.prefix(10))" } ?? ""
        parts.append(Self.text(first, Self.left, Self.top + Self.height + 16, anchor: "start"))
        if self.points.count > 3 { parts.append(Self.text(last, width, Self.top + Self.height + 16, anchor: "end")) }
        let name = self.language(sv: "Brister per körning", en: "Faults by run")
        return """
            <svg role="img" aria-label="\(name)" width="\(width)" height="\(Self.top + Self.height + 24)" \
            xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12">
            \(parts.joined(separator: "\n"))
            </svg>
            """
    }

    private static func text(_ text: String, _ x: Int, _ y: Int, anchor: String) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(text)</text>"
    }
}
