import Foundation
import SchoolRecords

/// How the story finds the people it is about, and edits documents.
extension EdlevoStandIn {
    /// Random numbers for the next step of the story.
    func draw() -> SeededGenerator {
        self.draws += 1
        return SeededGenerator(seed: self.seed, stream: MunicipalityBuilder.Stream.story.rawValue, index: self.draws)
    }

    /// A new person with a temporary number, nobody else's.
    func newPerson(birth: CalendarDay, _ draw: inout SeededGenerator) -> JSONValue {
        let isMan = draw.below(2) == 0
        let number = self.newNumber(birth: birth, isMan: isMan)
        return [
            "id": .string(draw.uuid()),
            "givenName": .string(draw.pick(isMan ? NameLists.men : NameLists.women)),
            "familyName": .string(draw.pick(NameLists.familyStarts) + draw.pick(NameLists.familyEnds)),
            "civicNo": ["value": .string(number), "nationality": "SE"],
            "birthDate": .string(birth.text), "sex": isMan ? "Man" : "Kvinna", "securityMarking": "Ingen",
            "personStatus": "Aktiv",
        ]
    }

    /// A temporary number that nobody has: the municipality itself gives out none with U.
    private func newNumber(birth: CalendarDay, isMan: Bool) -> String {
        for letter in "ABCDEFGHJKLMNPRSTUVWXYZ" {
            for count in 0..<50 {
                let number = "\(birth.compactText)U\(letter)\(count / 10 * 2 + (isMan ? 1 : 0))\(count % 10)"
                if self.laterNumbers.insert(number).inserted { return number }
            }
        }
        return "\(birth.compactText)UU\(isMan ? 10 : 20)"
    }

    /// The documents whose text holds what is looked for.
    func documents(of entity: Entity, where holds: (BytesSearch) -> Bool) -> [JSONValue] {
        self.records(of: entity).compactMap { record in
            holds(BytesSearch(bytes: record.bytes)) ? try? record.document() : nil
        }
    }

    /// A pupil and the class they are in now: the named one, or somebody unprotected.
    func somePupil(
        _ draw: inout SeededGenerator, _ personID: String? = nil
    ) throws(StandInError) -> (person: JSONValue, group: JSONValue) {
        let classes = self.documents(of: .group) { search in
            search.contains("\"groupType\":\"Klass\"") && (personID.map { search.contains($0) } ?? true)
        }
        if let personID {
            for group in classes where self.members(of: group).contains(personID) {
                if let person = self.document(RecordKey(.person, personID)) { return (person, group) }
            }
            throw StandInError(.notFound, "the named person is in no class now; name a pupil who is")
        }
        for _ in 0..<500 where !classes.isEmpty {
            let group = draw.pick(classes)
            let members = self.members(of: group)
            guard !members.isEmpty else { continue }
            let id = draw.pick(members)
            if self.isPlain(id), let person = self.document(RecordKey(.person, id)) { return (person, group) }
        }
        throw StandInError(.notFound, "there is no class with an unprotected pupil")
    }

    func somePerson(
        _ personID: String?, _ draw: inout SeededGenerator, _ fits: (JSONValue) -> Bool
    ) throws(StandInError) -> JSONValue {
        if let personID {
            guard let person = self.document(RecordKey(.person, personID)) else {
                throw StandInError(.notFound, "there is no person with the id given")
            }
            return person
        }
        let records = self.records(of: .person)
        for _ in 0..<500 where !records.isEmpty {
            if let person = try? draw.pick(records).document(), fits(person) { return person }
        }
        throw StandInError(.notFound, "nobody fits")
    }

    /// Whether a person is there and not protected.
    func isPlain(_ id: String) -> Bool {
        self.document(RecordKey(.person, id)).map { !SecurityMarking(json: $0["securityMarking"]).isProtected } ?? false
    }

    /// The ids of those who are members today.
    private func members(of group: JSONValue) -> [String] {
        (group["groupMemberships"]?.arrayValue ?? []).compactMap { member in
            let isOver = member["endDate"]?.stringValue.map { $0 < self.today.text } ?? false
            return isOver ? nil : member["person"]?["id"]?.stringValue
        }
    }

    /// Puts a document into the source and notes it as changed.
    @discardableResult
    func keep(
        _ entity: Entity, _ document: JSONValue, _ change: inout SourceChange
    ) throws(StandInError) -> RecordKey {
        let kept = try self.upsert(entity, document)
        let key = RecordKey(entity, kept["id"]?.stringValue ?? "")
        change.upserted.append(key)
        return key
    }

    func take(_ key: RecordKey, _ change: inout SourceChange) {
        if self.delete(key) { change.deleted.append(key) }
    }

    static func enter(_ person: JSONValue?, _ group: inout JSONValue, from day: CalendarDay) {
        let member: JSONValue = ["person": ["id": person ?? .null], "startDate": .string(day.text)]
        group["groupMemberships"] = .array((group["groupMemberships"]?.arrayValue ?? []) + [member])
    }

    /// Ends a person's memberships in a group; one that has not begun by then is taken away.
    static func leave(_ person: JSONValue?, _ group: inout JSONValue, lastDay: CalendarDay) {
        group["groupMemberships"] = .array(
            (group["groupMemberships"]?.arrayValue ?? []).compactMap { member in
                guard member["person"]?["id"] == person else { return member }
                if let start = member["startDate"]?.stringValue, start > lastDay.text { return nil }
                return self.ended(member, lastDay: lastDay)
            })
    }

    /// What is left of a list when everything in it ends on a day: what had not begun by then is gone.
    static func allEnded(_ list: JSONValue?, lastDay: CalendarDay) -> JSONValue {
        .array(
            (list?.arrayValue ?? []).compactMap { element in
                if let start = element["startDate"]?.stringValue, start > lastDay.text { return nil }
                return self.ended(element, lastDay: lastDay)
            })
    }

    /// The same with an end date, unless it ended before.
    static func ended(_ value: JSONValue, lastDay: CalendarDay) -> JSONValue {
        if let end = value["endDate"]?.stringValue, end < lastDay.text { return value }
        var value = value
        value["endDate"] = .string(lastDay.text)
        return value
    }
}

/// Looks for a text in a document without parsing it.
struct BytesSearch {
    let bytes: [UInt8]

    func contains(_ text: String) -> Bool {
        let wanted = Data(text.utf8)
        return self.bytes.withUnsafeBytes { buffer in
            Data(buffer).range(of: wanted) != nil
        }
    }
}
