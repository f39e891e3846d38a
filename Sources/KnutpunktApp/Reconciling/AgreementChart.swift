import Hub
import Reconciliation

/// How much agreed, run by run, as a picture: a line for each system, with a table of the same for whoever can't see it.
struct AgreementChart {
    private static let (width, height, left, top, right, bottom) = (760.0, 220.0, 60.0, 12.0, 110.0, 26.0)
    /// Told apart by their strokes too, not by colour alone.
    private static let strokes = [
        "stroke=\"#0b6bcb\"", "stroke=\"#c2410c\" stroke-dasharray=\"6 3\"", "stroke=\"#15803d\" stroke-dasharray=\"2 3\"",
        "stroke=\"#7e22ce\" stroke-dasharray=\"8 3 2 3\"", "stroke=\"#a16207\" stroke-dasharray=\"1 4\"", "stroke=\"#475569\"",
    ]

    private let runs: [ReconcileRun]
    private let words: ReconcileWords

    init(_ runs: [ReconcileRun], _ words: ReconcileWords) {
        self.runs = runs
        self.words = words
    }

    private var names: [String] { Set(self.runs.flatMap { $0.systems.filter { $0.state == .done }.map(\.system) }).sorted() }

    private func share(_ run: ReconcileRun, _ system: String) -> Double? {
        run.systems.first { $0.system == system && $0.state == .done }?.agreement
    }

    /// Nothing before the second run: one point is no course.
    var svg: String {
        guard self.runs.count > 1 else { return "" }
        let shares = self.runs.flatMap { run in self.names.compactMap { self.share(run, $0) } }
        let least = min(shares.min() ?? 1, 0.999)
        let (plotWidth, plotHeight) = (Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom)
        func x(_ index: Int) -> Double { Self.left + plotWidth * Double(index) / Double(self.runs.count - 1) }
        func y(_ share: Double) -> Double { Self.top + plotHeight * (1 - (share - least) / (1 - least)) }
        var parts: [String] = []
        for step in 0...4 {
            let share = least + (1 - least) * Double(step) / 4
            parts.append(
                "<line x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(y(share))\" y2=\"\(y(share))\" stroke=\"#8885\"/>"
                    + "<text x=\"\(Self.left - 6)\" y=\"\(y(share) + 4)\" text-anchor=\"end\" font-size=\"11\" fill=\"currentColor\">\(self.words.percent(share))</text>"
            )
        }
        for (number, name) in self.names.enumerated() {
            let points = self.runs.indices.compactMap { index in self.share(self.runs[index], name).map { (x(index), y($0)) } }
            let stroke = Self.strokes[number % Self.strokes.count]
            parts.append(
                "<polyline fill=\"none\" stroke-width=\"2\" \(stroke) points=\"\(points.map { "\($0.0),\($0.1)" }.joined(separator: " "))\"/>"
            )
            if let last = points.last {
                // Names one below the other where lines end at one height.
                let place = Self.top + 12 + Double(number) * 16
                parts.append(
                    "<line x1=\"\(Self.width - Self.right + 8)\" x2=\"\(Self.width - Self.right + 28)\" y1=\"\(place - 4)\" y2=\"\(place - 4)\" stroke-width=\"2\" \(stroke)/>"
                        + "<text x=\"\(Self.width - Self.right + 32)\" y=\"\(place)\" font-size=\"11\" fill=\"currentColor\">\(HTMLText.escaped(name))</text>"
                        + "<circle cx=\"\(last.0)\" cy=\"\(last.1)\" r=\"3\" fill=\"currentColor\"/>")
            }
        }
        for index in [0, self.runs.count - 1] {
            parts.append(
                "<text x=\"\(x(index))\" y=\"\(Self.height - 8)\" text-anchor=\"middle\" font-size=\"11\" fill=\"currentColor\">\(self.runs[index].beganAt.prefix(10))</text>"
            )
        }
        let title = self.words.language(
            sv: "Andel rader som är överens, körning för körning", en: "Share of rows that agree, run by run")
        return
            "<h2>\(title)</h2><svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(title)\">"
            + parts.joined(separator: "\n") + "</svg>" + self.table
    }

    private var table: String {
        let header = "<tr><th></th>" + self.names.map { "<th class=\"n\">\(HTMLText.escaped($0))</th>" }.joined() + "</tr>"
        let rows = self.runs.suffix(10).reversed().map { run in
            "<tr><td>\(run.beganAt.prefix(16))</td>"
                + self.names.map { name in "<td class=\"n\">\(self.share(run, name).map(self.words.percent) ?? "–")</td>" }
                .joined() + "</tr>"
        }
        return "<table><thead>\(header)</thead><tbody>\(rows.joined())</tbody></table>"
    }
}
