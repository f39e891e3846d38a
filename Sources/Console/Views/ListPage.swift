import Hub

/// Going through a long list page by page, by where the page before ended.
struct ListPage {
    static let size = 100

    /// The words and addresses below a list, as `pages.mustache` shows them.
    ///
    /// - Parameters:
    ///   - shown: rows on this page.
    ///   - address: of this page.
    ///   - next: what the next page comes after; `nil` on the last one.
    ///   - csv: where the whole list is had as a table.
    static func view(
        shown: Int, of total: Int? = nil, at address: Address, next: String?, csv: Address?, _ language: Language
    ) -> View {
        var view: View = [:]
        let count = TimeText.number(shown)
        view["range"] =
            if let total, total != shown {
                language(sv: "\(count) av \(TimeText.number(total)) visas", en: "\(count) of \(TimeText.number(total)) shown")
            } else {
                language(sv: "\(count) visas", en: "\(count) shown")
            }
        if let next { view["next"] = "\(address.with("after", next).with("said", nil))" }
        // Back is where the visitor came from; the first page is always a step away.
        if address.description.contains("after=") { view["previous"] = "\(address.with("after", nil).with("said", nil))" }
        if let csv { view["csv"] = "\(csv)" }
        return view
    }
}
