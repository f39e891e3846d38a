import SchoolRecords

/// What a record of a person says of who it is: the texts that would give somebody away, by what they tell.
struct PersonTexts {
    var given = ""
    var middle = ""
    var family = ""
    /// Identity number, as the record has it.
    var number = ""
    var phones: [String] = []
    /// Street with its number.
    var streets: [String] = []
    /// E-mail, user names and identifiers of other systems.
    var addresses: [(field: String, text: String)] = []

    init(_ person: JSONValue) {
        func text(_ value: JSONValue?) -> String { value?.stringValue.map(Self.trimmed) ?? "" }
        func texts(_ name: String, _ member: String) -> [String] {
            (person[name]?.arrayValue ?? []).map { text($0[member]) }.filter { !$0.isEmpty }
        }
        (self.given, self.middle, self.family) = (
            text(person["givenName"]), text(person["middleName"]), text(person["familyName"])
        )
        self.number = text(person["civicNo"]?["value"])
        self.phones = texts("phoneNumbers", "value")
        self.streets = texts("addresses", "streetAddress")
        self.addresses =
            texts("emails", "value").map { ("email", $0) }
            + texts("externalIdentifiers", "value").map { ("externalIdentifier", $0) }
            + (person["eduPersonPrincipalNames"]?.arrayValue ?? []).map { ("principalName", text($0)) }
    }

    private static func trimmed(_ text: String) -> String {
        String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// How an identity number may be written.
    static func forms(ofNumber number: String) -> [String] {
        guard number.count == 12 else { return number.isEmpty ? [] : [number] }
        let (year, day, last) = (number.prefix(2), number.dropFirst(2).prefix(6), number.suffix(4))
        return [
            number, "\(day)\(last)", "\(year)\(day)-\(last)", "\(day)-\(last)",
            // A plus stands for a hundred years, and counts as a space here.
            "\(year)\(day) \(last)", "\(day) \(last)",
        ]
    }

    /// How a telephone number may be written.
    static func forms(ofPhone phone: String) -> [String] {
        var digits = phone.filter { ("0"..."9").contains($0) }
        if digits.hasPrefix("0046") {
            digits = String(digits.dropFirst(4))
        } else if phone.hasPrefix("+46"), digits.hasPrefix("46") {
            digits = String(digits.dropFirst(2))
        } else if digits.hasPrefix("0") {
            digits = String(digits.dropFirst())
        } else {
            return [phone]
        }
        guard digits.count >= 7 else { return [phone] }
        var forms: Set<String> = [phone, "0\(digits)", "46\(digits)", "46(0)\(digits)"]
        // 070-123 45 67, 08-123 456 78, with the spaces or without.
        for area in 1...3 {
            let (code, rest) = (digits.prefix(area), digits.dropFirst(area))
            let pairs = rest.count % 2 == 0 ? Self.grouped(rest, first: 2) : Self.grouped(rest, first: 3)
            for number in [String(rest), pairs] {
                for separator in ["-", " ", "/"] {
                    forms.formUnion(["0\(code)\(separator)\(number)", "46 \(code)\(separator)\(number)"])
                }
            }
        }
        return forms.sorted()
    }

    /// `1234567` as `123 45 67`.
    private static func grouped(_ digits: Substring, first: Int) -> String {
        var groups = [String(digits.prefix(first))]
        var rest = digits.dropFirst(first)
        while !rest.isEmpty {
            groups.append(String(rest.prefix(2)))
            rest = rest.dropFirst(2)
        }
        return groups.joined(separator: " ")
    }
}
