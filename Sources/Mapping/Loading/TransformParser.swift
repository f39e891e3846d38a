import SchoolRecords

/// Reads transforms: `upper`, `{date: yyyyMMdd}`, or a list of such.
struct TransformParser {
    let rules: IdentityNumberRules
    let diagnostics: Diagnostics

    static let plain: [String: Transform] = [
        "trim": .trim, "upper": .upper, "lower": .lower, "single_line": .singleLine, "digits": .digits,
        "leading_code": .leadingCode, "name": .name, "first_word": .firstWord, "initial": .initial, "ascii": .ascii,
        "email": .email, "integer": .integer, "boolean": .boolean, "name_uuid": .nameUUID,
    ]
    static let withArgument = [
        "limit", "phone", "identity_number", "date", "parse_date", "words", "postal_code", "number", "pad",
        "last", "replace", "part", "add_days", "school_year",
    ]

    static var names: [String] { (Array(Self.plain.keys) + Self.withArgument).sorted() }

    func parse(_ node: YAMLNode) -> [TransformRule] {
        (node.elements ?? [node]).compactMap { element in
            self.single(element).map {
                TransformRule(
                    transform: $0, text: Self.written(element),
                    isWrittenOut: element.pairs?.allSatisfy { $0.value.text != nil } ?? true)
            }
        }
    }

    /// A transform as a person would write it on one line.
    private static func written(_ node: YAMLNode) -> String {
        guard let (name, argument) = node.pairs?.first else { return node.text ?? "" }
        return "\(name.text ?? ""): \(argument.text ?? "…")"
    }

    private func single(_ node: YAMLNode) -> Transform? {
        if let name = node.text {
            if let transform = Self.plain[name] { return transform }
            if Self.withArgument.contains(name) {
                self.diagnostics.error(
                    "transform '\(name)' needs an argument", at: node.textPosition, hint: "write {\(name): …}")
            } else {
                self.diagnostics.unknown("transform", name, at: node.textPosition, known: Self.names)
            }
            return nil
        }
        guard let pairs = node.pairs, pairs.count == 1, let name = pairs[0].key.text else {
            self.diagnostics.error("a transform is a name, or one name with its argument", at: node.position)
            return nil
        }
        let (key, argument) = pairs[0]
        switch name {
        case "limit":
            guard let count = argument.integer, count > 0 else { return self.bad(argument, "a number of characters above 0") }
            return .limit(count)
        case "phone":
            switch argument.text {
            case "national": return .phone(international: false)
            case "international": return .phone(international: true)
            default: return self.bad(argument, "national or international")
            }
        case "identity_number":
            guard let form = argument.text.flatMap(Transform.NumberForm.init) else {
                return self.bad(argument, "one of \(Transform.NumberForm.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return .identityNumber(form, self.rules)
        case "date":
            guard let pattern = argument.text.flatMap({ DatePattern($0) }) else {
                return self.bad(argument, "a form such as yyyyMMdd")
            }
            return .date(pattern)
        case "parse_date":
            guard let pattern = argument.text.flatMap({ DatePattern($0) }), pattern.isComplete else {
                return self.bad(argument, "a form with yyyy, MM and dd")
            }
            return .parseDate(pattern)
        case "words":
            guard let words = argument.pairs, !words.isEmpty, words.allSatisfy({ $0.value.text != nil }) else {
                return self.bad(argument, "a mapping of words to words")
            }
            return .words(Dictionary(words.map { ($0.key.text ?? "", $0.value.json) }, uniquingKeysWith: { first, _ in first }))
        case "postal_code":
            switch argument.text {
            case "plain": return .postalCode(spaced: false)
            case "spaced": return .postalCode(spaced: true)
            default: return self.bad(argument, "plain or spaced")
            }
        case "number": return self.number(argument)
        case "pad", "last":
            guard let count = argument.integer, (1...200).contains(count) else {
                return self.bad(argument, "a number of characters from 1 to 200")
            }
            return name == "pad" ? .pad(count) : .last(count)
        case "replace":
            guard let pairs = argument.pairs, !pairs.isEmpty,
                pairs.allSatisfy({ $0.key.text?.isEmpty == false && $0.value.text != nil })
            else { return self.bad(argument, "a mapping of texts to texts") }
            return .replace(pairs.map { ($0.key.text ?? "", $0.value.isNull ? "" : $0.value.text ?? "") })
        case "part": return self.part(argument)
        case "add_days":
            guard let days = argument.integer, abs(days) <= 100_000 else { return self.bad(argument, "a number of days") }
            return .addDays(days)
        case "school_year":
            guard let form = argument.text.flatMap(Transform.SchoolYearForm.init) else {
                return self.bad(argument, "one of \(Transform.SchoolYearForm.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return .schoolYear(form)
        default:
            if Self.plain[name] != nil {
                self.diagnostics.error("transform '\(name)' takes no argument", at: key.position)
            } else {
                self.diagnostics.unknown("transform", name, at: key.position, known: Self.names)
            }
            return nil
        }
    }

    /// `{decimals: 1, separator: ","}`
    private func number(_ node: YAMLNode) -> Transform? {
        self.diagnostics.checkKeys(of: node, allowed: ["decimals", "separator"], in: "'number'")
        guard let decimals = node["decimals"]?.integer, (0...9).contains(decimals) else {
            return self.bad(node["decimals"] ?? node, "'decimals' from 0 to 9, e.g. {decimals: 1, separator: ','}")
        }
        return .number(decimals: decimals, separator: node["separator"]?.text ?? ".")
    }

    /// `{number: 1, separator: ","}`
    private func part(_ node: YAMLNode) -> Transform? {
        self.diagnostics.checkKeys(of: node, allowed: ["number", "separator"], in: "'part'")
        guard let number = node["number"]?.integer, number != 0, abs(number) <= 1000,
            let separator = node["separator"]?.text, !separator.isEmpty
        else {
            return self.bad(node, "a number from 1 (or from -1, from the end) and a separator, e.g. {number: 1, separator: ','}")
        }
        return .part(number, separator: separator)
    }

    private func bad(_ argument: YAMLNode, _ expected: String) -> Transform? {
        self.diagnostics.error("\(expected) is expected here", at: argument.position)
        return nil
    }
}
