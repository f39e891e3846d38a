import Foundation
import Hummingbird
import SchoolRecords

/// The Person interface (v6): what is read of single persons.
extension EdlevoClassicStandIn {
    static let personNameSpace = "http://open.tieto.com/edu/person/v6"

    func personRoot(_ type: String, _ content: String, frame: String = "") -> String {
        let properties =
            ClassicXML.leaf("datetime", self.made) + ClassicXML.leaf("datasource", ClassicXML.source)
            + ClassicXML.leaf("type", type)
            + frame
        return "<person-root xmlns=\"\(Self.personNameSpace)\"><properties>\(properties)</properties>\(content)</person-root>"
    }

    func personInterface(_ request: ClassicRequest) async -> ClassicAnswer {
        switch request.service {
        case "getpersoninfo":
            guard let id = await self.person(request["PersonId"]) else { return .document(self.personRoot("PersonInfo", "")) }
            let withAttributes = request["ExtraAttributes"]?.lowercased() == "true"
            return .document(self.personRoot("PersonInfo", await self.info(id, withAttributes: withAttributes)))
        case "getaliaspersoninfo":
            guard let id = await self.person(request["PersonId"]) else { return .refusal(.notFound, "No active alias") }
            guard let alias = self.holdings.aliases[id] else {
                return ClassicAnswer(
                    status: .notFound, body: Array(self.personRoot("PersonInfo", await self.info(id, withAttributes: false)).utf8)
                )
            }
            return .document(self.personRoot("PersonInfo", await self.info(alias, withAttributes: false)))
        case "getextraattributes":
            let id = request["attributeId"] ?? ""
            let own = self.holdings.attributes.filter { $0.id == id }
            return .document(self.personRoot("ExtraAttribute", own.map(Self.text).joined()))
        case "getpersoninfodelta": return await self.merges(request)
        default: return await self.busCards(request)
        }
    }

    /// The person of a GUID or identity number.
    func person(_ text: String?) async -> String? {
        guard let text else { return nil }
        let id = RecordKey.normalID(text)
        let persons = await self.register.records(of: .person)
        if persons.contains(where: { $0.key.id == id }) { return id }
        return persons.first { (try? $0.document())?["civicNo"]?["value"]?.stringValue == text }?.key.id
    }

    private static func text(_ attributes: ClassicHoldings.Attributes) -> String {
        let order = [
            "eduPersonPersistentId", "eduPersonPrincipalName", "eduPersonUniqueId", "eduPersonTargetedId", "eduPersonAffiliation",
            "eduPersonScopedAffiliation", "eduPersonEntitlement",
        ]
        let values = order.flatMap { name in (attributes.values[name] ?? []).map { ClassicXML.leaf(name, $0) } }
        return ClassicXML.element(
            "extraattribute",
            ClassicXML.leaf("attributeid", attributes.id) + ClassicXML.leaf("service", attributes.service) + values.joined())
    }

    func info(_ id: String, withAttributes: Bool) async -> String {
        guard let person = await self.register.document(RecordKey(.person, id)) else { return "" }
        func text(_ name: String) -> String { person[name]?.stringValue ?? "" }
        func mail(_ isPrivate: Bool) -> String? {
            person["emails"]?.arrayValue?.first { ($0["type"] == "Privat") == isPrivate }?["value"]?.stringValue
        }
        let phones = (person["phoneNumbers"]?.arrayValue ?? []).map { phone -> String in
            let kind = phone["mobile"] == true ? "Mobile" : phone["type"] == "Arbete" ? "Work" : "Voice"
            return ClassicXML.leaf("tel", phone["value"]?.stringValue, "teltype=\"\(kind)\"")
        }
        let attributes = withAttributes ? self.holdings.attributes.filter { $0.person == id }.map(Self.text).joined() : ""
        return "<person>" + ClassicXML.sourcedID(id)
            + ClassicXML.leaf("userid", person["civicNo"]?["value"]?.stringValue, "useridtype=\"PID\"")
            + ClassicXML.leaf("userid", ClassicXML.id(id), "useridtype=\"GUID\"")
            + ClassicXML.element("name", ClassicXML.leaf("fn", "\(text("familyName")), \(text("givenName"))"))
            + ClassicXML.leaf("emailhome", mail(true)) + ClassicXML.leaf("emailworkschool", mail(false)) + phones.joined()
            + attributes + "</person>"
    }

    // MARK: Merges

    /// Has two persons be one from now on; the register lacks the one that vanished.
    public func merge(_ vanished: String, into remaining: String) async {
        self.holdings.merges.append(.init(remaining: remaining, vanished: vanished, at: self.now()))
        _ = await self.register.delete(RecordKey(.person, vanished))
    }

    private func merges(_ request: ClassicRequest) async -> ClassicAnswer {
        let window: (start: Date, end: Date)
        switch self.window(request) {
        case .success(let found): window = found
        case .failure(let refusal): return .refusal(.badRequest, refusal.text)
        }
        var content = ""
        for merge in self.holdings.merges where merge.at > window.start && merge.at <= window.end {
            let remaining = ClassicXML.leaf("userid", ClassicXML.id(merge.remaining), "useridtype=\"GUID\"")
            let vanished = ClassicXML.id(merge.vanished)
            content +=
                "<person recstatus=\"4\">\(ClassicXML.sourcedID(merge.remaining))\(remaining)"
                + ClassicXML.leaf("mergeduser", vanished, "useridtype=\"GUID\"") + "</person><person recstatus=\"3\">"
                + ClassicXML.leaf("userid", vanished, "useridtype=\"GUID\"") + "</person>"
        }
        let frame = ClassicXML.element(
            "timeframe",
            ClassicXML.leaf("start", ClassicXML.time(window.start)) + ClassicXML.leaf("end", ClassicXML.time(window.end)))
        return .document(self.personRoot("DeltaPersonInfo", content, frame: frame))
    }

    /// Gives somebody an alias that is active.
    public func setAlias(_ alias: String, of person: String) { self.holdings.aliases[person] = alias }

    // MARK: Bus cards

    private func busCards(_ request: ClassicRequest) async -> ClassicAnswer {
        guard let type = request["SchoolType"], ["GR", "GY"].contains(type) else {
            return .refusal(.badRequest, "SchoolType must be GR or GY")
        }
        var cards = self.holdings.busCards.filter { $0.schoolType == type }
        if let id = request["PersonId"] {
            let person = await self.person(id)
            cards = cards.filter { $0.student == person }
        }
        var content = ""
        for card in cards {
            let person = await self.register.document(RecordKey(.person, card.student))
            let student =
                ClassicXML.leaf("id", ClassicXML.id(card.student))
                + ClassicXML.leaf("personid", person?["civicNo"]?["value"]?.stringValue ?? "-")
                + ClassicXML.leaf("uniqueid", card.student)
            content += ClassicXML.element(
                "buscardinfo",
                ClassicXML.element("student", student) + ClassicXML.leaf("eligible-for-buscard", "true")
                    + ClassicXML.element("dateframe", ClassicXML.leaf("start", card.start) + ClassicXML.leaf("end", card.end))
                    + ClassicXML.leaf("distance", card.distance) + ClassicXML.leaf("buscardtype", card.type)
                    + "<buscardnumber>\(ClassicXML.escaped(card.number))</buscardnumber>")
        }
        return .document(self.personRoot("BusCardInfo", content))
    }

    /// Puts a bus card in that nobody wrote.
    public func addBusCard(_ card: ClassicHoldings.BusCard) { self.holdings.busCards.append(card) }

    /// What was written so far.
    public var held: ClassicHoldings { self.holdings }
}
