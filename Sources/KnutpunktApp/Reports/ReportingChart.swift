import Hub

/// A form's months as an SVG picture without scripts: how many schools in each step where there are several that count lessons,
/// otherwise from the lowest to the highest share with the total between.
struct ReportingChart {
    let form: ReportedForm
    let summaries: [ReportingTable.Summary]
    let words: ReportingWords

    private static let height = 200
    private static let left = 46
    private static let top = 12
    /// From light to dark, so that they differ on paper and to those who see colours differently.
    private static let shades = ["#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b"]

    private var showsSteps: Bool { self.form.countsLessons && (self.summaries.map(\.schools).max() ?? 0) > 1 }

    var svg: String { self.showsSteps ? self.steps : self.ranges }

    private var steps: String {
        let most = max(1, self.summaries.flatMap(\.brackets).max() ?? 1)
        let bar = max(6, min(26, 110 / max(1, self.summaries.count)))
        let group = bar * self.summaries.count + 24
        var parts: [String] = []
        for (index, bracket) in ReportedBracket.allCases.enumerated() {
            let start = Self.left + index * group + 12
            for (place, month) in self.summaries.enumerated() {
                let count = month.brackets[index]
                let height = count * Self.height / most
                let x = start + place * bar
                let y = Self.top + Self.height - height
                parts.append(
                    "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(bar - 2)\" height=\"\(height)\" fill=\"\(Self.shade(place))\">"
                        + "<title>\(month.month), \(bracket.name) %: \(count)</title></rect>")
                if count > 0 { parts.append(Self.text("\(count)", x + bar / 2 - 1, y - 3, anchor: "middle")) }
            }
            parts.append(
                Self.text("\(bracket.name) %", start + (group - 24) / 2, Self.top + Self.height + 16, anchor: "middle"))
        }
        let width = Self.left + ReportedBracket.allCases.count * group
        return self.picture(width, axis: (0...1).map { ($0 * most, $0 * Self.height) }, unit: "", parts + self.legend)
    }

    private var ranges: String {
        let group = 90
        var parts: [String] = []
        for (place, month) in self.summaries.enumerated() {
            let center = Self.left + place * group + group / 2
            let (low, high) = (Self.y(month.lowest), Self.y(month.highest))
            let label = "\(month.month): \(self.words.percent(month.lowest))–\(self.words.percent(month.highest)) %"
            parts.append(
                "<rect x=\"\(center - 13)\" y=\"\(high)\" width=\"26\" height=\"\(max(2, low - high))\" fill=\"#9ecae1\">"
                    + "<title>\(label)</title></rect>")
            let total = Self.y(month.total)
            parts.append(
                "<line x1=\"\(center - 17)\" x2=\"\(center + 17)\" y1=\"\(total)\" y2=\"\(total)\" stroke=\"#08306b\" "
                    + "stroke-width=\"3\"/>")
            parts.append(Self.text("\(self.words.percent(month.total)) %", center + 20, total + 4, anchor: "start"))
            parts.append(Self.text("\(month.month)", center, Self.top + Self.height + 16, anchor: "middle"))
        }
        let axis = [0, 25, 50, 75, 100].map { ($0, $0 * Self.height / 100) }
        return self.picture(Self.left + self.summaries.count * group + 30, axis: axis, unit: " %", parts)
    }

    private var legend: [String] {
        self.summaries.enumerated().flatMap { place, month in
            let x = Self.left + 12 + place * 86
            let y = Self.top + Self.height + 30
            return [
                "<rect x=\"\(x)\" y=\"\(y)\" width=\"12\" height=\"12\" fill=\"\(Self.shade(place))\"/>",
                Self.text("\(month.month)", x + 17, y + 11, anchor: "start"),
            ]
        }
    }

    private func picture(_ width: Int, axis: [(value: Int, height: Int)], unit: String, _ parts: [String]) -> String {
        let name = "\(self.words.name(of: self.form)): \(self.words.measure(of: self.form))"
        let lines = axis.map { value, height in
            let y = Self.top + Self.height - height
            return "<line x1=\"\(Self.left)\" x2=\"\(width)\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#ccc\"/>"
                + Self.text("\(value)\(unit)", Self.left - 6, y + 4, anchor: "end")
        }
        return """
            <svg role="img" aria-label="\(name)" width="\(width)" height="\(Self.top + Self.height + 48)" \
            xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="12">
            \((lines + parts).joined(separator: "\n"))
            </svg>
            """
    }

    private static func shade(_ place: Int) -> String { Self.shades[place % Self.shades.count] }

    private static func y(_ share: ReportedShare) -> Int { Self.top + Self.height - share.tenths * Self.height / 1000 }

    private static func text(_ text: String, _ x: Int, _ y: Int, anchor: String) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(text)</text>"
    }
}
