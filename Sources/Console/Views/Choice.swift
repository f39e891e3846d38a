/// The options of a list to choose from, as templates show them.
enum Choice {
    static func views(_ options: [(value: String, name: String)], chosen: String?) -> [View] {
        options.map { ["value": $0.value, "name": $0.name, "isChosen": $0.value == chosen] }
    }

    /// Options that are called what they are.
    static func views(_ names: [String], chosen: String?) -> [View] { self.views(names.map { ($0, $0) }, chosen: chosen) }
}

extension ListPage {
    /// The part of a list that is at hand as a whole which the address asks for, by the number of rows before it.
    static func part<Row>(of rows: [Row], _ visit: Visit) -> (rows: ArraySlice<Row>, next: String?) {
        let start = min(max(0, visit.query.number("after") ?? 0), rows.count)
        let part = rows[start...].prefix(Self.size)
        return (part, part.endIndex < rows.count ? String(part.endIndex) : nil)
    }
}

extension [String: Any] {
    /// Without empty texts: a template shows a part for whatever is there.
    var withoutEmpty: View { self.filter { ($0.value as? String)?.isEmpty != true } }
}
