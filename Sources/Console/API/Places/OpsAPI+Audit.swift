import HTTPTypes
import Hub
import SchoolRecords

/// Who decided what, and who looked at whom.
extension OpsAPI {
    var audit: [APIOperation] {
        [
            APIOperation(
                method: .get, path: "\(Self.prefix)/audit", id: "listAudit", summary: "The audit log, the oldest first",
                note: "For those who have all units: whom somebody looked at may belong to any.", access: .area(.privacy),
                query: [
                    APIField("person", .text(), "What this one did."), APIField("subject", .text(), "What was done to this."),
                    APIField("operation", .text(), "What was part of this, e.g. of a replay."),
                ] + APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.entry), note: "The entries.")
            ) { call in
                guard try call.visit.user.sees(unit: nil) else { throw APIProblem.forbidden("audit") }
                var filter = AuditFilter()
                filter.person = call.text("person")
                filter.subject = call.text("subject")
                filter.operation = call.text("operation")
                filter.after = try call.afterNumber() ?? 0
                filter.limit = call.limit
                let entries = try await call.desk.store.auditEntries(filter)
                return APIPage.answer(
                    entries, Self.entry, next: entries.count == call.limit ? entries.last.map { String($0.number) } : nil, call)
            }
        ]
    }

    private static let entry = APIShape<AuditEntry>(
        "AuditEntry",
        [
            .number("number", "From 1, without gaps.") { $0.number }, .instant("time", "When.") { $0.time },
            .text("person", "Who.") { $0.person },
            .text("action", "What was done.") { $0.action }, .text("subject", "To what; a person by a pseudonym.") { $0.subject },
            .maybe("operation", "What it was part of.") { $0.operation }, .maybe("reason", "Why.") { $0.reason },
            .text("hash", "Seals this entry and the one before.") { $0.hash },
        ])
}
