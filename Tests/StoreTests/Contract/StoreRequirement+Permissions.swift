import Foundation
import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let permissions: [StoreRequirement] = [
        .init(
            "permissions are there for whoever opens the store next, until others are put in force; changes are in the audit log"
        ) {
            subject in
            try await #expect(subject.store.permissions() == nil)
            let first = Permissions(grants: ["anna": [.replay: .systems(["unikum"]), .archive: .all], "*": [:]])
            for _ in 0..<2 { try await subject.store.keep(first, by: "hub", time: StoreUnderTest.time) }
            try await #expect(subject.another().permissions() == first)
            let second = Permissions(grants: ["bo": [.see: .all]])
            try await subject.store.keep(second, by: "hub", time: StoreUnderTest.later)
            try await #expect(subject.store.permissions() == second)
            for _ in 0..<2 { try await subject.store.keep(nil, by: "hub", time: StoreUnderTest.later) }
            try await #expect(subject.another().permissions() == nil)
            let entries = try await subject.store.auditEntries(AuditFilter())
            #expect(entries.map(\.reason) == ["for *, anna", "for bo", "none"])
        },
        .init("what was seen or refused can be noted, and is part of the chain") { subject in
            try await subject.store.note("see", subject: "failure/1", reason: nil, by: "anna", time: StoreUnderTest.time)
            try await subject.store.note("refused.edit", subject: "system/vega", reason: "r", by: "bo", time: StoreUnderTest.time)
            let entries = try await subject.store.auditEntries(AuditFilter())
            #expect(
                entries.map { "\($0.person) \($0.action) \($0.subject)" } == [
                    "anna see failure/1", "bo refused.edit system/vega",
                ])
            try await #expect(subject.store.firstBrokenAuditEntry() == nil)
        },
        .init("a replay knows the systems that it is about") { subject in
            try await subject.failed("a", "b")
            try await subject.store.record([subject.failure("c", system: "vega")], time: StoreUnderTest.time)
            let batch = try await subject.select()
            try await #expect(subject.store.systems(of: batch.id) == ["unikum", "vega"])
            try await #expect(subject.store.systems(of: "none").isEmpty)
        },
    ]
}
