import Foundation
import Hummingbird
import FoundationXML
import SchoolRecords

extension XMLElement {
    func first(_ name: String) -> XMLElement? { self.elements(forName: name).first }

    func text(_ path: String...) -> String? {
        var element = self
        for name in path {
            guard let next = element.first(name) else { return nil }
            element = next
        }
        return element.stringValue
    }
}

/// What is written: contact details, extra attributes, bus cards, employments, absences, totals.
extension EdlevoClassicStandIn {
    func delete(_ request: ClassicRequest) -> ClassicAnswer {
        guard request.service == "deleteextraattributes", let id = request["attributeId"] else { return .refusal(.notFound, "") }
        let count = self.holdings.attributes.count
        self.holdings.attributes.removeAll { $0.id == id }
        return self.holdings.attributes.count < count ? ClassicAnswer() : .refusal(.badRequest, "attributeId not found")
    }

    func post(_ request: ClassicRequest) async -> ClassicAnswer {
        // Of half a document `XMLDocument` may make nothing, and reach for it all the same.
        guard !request.body.isEmpty, XMLParser(data: request.body).parse(),
            let root = (try? XMLDocument(data: request.body, options: []))?.rootElement()
        else {
            return .refusal(.badRequest, "The body is not XML")
        }
        switch request.service {
        case "updatecontactinformation": return await self.updateContacts(root)
        case "createextraattributes": return await self.createAttributes(root)
        case "updateextraattributes": return self.updateAttributes(root)
        case "updatebuscardinformation": return await self.updateBusCards(root, request)
        case "updateemployments": return await self.updateEmployments(root)
        case "reportabsence": return await self.reportAbsence(root)
        default: return self.updateTotals(root, request)
        }
    }

    private func person(_ element: XMLElement) async -> String? {
        for id in element.elements(forName: "userid") {
            if let person = await self.person(id.stringValue) { return person }
        }
        return nil
    }

    private func updateContacts(_ root: XMLElement) async -> ClassicAnswer {
        for element in root.elements(forName: "person") {
            guard let id = await self.person(element), var person = await self.register.document(RecordKey(.person, id)) else {
                return .refusal(.badRequest, "Person not found")
            }
            var mails = person["emails"]?.arrayValue ?? []
            for (name, kind) in [("emailhome", "Privat"), ("emailworkschool", "Skola")] {
                guard let value = element.text(name) else { continue }
                let isPupil = person["enrolments"] != nil
                let type = kind == "Privat" ? kind : isPupil ? "Skola elev" : "Skola personal"
                mails.removeAll { ($0["type"] == "Privat") == (kind == "Privat") }
                if !value.isEmpty { mails.append(["value": .string(value), "type": .string(type)]) }
            }
            person["emails"] = mails.isEmpty ? nil : .array(mails)
            var phones = person["phoneNumbers"]?.arrayValue ?? []
            for phone in element.elements(forName: "tel") {
                let kind = phone.attributes?.first { $0.name == "teltype" }?.stringValue ?? "Voice"
                let type = kind == "Work" ? "Arbete" : "Hem"
                phones.removeAll {
                    ($0["mobile"] == true) == (kind == "Mobile") && (kind == "Mobile" || $0["type"]?.stringValue == type)
                }
                phones.append(
                    ["value": .string(phone.stringValue ?? ""), "type": .string(type), "mobile": .bool(kind == "Mobile")])
            }
            person["phoneNumbers"] = phones.isEmpty ? nil : .array(phones)
            _ = try? await self.register.upsert(.person, person)
        }
        return ClassicAnswer()
    }

    // MARK: Extra attributes

    private static func values(_ element: XMLElement) -> [String: [String]] {
        var values: [String: [String]] = [:]
        for child in (element.children ?? []).compactMap({ $0 as? XMLElement }) {
            guard let name = child.localName, name.hasPrefix("eduPerson") else { continue }
            values[name, default: []].append(child.stringValue ?? "")
        }
        return values
    }

