public import Foundation
import Hummingbird
import SchoolRecords

/// The Organization and Personnel interfaces.
extension EdlevoClassicStandIn {
    // MARK: The organisation

    private var today: String { String(ClassicXML.time(self.now()).prefix(10)) }
    var made: String { ClassicXML.time(self.now()) }

    func organization(_ type: ClassicType, _ request: ClassicRequest, unitsOnly: Bool = false) async -> ClassicAnswer {
        let day = request["SearchDate"].map { String($0.prefix(10)) } ?? self.today
        guard ClassicXML.date(day) != nil else { return .refusal(.badRequest, "SearchDate is not a date") }
        return .document(
            await self.complete(
                type, on: day, unitsOnly: unitsOnly,
                onlyUnit: request["UnitId"].map { RecordKey.normalID($0) }))
    }

    /// What the service for a school type gives of everything, without faults.
    public func completeDocument(_ code: String) async -> Data? {
        guard let type = ClassicType.all.first(where: { $0.code == code }) else { return nil }
        let export = ClassicExport(type, await self.register.content(), on: self.today)
        return Data(export.complete(made: self.made, start: "\(self.today)T00:00:00").utf8)
    }

    /// What the service for a school type's personnel gives, without faults.
    public func personnelDocument(_ code: String) async -> Data? {
        guard let type = ClassicType.all.first(where: { $0.code == code }) else { return nil }
        let content = await self.register.content()
        return Data(
            ClassicPersonnel.document(type, content, on: self.today, made: self.made, addsUnknown: false).utf8)
    }

    private func complete(_ type: ClassicType, on day: String, unitsOnly: Bool, onlyUnit: String?) async -> String {
        let content = await self.register.content()
        let export = ClassicExport(
            type, self.currentFaults.isEmpty ? ClassicContent([:]) : content, on: day, addsUnknown: self.currentFaults.addsUnknown
        )
        return export.complete(made: self.made, start: "\(day)T00:00:00", unitsOnly: unitsOnly, onlyUnit: onlyUnit)
    }

    /// - Returns: the moments asked about, or why they can't be.
    func window(_ request: ClassicRequest) -> Result<(start: Date, end: Date), ClassicRefusal> {
        guard let startText = request["StartDate"], let endText = request["EndDate"], let start = ClassicXML.date(startText),
            let end = ClassicXML.date(endText)
        else { return .failure(ClassicRefusal(text: "StartDate and EndDate are mandatory")) }
        let length = end.timeIntervalSince(start)
        if length < 300 { return .failure(ClassicRefusal(text: "EndDate - StartDate must be at least 5 minutes")) }
        // An hour more on the day when the clock is set back.
        if length > 86_400 + 3600 { return .failure(ClassicRefusal(text: "EndDate - StartDate must be at most 24 hours")) }
        if self.now().timeIntervalSince(end) < 299 {
            return .failure(ClassicRefusal(text: "EndDate must be at least 5 minutes before current time"))
        }
        if self.now().timeIntervalSince(start) > 30 * 86_400 {
            return .failure(ClassicRefusal(text: "StartDate must be at most 30 days before current time"))
        }
        return .success((start, end))
    }

    func changes(_ type: ClassicType, _ request: ClassicRequest) async -> ClassicAnswer {
        let window: (start: Date, end: Date)
        switch self.window(request) {
        case .success(let found): window = found
        case .failure(let refusal): return .refusal(.badRequest, refusal.text)
        }
        // Times are whole seconds here: what happened within one belongs to it.
        func stamp(_ date: Date) -> Timestamp {
            Timestamp(microseconds: Int64(date.timeIntervalSince1970) * 1_000_000 + 999_999)
        }
        let (start, end) = (stamp(window.start), stamp(window.end))
        let frame = (ClassicXML.time(window.start), ClassicXML.time(window.end))
        guard await self.register.hasChanges(after: start, upTo: end), !self.currentFaults.isEmpty else {
            return .document(
                ClassicExport.document(
                    type, kind: "DeltaOrganization", made: self.made, start: frame.0, end: frame.1, persons: [], groups: [],
                    memberships: []))
        }
        let before = await self.register.content(asOf: start)
        let after = await self.register.content(asOf: end)
        let changes = ClassicChanges(
            from: ClassicExport(type, before, on: self.today), to: ClassicExport(type, after, on: self.today),
            deleted: Set(before.persons.keys).subtracting(after.persons.keys))
        return .document(changes.document(made: self.made, start: frame.0, end: frame.1))
    }

    func personnel(_ type: ClassicType, _ request: ClassicRequest) async -> ClassicAnswer {
        let content = await self.register.content()
        return .document(
            ClassicPersonnel.document(
                type, self.currentFaults.isEmpty ? ClassicContent([:]) : content,
                on: request["SearchDate"].map { String($0.prefix(10)) } ?? self.today, made: self.made,
                addsUnknown: self.currentFaults.addsUnknown))
    }
}
