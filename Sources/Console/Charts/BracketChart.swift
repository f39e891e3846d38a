import Hub

/// Columns in groups: how many there are in each step, a column for each month, told apart by their order and the number on each.
/// The numbers stand in a table beside it.
struct BracketChart: Sendable {
    private static let (left, top, height, bar, gap) = (44, 22, 180, 24, 26)

    /// What stands below each group.
    let groups: [String]
    /// A column in each group: what it is called, and its numbers in the groups' order.
    let columns: [(name: String, counts: [Int])]
    let title: String
    /// What is counted, above the axis.
    let unit: String
    /// Where the axis ends; `nil` = at the largest number.
    var most: Int?

    /// Nothing without columns.
    var svg: String? {
        guard !self.columns.isEmpty, !self.groups.isEmpty else { return nil }
        let most = self.most ?? max(1, self.columns.flatMap(\.counts).max() ?? 1)
        let group = max(72, Self.bar * self.columns.count + Self.gap)
        let plot = group * self.groups.count
        let legend = self.columns.count > 1 ? 130 : 8
        let width = Self.left + plot + legend
        let floor = Self.top + Self.height
        var parts: [String] = [
            "<text class=\"quiet\" x=\"0\" y=\"12\">\(HTMLText.escaped(self.unit))</text>"
        ]
        for value in Set([0, (most + 1) / 2, most]).sorted() {
            let y = floor - value * Self.height / most
            parts.append(
                "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.left + plot)\" y1=\"\(y)\" y2=\"\(y)\"/>"
                    + "<text class=\"quiet\" x=\"\(Self.left - 8)\" y=\"\(y + 4)\" text-anchor=\"end\">\(value)</text>")
        }
        for (index, name) in self.groups.enumerated() {
            let start = Self.left + index * group + (group - Self.bar * self.columns.count) / 2
            for (place, column) in self.columns.enumerated() {
                let count = column.counts[index]
                let (x, size) = (start + place * Self.bar, count * Self.height / most)
                if count > 0 {
                    parts.append(
                        "<rect class=\"fill\(place % 6 + 1)\" x=\"\(x + 1)\" y=\"\(floor - max(2, size))\" width=\"\(Self.bar - 3)\" "
                            + "height=\"\(max(2, size))\"/>"
                            + "<text x=\"\(x + Self.bar / 2)\" y=\"\(floor - max(2, size) - 4)\" text-anchor=\"middle\">\(count)</text>"
                    )
                }
            }
            parts.append(
                "<text class=\"quiet\" x=\"\(start + Self.bar * self.columns.count / 2)\" y=\"\(floor + 18)\" text-anchor=\"middle\">"
                    + "\(HTMLText.escaped(name))</text>")
        }
        if self.columns.count > 1 {
            for (place, column) in self.columns.enumerated() {
                let (x, y) = (Self.left + plot + 16, Self.top + place * 20)
                parts.append(
                    "<rect class=\"fill\(place % 6 + 1)\" x=\"\(x)\" y=\"\(y)\" width=\"12\" height=\"12\"/>"
                        + "<text x=\"\(x + 18)\" y=\"\(y + 11)\">\(place + 1). \(HTMLText.escaped(column.name))</text>")
            }
        }
        return
            "<svg viewBox=\"0 0 \(width) \(floor + 28)\" width=\"\(width)\" height=\"\(floor + 28)\" role=\"img\" aria-label=\"\(HTMLText.escaped(self.title))\">"
            + parts.joined() + "</svg>"
    }
}
