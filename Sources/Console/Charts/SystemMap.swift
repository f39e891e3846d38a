import Hub

/// The systems around the hub as a picture: sources on the left, receivers on the right, a line for each flow.
struct SystemMap: Sendable {
    /// One end of a flow.
    struct Node: Sendable, Hashable {
        let name: String
        let tone: Tone
        /// A few words below the name.
        let text: String
        /// Whether something has gone this way lately.
        let isBusy: Bool
    }

    private static let (width, nodeWidth, nodeHeight, gap) = (760, 210, 46, 14)

    let sources: [Node]
    let targets: [Node]
    /// Below the hub's name.
    let hub: String
    let title: String

    var svg: String {
        let rows = max(self.sources.count, self.targets.count, 2)
        let height = rows * (Self.nodeHeight + Self.gap) + Self.gap
        let middle = height / 2
        let centre = Self.width / 2
        var parts: [String] = []
        let sides = [(self.sources, 0, true), (self.targets, Self.width - Self.nodeWidth, false)]
        for (nodes, x, isSource) in sides {
            let top = (height - nodes.count * (Self.nodeHeight + Self.gap) + Self.gap) / 2
            for (index, node) in nodes.enumerated() {
                let y = top + index * (Self.nodeHeight + Self.gap)
                let from = (isSource ? Self.nodeWidth : Self.width - Self.nodeWidth, y + Self.nodeHeight / 2)
                let to = (isSource ? centre - 62 : centre + 62, middle)
                let bend = (from.0 + to.0) / 2
                let kind = node.tone == .bad ? "bad" : node.isBusy ? "busy" : node.tone == .warn ? "warn" : ""
                parts.append(
                    "<path class=\"flow \(kind)\" d=\"M\(from.0) \(from.1)C\(bend) \(from.1) \(bend) \(to.1) \(to.0) \(to.1)\"/>")
                parts.append(
                    "<rect class=\"node \(node.tone.rawValue)\" x=\"\(x + 2)\" y=\"\(y)\" width=\"\(Self.nodeWidth - 4)\" height=\"\(Self.nodeHeight)\" rx=\"8\"/>"
                        + "<text x=\"\(x + 14)\" y=\"\(y + 20)\" font-weight=\"600\">\(HTMLText.escaped(node.name))</text>"
                        + "<text class=\"quiet\" x=\"\(x + 14)\" y=\"\(y + 37)\">\(HTMLText.escaped(node.text))</text>")
            }
        }
        parts.append(
            "<rect class=\"hub\" x=\"\(centre - 62)\" y=\"\(middle - 30)\" width=\"124\" height=\"60\" rx=\"12\"/>"
                + "<text class=\"hub-text\" x=\"\(centre)\" y=\"\(middle - 3)\" text-anchor=\"middle\">Knutpunkt</text>"
                + "<text class=\"hub-text\" x=\"\(centre)\" y=\"\(middle + 16)\" text-anchor=\"middle\" font-weight=\"400\">\(HTMLText.escaped(self.hub))</text>"
        )
        return
            "<svg viewBox=\"0 0 \(Self.width) \(height)\" width=\"\(Self.width)\" height=\"\(height)\" role=\"img\" aria-label=\"\(HTMLText.escaped(self.title))\">"
            + parts.joined() + "</svg>"
    }
}
