import Foundation
import Hub
import LeakScan
import SchoolRecords

/// The texts that tell who protected persons are, and which of them can be looked for.
///
/// A text that somebody who isn't protected has too proves nothing where it is found: a given name, an address of a family. Such ones
/// aren't looked for alone. A family name of that kind is looked for beside a given name, unless somebody else is called both.
struct ProtectedTexts {
    /// Names with fewer letters are words of other texts too often to be looked for alone.
    private static let shortestName = 6

    private(set) var tokens: [LeakToken] = []
    /// What isn't looked for as somebody else has it, by what it tells.
    private(set) var shared: [String: Int] = [:]
    /// What isn't looked for as it is too short.
    private(set) var short = 0
    private(set) var persons = 0

    /// What persons who aren't protected are called, and where they are reached.
    private var taken: Set<String> = []
    private var takenNames: Set<String> = []
    /// Words of the names of schools and groups, and of their addresses.
    private var words: Set<String> = []

    private init() {}

    /// Opens the vault. The texts are in memory alone; who calls this has it written to the audit log before.
    static func read(_ store: any HubStore) async throws -> ProtectedTexts {
        var texts = ProtectedTexts()
        let reader = RegisterReader(store: store)
        try await reader.pages(of: .person) { page in
            for (_, document) in page { texts.take(PersonTexts(document.value)) }
        }
        for entity in [Entity.organisation, .group] {
            try await reader.pages(of: entity) { page in
                for (_, document) in page {
                    for name in ["displayName"] { texts.takeWords(document.value[name]?.stringValue) }
                    texts.takeWords(document.value["address"]?["streetAddress"]?.stringValue)
                }
            }
        }
        for record in try await store.vaultRecords() {
            guard let body = try? JSONValue(parsing: record.body) else { continue }
            texts.add(record.key.id, as: "\(record.key.entity.rawValue).id", of: record.opaqueKey.id, .anything)
            if record.key.entity == .person { texts.add(PersonTexts(body), of: record.opaqueKey.id) }
        }
        return texts
    }

    private static func folded(_ text: String) -> String { text.precomposedStringWithCanonicalMapping.lowercased() }

    private mutating func take(_ person: PersonTexts) {
        for text in [person.given, person.middle, person.family] + person.streets + person.addresses.map(\.text) {
            self.taken.insert(Self.folded(text))
        }
        for phone in person.phones { self.taken.formUnion(PersonTexts.forms(ofPhone: phone)) }
        self.takenNames.insert(Self.folded("\(person.given)\n\(person.family)"))
    }

    private mutating func takeWords(_ text: String?) {
        for word in Self.folded(text ?? "").split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
            self.words.insert(String(word))
        }
    }

    private mutating func add(_ person: PersonTexts, of owner: String) {
        self.persons += 1
        for form in PersonTexts.forms(ofNumber: person.number) { self.add(form, as: "civicNo", of: owner, .number) }
        for (field, text) in person.addresses { self.add(text, as: field, of: owner, .anything) }
        for street in person.streets { self.add(street, as: "address", of: owner, .word) }
        for phone in person.phones {
            let forms = PersonTexts.forms(ofPhone: phone)
            if forms.contains(where: { self.taken.contains($0) }) {
                self.shared["phone", default: 0] += 1
            } else {
                for form in forms { self.add(form, as: "phone", of: owner, .number) }
            }
        }
        self.addNames(of: person, owner)
    }

    private mutating func add(_ text: String, as field: String, of owner: String, _ border: LeakToken.Border) {
        if text.utf8.count < LeakScanner.shortest {
            if !text.isEmpty { self.short += 1 }
        } else if self.taken.contains(Self.folded(text)) {
            self.shared[field, default: 0] += 1
        } else {
            self.tokens.append(LeakToken(owner: owner, field: field, text: text, border: border))
        }
    }

    private mutating func addNames(of person: PersonTexts, _ owner: String) {
        var isFamilyAlone = false
        for (field, name) in [("givenName", person.given), ("middleName", person.middle), ("familyName", person.family)]
        where !name.isEmpty {
            if name.count < Self.shortestName {
                self.short += 1
            } else if self.taken.contains(Self.folded(name)) || self.words.contains(Self.folded(name)) {
                self.shared[field, default: 0] += 1
            } else {
                self.tokens.append(LeakToken(owner: owner, field: field, text: name, border: .word))
                isFamilyAlone = isFamilyAlone || field == "familyName"
            }
        }
        guard !isFamilyAlone, !person.given.isEmpty, !person.family.isEmpty else { return }
        if self.takenNames.contains(Self.folded("\(person.given)\n\(person.family)")) {
            self.shared["name", default: 0] += 1
        } else if person.family.unicodeScalars.count >= LeakScanner.shortest {
            self.tokens.append(
                LeakToken(owner: owner, field: "name", text: person.family, companion: person.given, between: [person.middle]))
        } else if person.given.unicodeScalars.count >= LeakScanner.shortest {
            self.tokens.append(
                LeakToken(owner: owner, field: "name", text: person.given, companion: person.family, between: [person.middle]))
        } else {
            self.short += 1
        }
    }
}