    private func createAttributes(_ root: XMLElement) async -> ClassicAnswer {
        var content = ""
        for element in root.elements(forName: "person") {
            guard let id = await self.person(element) else { return .refusal(.badRequest, "Person not found") }
            for attribute in element.elements(forName: "extraattribute") {
                let service = attribute.text("service") ?? ""
                guard !self.holdings.attributes.contains(where: { $0.person == id && $0.service == service }) else {
                    return .refusal(.badRequest, "The person already has attributes for the service")
                }
                self.holdings.counter += 1
                let digits = String(self.holdings.counter)
                let key = "A0000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
                self.holdings.attributes.append(.init(id: key, person: id, service: service, values: Self.values(attribute)))
            }
            content += await self.info(id, withAttributes: true)
        }
        return .document(self.personRoot("PersonInfo", content))
    }

    private func updateAttributes(_ root: XMLElement) -> ClassicAnswer {
        for attribute in root.elements(forName: "extraattribute") {
            let id = attribute.text("attributeid") ?? ""
            guard let place = self.holdings.attributes.firstIndex(where: { $0.id == id }) else {
                return .refusal(.badRequest, "attributeId not found")
            }
            self.holdings.attributes[place].values = Self.values(attribute)
        }
        return ClassicAnswer()
    }

    // MARK: Bus cards

    /// One card of the same student with an overlapping period is overwritten; with none a new one is made; with several nothing
    /// is done, and nothing said (Person API v6, 4.11).
    private func updateBusCards(_ root: XMLElement, _ request: ClassicRequest) async -> ClassicAnswer {
        guard let type = request["SchoolType"], ["GR", "GY"].contains(type) else {
            return .refusal(.badRequest, "SchoolType must be GR or GY")
        }
        for element in root.elements(forName: "buscardinfo") {
            guard let student = await self.person(element.text("student", "id")) else {
                return .refusal(.badRequest, "Student not found")
            }
            let card = ClassicHoldings.BusCard(
                student: student, schoolType: type, start: element.text("dateframe", "start") ?? "",
                end: element.text("dateframe", "end") ?? ClassicXML.noEnd, distance: element.text("distance"),
                type: element.text("buscardtype") ?? "", number: element.text("buscardnumber") ?? "")
            let hits = self.holdings.busCards.indices.filter {
                let other = self.holdings.busCards[$0]
                return other.student == student && other.schoolType == type && other.start <= card.end && card.start <= other.end
            }
            switch hits.count {
            case 0: self.holdings.busCards.append(card)
            case 1: self.holdings.busCards[hits[0]] = card
            default: break
            }
        }
        return ClassicAnswer()
    }

    // MARK: Absences, totals

    private func reportAbsence(_ root: XMLElement) async -> ClassicAnswer {
        guard let student = await self.person(root.text("studentid")), let guardian = await self.person(root.text("guardianid"))
        else {
            return .refusal(.badRequest, "Student or guardian not found")
        }
        guard let start = root.text("start"), let stop = root.text("stop"), start < stop else {
            return .refusal(.badRequest, "stop must be after start")
        }
        self.holdings.absences.append(.init(student: student, guardian: guardian, start: start, stop: stop))
        return ClassicAnswer()
    }

    private func updateTotals(_ root: XMLElement, _ request: ClassicRequest) -> ClassicAnswer {
        guard
            let type = ClassicType.all.filter({ request.service.hasPrefix("update" + $0.fragment.lowercased()) })
                .max(by: { $0.fragment.count < $1.fragment.count }),
            ["absenceaggregation", "presenceaggregation"].contains(String(request.service.dropFirst(6 + type.fragment.count)))
        else { return .refusal(.notFound, "") }
        for kind in ["absence", "presence"] {
            for element in root.elements(forName: "\(kind)aggregation") {
                let total = ClassicHoldings.Total(
                    kind: kind, schoolType: type.code, student: RecordKey.normalID(element.text("student", "id") ?? ""),
                    start: element.text("start") ?? "", end: element.text("end") ?? "", code: element.text("code") ?? "",
                    reason: element.text("reason"), minutes: element.text("time") ?? "", offered: element.text("timeoffered"))
                self.holdings.totals.removeAll {
                    $0.kind == kind && $0.schoolType == total.schoolType && $0.student == total.student && $0.start == total.start
                        && $0.end == total.end && $0.code == total.code && $0.reason == total.reason
                }
                self.holdings.totals.append(total)
            }
        }
        return ClassicAnswer()
    }
}
