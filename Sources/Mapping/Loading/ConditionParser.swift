import Foundation
import SchoolRecords

/// Reads conditions: `groupType in Klass | Avdelning`, `endDate >= today`, `person exists`, `current`.
struct ConditionParser {
    let scope: PathScope
    let diagnostics: Diagnostics

    /// A condition written as a text; `nil`, with a diagnostic, when it is none.
    func parse(_ text: String, at position: Position) -> Condition? {
        let first = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true).first.map(String.init)
        if let period = first.flatMap(Condition.Period.init), self.scope.names[period.rawValue] == nil {
            let rest = Self.trimmed(text.dropFirst(period.rawValue.count))
            if rest.isEmpty || rest == "on" || rest.hasPrefix("on ") {
                return self.period(
                    RecordPath(root: .record, steps: [], text: ""), self.scope.record.map(FieldShape.object), text, at: position)
            }
        }
        let (pathText, rest) = Self.split(text)
        guard !pathText.isEmpty else {
            self.diagnostics.error("a condition must begin with a field", at: position)
            return nil
        }
        guard let parsed = PathParser(scope: self.scope, diagnostics: self.diagnostics).parse(pathText, at: position) else {
            return nil
        }
        let words = rest.split(separator: " ", omittingEmptySubsequences: true)
        let restStart = position.moved(by: text.count - rest.count)
        switch words.first.map(String.init) {
        case nil:
            self.diagnostics.error(
                "what shall hold for '\(pathText)'?", at: position,
                hint: "write for example '\(pathText) exists' or '\(pathText) = value'")
            return nil
        case "exists" where words.count == 1: return .exists(parsed.path)
        case "missing" where words.count == 1: return .not(.exists(parsed.path))
        case "current", "upcoming", "ended": return self.period(parsed.path, parsed.shape, rest, at: restStart)
        case "starts" where words.dropFirst().first == "with": return self.text(parsed.path, .beginning, rest, at: restStart)
        case "ends" where words.dropFirst().first == "with": return self.text(parsed.path, .end, rest, at: restStart)
        case "contains": return self.text(parsed.path, .anywhere, rest, at: restStart)
        case "in": return self.membership(parsed.path, rest, "in", at: restStart)
        case "not" where words.dropFirst().first == "in":
            return self.membership(parsed.path, rest, "in", at: restStart).map { .not($0) }
        default: return self.comparison(parsed.path, rest, at: restStart)
        }
    }

    /// `current`, `upcoming`, `ended`, each alone or with `on` and a day.
    private func period(_ path: RecordPath, _ shape: FieldShape?, _ text: String, at position: Position) -> Condition? {
        let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true).map(String.init)
        guard let period = words.first.flatMap(Condition.Period.init) else { return nil }
        if let shape, shape.fields?.fields["startDate"] == nil {
            self.diagnostics.error("'\(period.rawValue)' needs something with a startDate and an endDate", at: position)
            return nil
        }
        if words.count == 1 { return .period(path, period, .today) }
        guard words.count == 3, words[1] == "on", let day = RelativeDay(Self.trimmed(words[2])) else {
            self.diagnostics.error(
                "'\(period.rawValue)' stands alone or with 'on' and a day", at: position, hint: Self.days(after: period.rawValue))
            return nil
        }
        return .period(path, period, day)
    }

    private static func days(after word: String) -> String {
        "write for example '\(word) on school_year_end' or '\(word) on today + 30 days'; "
            + "days: \(RelativeDay.Base.allCases.map(\.rawValue).joined(separator: ", "))"
    }

    private func text(_ path: RecordPath, _ match: Condition.TextMatch, _ rest: String, at position: Position) -> Condition? {
        let words = match.rawValue.split(separator: " ").count
        let value = rest.split(separator: " ", maxSplits: words, omittingEmptySubsequences: true)
        guard value.count > words, !Self.unquoted(Self.trimmed(value[words])).isEmpty else {
            self.diagnostics.error("a text is expected after '\(match.rawValue)'", at: position)
            return nil
        }
        return .holdsText(path, match, Self.unquoted(Self.trimmed(value[words])))
    }

    private func membership(_ path: RecordPath, _ rest: String, _ word: String, at position: Position) -> Condition? {
        guard let range = rest.firstRange(of: word) else { return nil }
        let texts = rest[range.upperBound...].split(separator: "|").map { Self.unquoted(Self.trimmed($0)) }
        guard !texts.isEmpty, !texts.contains("") else {
            self.diagnostics.error(
                "values are expected after 'in'", at: position, hint: "write for example 'in Klass | Avdelning'")
            return nil
        }
        return .isIn(path, Set(texts))
    }

    private func comparison(_ path: RecordPath, _ rest: String, at position: Position) -> Condition? {
        // Longer signs first, so that `<=` isn't read as `<`.
        let signs = Condition.Comparison.allCases.sorted { $0.rawValue.count > $1.rawValue.count }
        guard let sign = signs.first(where: { rest.hasPrefix($0.rawValue) }) else {
            let word = rest.prefix { $0 != " " }
            self.diagnostics.unknown(
                "comparison", String(word), at: position,
                known: signs.map(\.rawValue) + ["exists", "missing", "in", "not in"] + Condition.Period.allCases.map(\.rawValue)
                    + Condition.TextMatch.allCases.map(\.rawValue))
            return nil
        }
        let value = Self.trimmed(rest.dropFirst(sign.rawValue.count))
        guard !Self.unquoted(value).isEmpty else {
            self.diagnostics.error(
                "a value is expected after '\(sign.rawValue)'", at: position, hint: "that there is none is written 'missing'")
            return nil
        }
        if let day = RelativeDay(value) { return .compare(path, sign, .day(day)) }
        if RelativeDay.Base.allCases.contains(where: { value.hasPrefix($0.rawValue + " ") }) {
            self.diagnostics.error(
                "'\(value)' is no day", at: position,
                hint: "write for example 'today + 30 days'; a text stands between quotation marks")
            return nil
        }
        return .compare(path, sign, .text(Self.unquoted(value)))
    }

    /// The path, and what stands after it without leading space.
    private static func split(_ text: String) -> (String, String) {
        var depth = 0
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            if character == "[" { depth += 1 }
            if character == "]" { depth -= 1 }
            if depth == 0 {
                if text[index...].hasPrefix("->") {
                    index = text.index(index, offsetBy: 2)
                    continue
                }
                if " =!<>".contains(character) { break }
            }
            index = text.index(after: index)
        }
        return (String(text[..<index]), String(text[index...].drop { $0 == " " }))
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == text.last, first == "'" || first == "\"" else { return text }
        return String(text.dropFirst().dropLast())
    }

    /// A condition in YAML: a text, a list of which all must hold, or `all`, `any`, `not`.
    func parse(_ node: YAMLNode) -> Condition? {
        switch node.content {
        case .scalar(let text, _): return self.parse(Self.trimmed(text), at: node.textPosition)
        case .sequence(let elements):
            let parts = elements.map(self.parse)
            guard !parts.isEmpty else {
                self.diagnostics.error("the list has no condition", at: node.position)
                return nil
            }
            return parts.contains { $0 == nil } ? nil : .all(parts.compactMap { $0 })
        case .mapping(let pairs):
            guard pairs.count == 1, let (key, value) = pairs.first, let name = key.text else {
                self.diagnostics.error("one of all, any and not is expected", at: node.position)
                return nil
            }
            switch name {
            case "not": return self.parse(value).map { .not($0) }
            case "all", "any":
                guard let elements = value.elements, !elements.isEmpty else {
                    self.diagnostics.error("'\(name)' needs a list of conditions", at: value.position)
                    return nil
                }
                let parts = elements.map(self.parse)
                if parts.contains(where: { $0 == nil }) { return nil }
                return name == "all" ? .all(parts.compactMap { $0 }) : .any(parts.compactMap { $0 })
            default:
                self.diagnostics.unknown("key", name, at: key.position, known: ["all", "any", "not"], in: " in a condition")
                return nil
            }
        }
    }

    /// A `when`, with each condition of a list kept by itself, so that the one that doesn't hold can be named.
    func rule(_ node: YAMLNode) -> WhenRule? {
        var parts: [WhenRule.Part] = []
        if let elements = node.elements, elements.isEmpty {
            self.diagnostics.error("the list has no condition", at: node.position)
        }
        for element in node.elements ?? [node] {
            guard let condition = self.parse(element) else { return nil }
            parts.append(
                .init(
                    condition: condition, text: Self.written(element), isWrittenOut: element.text != nil,
                    position: element.position))
        }
        return WhenRule(parts, sharedPlace: self.scope.shared.place(parts))
    }

    private static func written(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let text, _): Self.trimmed(text)
        case .sequence(let elements): elements.map(Self.written).joined(separator: ", ")
        case .mapping(let pairs):
            pairs.map { "\($0.key.text ?? ""): [\(Self.written($0.value))]" }.joined(separator: ", ")
        }
    }
}
