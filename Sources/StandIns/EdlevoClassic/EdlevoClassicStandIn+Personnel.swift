import Foundation
import FoundationXML
import Hummingbird
import SchoolRecords

/// The import of employments (Personnel API v8, 5.3): it lands in an inbox, and becomes duties as far as places, titles and kinds of
/// employment are mapped.
extension EdlevoClassicStandIn {
    /// The inbox as it is now.
    public var inbox: PersonnelInbox { self.personnel }

    /// What nobody has mapped in Edlevo from now on; what was stopped for that is taken when it is mapped.
    public func setUnmapped(_ codes: Set<String>) async throws {
        self.personnel.unmapped = codes
        for person in self.personnel.waiting.keys.sorted() { try await self.importWaiting(person) }
    }

    /// Whom the population register has from now on: identity numbers.
    public func setPopulation(_ numbers: Set<String>?) { self.personnel.population = numbers }

    func updateEmployments(_ root: XMLElement) async -> ClassicAnswer {
        for person in root.elements(forName: "person") {
            let number = person.text("personid") ?? ""
            var message: [PersonnelInbox.Employment] = []
            for employment in person.elements(forName: "employment") {
                self.keep(employment, of: number)
                message.append(Self.employment(employment))
            }
            self.personnel.waiting[number, default: []].append(message)
            do { try await self.importWaiting(number) } catch { return .refusal(.internalServerError, "Import failed") }
        }
        return ClassicAnswer()
    }

    /// Remembers what came, field by field.
    private func keep(_ employment: XMLElement, of number: String) {
        for placement in employment.elements(forName: "placement") {
            var fields: [String: String] = [:]
            for name in ["employeenumber", "percent", "start", "end", "titlecode", "titlename", "type", "years"] {
                fields[name] = employment.text(name)
            }
            for name in ["externalemploymentinfo", "signature", "category", "start", "end", "percent", "titlecode"] {
                fields["placement.\(name)"] = placement.text(name)
            }
            for name in ["id", "name", "schooltype", "placetype"] { fields["place.\(name)"] = placement.text("place", name) }
            let key = placement.text("externalemploymentinfo") ?? "\(number) \(fields["place.id"] ?? "")"
            self.holdings.employments[key] = .init(personID: number, fields: fields)
        }
    }

    private static func employment(_ element: XMLElement) -> PersonnelInbox.Employment {
        let end = element.text("end") ?? ClassicXML.noEnd
        return PersonnelInbox.Employment(
            type: element.text("type") ?? "", start: element.text("start") ?? "", end: end,
            placements: element.elements(forName: "placement").map {
                PersonnelInbox.Placement(
                    info: $0.text("externalemploymentinfo"), place: RecordKey.normalID($0.text("place", "id") ?? ""),
                    schoolType: $0.text("place", "schooltype") ?? "",
                    title: $0.text("titlecode") ?? element.text("titlecode") ?? "",
                    percent: $0.text("percent") ?? element.text("percent"), signature: $0.text("signature"),
                    start: $0.text("start") ?? "", end: $0.text("end") ?? end)
            })
    }

    // MARK: Taking

    private func importWaiting(_ number: String) async throws {
        while let message = self.personnel.waiting[number]?.first {
            var gaps = await self.gaps(in: message)
            let person = await self.person(number)
            if person == nil, self.personnel.population?.contains(number) == false { gaps.append(.init(gap: .person, code: nil)) }
            guard gaps.isEmpty else {
                if !self.personnel.log.suffix(gaps.count).elementsEqual(gaps) { self.personnel.log += gaps }
                return
            }
            let id: String
            if let person { id = person } else { id = try await self.newcomer(number) }
            for employment in message { try await self.take(employment, id, number) }
            self.personnel.waiting[number]?.removeFirst()
            if self.personnel.waiting[number]?.isEmpty == true { self.personnel.waiting[number] = nil }
        }
    }

