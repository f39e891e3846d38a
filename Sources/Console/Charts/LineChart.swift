import Hub

/// How shares have gone over time, a line for each name, told apart by strokes as well as by colour. The numbers belong in a table beside.
struct LineChart: Sendable {
    /// One line.
    struct Line: Sendable {
        let name: String
        /// One for each moment, 0-1; `nil` where nothing is known.
        let shares: [Double?]
    }

    private static let (width, height, left, top, right, bottom) = (760.0, 230.0, 64.0, 12.0, 130.0, 28.0)

    let lines: [Line]
    /// What stands below the first and the last moment.
    let moments: [String]
    let title: String
    let percent: @Sendable (Double) -> String

    /// Nothing before the second moment: one point is no course.
    var svg: String? {
        guard self.moments.count > 1 else { return nil }
        let known = self.lines.flatMap(\.shares).compactMap(\.self)
        // Near the top small differences count; a flat line stands at the top.
        let least = min(known.min() ?? 1, 0.999)
        let (plotWidth, plotHeight) = (Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom)
        func x(_ index: Int) -> Int { Int(Self.left + plotWidth * Double(index) / Double(self.moments.count - 1)) }
        func y(_ share: Double) -> Int { Int(Self.top + plotHeight * (1 - (share - least) / (1 - least))) }
        var parts: [String] = []
        for step in 0...4 {
            let share = least + (1 - least) * Double(step) / 4
            parts.append(
                "<line class=\"grid\" x1=\"\(Int(Self.left))\" x2=\"\(Int(Self.width - Self.right))\" y1=\"\(y(share))\" y2=\"\(y(share))\"/>"
                    + "<text class=\"quiet\" x=\"\(Int(Self.left) - 8)\" y=\"\(y(share) + 4)\" text-anchor=\"end\">\(HTMLText.escaped(self.percent(share)))</text>"
            )
        }
        for (number, line) in self.lines.enumerated() {
            let look = "s\(number % 6 + 1)"
            let points = line.shares.enumerated().compactMap { index, share in share.map { "\(x(index)),\(y($0))" } }
            parts.append(
                "<polyline class=\"\(look)\" fill=\"none\" stroke-width=\"2.5\" points=\"\(points.joined(separator: " "))\"/>")
            let place = Int(Self.top) + 12 + number * 20
            let start = Int(Self.width - Self.right) + 12
            parts.append(
                "<line class=\"\(look)\" stroke-width=\"2.5\" x1=\"\(start)\" x2=\"\(start + 24)\" y1=\"\(place - 4)\" y2=\"\(place - 4)\"/>"
                    + "<text x=\"\(start + 30)\" y=\"\(place)\">\(HTMLText.escaped(line.name))</text>")
        }
        for index in [0, self.moments.count - 1] {
            parts.append(
                "<text class=\"quiet\" x=\"\(x(index))\" y=\"\(Int(Self.height) - 8)\" text-anchor=\"middle\">\(HTMLText.escaped(self.moments[index]))</text>"
            )
        }
        return
            "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" width=\"\(Int(Self.width))\" height=\"\(Int(Self.height))\" role=\"img\" aria-label=\"\(HTMLText.escaped(self.title))\">"
            + parts.joined() + "</svg>"
    }
}
