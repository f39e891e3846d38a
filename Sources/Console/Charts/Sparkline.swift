import Hub
/// How often something happened, column by column, as a small picture in a row; the numbers stand beside it in words.
struct Sparkline {
    let counts: [Int]
    let title: String

    var svg: String {
        let most = max(self.counts.max() ?? 0, 1)
        let columns = self.counts.enumerated().map { index, count in
            let height = count == 0 ? 1 : max(2, 20 * count / most)
            return "<rect class=\"fill1\" x=\"\(index * 5)\" y=\"\(22 - height)\" width=\"4\" height=\"\(height)\"/>"
        }
        let width = max(self.counts.count * 5, 5)
        return
            "<svg viewBox=\"0 0 \(width) 22\" width=\"\(width)\" height=\"22\" role=\"img\" aria-label=\"\(HTMLText.escaped(self.title))\">"
            + columns.joined() + "</svg>"
    }
}