    private func gaps(in message: [PersonnelInbox.Employment]) async -> [PersonnelInbox.Entry] {
        let known = Set(EmploymentTitle.all.map(\.code))
        let unmapped = self.personnel.unmapped
        var gaps: [PersonnelInbox.Entry] = []
        for employment in message {
            if unmapped.contains(employment.type) { gaps.append(.init(gap: .employmentType, code: employment.type)) }
            for placement in employment.placements {
                if !known.contains(placement.title) || unmapped.contains(placement.title) {
                    gaps.append(.init(gap: .title, code: placement.title))
                }
                let place = await self.register.document(RecordKey(.organisation, placement.place))
                if place?["organisationType"] != "Skola" || unmapped.contains(placement.place) {
                    gaps.append(.init(gap: .place, code: placement.place))
                }
                if placement.start < employment.start || placement.end > employment.end || placement.end < placement.start {
                    gaps.append(.init(gap: .dates, code: nil))
                }
            }
        }
        return gaps
    }

    private func newID() -> String {
        self.personnel.counter += 1
        let digits = String(self.personnel.counter)
        return "e0000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// Somebody whom the population register has and Edlevo hadn't.
    private func newcomer(_ number: String) async throws -> String {
        let id = self.newID()
        try await self.register.upsert(
            .person,
            [
                "id": .string(id), "givenName": "Ny", "familyName": "Kollega", "civicNo": ["value": .string(number)],
                "securityMarking": "Ingen", "personStatus": "Aktiv",
            ])
        return id
    }

    private func take(_ employment: PersonnelInbox.Employment, _ person: String, _ number: String) async throws {
        for placement in employment.placements {
            let title = EmploymentTitle(code: placement.title)
            let found = placement.info.flatMap { self.personnel.duties[$0] }
            let key: String
            if let found { key = found } else { key = await self.overlapping(placement, person) ?? self.newID() }
            var duty = await self.register.document(RecordKey(.duty, key)) ?? ["id": .string(key), "assignmentRole": []]
            duty["person"] = ["id": .string(person)]
            duty["dutyAt"] = ["id": .string(placement.place)]
            duty["dutyRole"] = .string(title.dutyRole)
            duty["description"] = .string(title.description)
            duty["signature"] = placement.signature.map(JSONValue.string)
            duty["dutyPercent"] = placement.percent.flatMap(Double.init).map { .integer(Int64($0)) }
            duty["startDate"] = .string(placement.start)
            duty["endDate"] = placement.end == ClassicXML.noEnd ? nil : .string(placement.end)
            try await self.register.upsert(.duty, duty)
            if let info = placement.info { self.personnel.duties[info] = key }
            self.personnel.ends[number, default: [:]][placement.info ?? key] = placement.end
        }
        guard employment.end != ClassicXML.noEnd,
            let last = self.personnel.ends[number]?.values.max(), last <= employment.end
        else { return }
        // The last employment ends, and with it all roles.
        self.personnel.rolesEnded.append((person, last))
        for record in await self.register.records(of: .duty) {
            guard var duty = try? record.document(), duty["person"]?["id"]?.stringValue == person,
                let roles = duty["assignmentRole"]?.arrayValue, !roles.isEmpty
            else { continue }
            duty["assignmentRole"] = .array(
                roles.map { role in
                    var role = role
                    if (role["endDate"]?.stringValue ?? ClassicXML.noEnd) > last { role["endDate"] = .string(last) }
                    return role
                })
            try await self.register.upsert(.duty, duty)
        }
    }

    /// Without any id the same person's duty at the same place that overlaps in time is meant (Personnel API v8, 4.4.1).
    private func overlapping(_ placement: PersonnelInbox.Placement, _ person: String) async -> String? {
        guard placement.info == nil else { return nil }
        return await self.register.records(of: .duty).first { record in
            guard let duty = try? record.document() else { return false }
            return duty["person"]?["id"]?.stringValue == person && duty["dutyAt"]?["id"]?.stringValue == placement.place
                && (duty["startDate"]?.stringValue ?? "") <= placement.end
                && placement.start <= (duty["endDate"]?.stringValue ?? ClassicXML.noEnd)
        }?.key.id
    }
}
