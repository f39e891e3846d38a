import Foundation
@testable import Hub
import Messaging
import SchoolRecords
import Testing

/// Decision 7: the id is the person, the number is a property that may change.
@Suite("An identity number becomes another")
struct IdentityNumberTests {
    private static let pupil = 11
    private static let new = "20130112TF77"

    private static func person(_ number: String?, day: String, marking: String = "Ingen") -> JSONValue {
        var document = Documents.person(
            Self.pupil, unit: 2, marking: marking, guardians: [20], modified: "2026-08-\(day)T00:00:00Z")
        document["civicNo"] = number.map { ["value": .string($0), "nationality": "SE"] }
        return document
    }

    private static func old() -> String { Documents.person(Self.pupil)["civicNo"]?["value"]?.stringValue ?? "" }

    private static func told(_ hub: TestHub) async throws -> [IdentityChange] {
        try await hub.store.liveRecords(of: .identityChange, after: nil, limit: 100).map {
            try IdentityChange(json: JSONValue(parsing: $0.body))
        }
    }

    private static func filled(_ hub: TestHub) async throws -> ScriptedSource {
        let source = ScriptedSource()
        Documents.fill(source)
        _ = try await hub.intake(source).run(.full)
        return source
    }

    @Test func `the person stays, and the change is told once, before the person's new state`() async throws {
        try await TestHub.with { hub in
            let source = try await Self.filled(hub)
            #expect(try await Self.told(hub).isEmpty, "a first number is no change")
            source.put(.person, Self.person(Self.new, day: "02"))
            let report = try await hub.intake(source).run(.changes)
            #expect(report.parts["person"]?.updated == 1)
            #expect(report.parts["person"]?.created == 0 && report.parts["person"]?.deleted == 0)
            let change = try #require(try await Self.told(hub).first)
            #expect(change.changeType == .numberChanged)
            #expect(change.person.id == Documents.id(Self.pupil))
            #expect(change.formerCivicNo?.value == Self.old())
            #expect(change.civicNo?.value == Self.new)
            let entries = try await hub.store.next(limit: 1000).suffix(2)
            #expect(
                entries.map(\.routingKey) == [
                    "record.identitychange.upserted.edlevo-identity", "record.person.upserted.edlevo",
                ])
            // No number where messages are routed, logged and counted by.
            for entry in entries {
                let message = entry.change.message
                let seen = "\(entry.routingKey) \(message.id) \(message.headers)"
                for number in [Self.old(), Self.new] { #expect(!seen.contains(number)) }
            }
            for mode in [Intake.Mode.full, .changes] { #expect(try await hub.intake(source).run(mode).changed == 0) }
            #expect(try await Self.told(hub) == [change])
        }
    }

    @Test func `a crash before the person was taken tells nothing twice`() async throws {
        try await TestHub.with { hub in
            let source = try await Self.filled(hub)
            let document = try SchoolRecord.validate(.person, Self.person(Self.new, day: "02"))
            let state = RecordState(
                key: RecordKey(.person, Documents.id(Self.pupil)), owner: Documents.id(Self.pupil), body: document.canonicalData)
            // What was done of the reading that was killed.
            try await hub.intake(source).identities.tell(before: [state])
            let first = try await Self.told(hub)
            #expect(first.count == 1)
            source.put(.person, Self.person(Self.new, day: "02"))
            _ = try await hub.intake(source).run(.changes)
            #expect(try await Self.told(hub) == first)
        }
    }

    @Test func `each change has a record of its own, there and back`() async throws {
        try await TestHub.with { hub in
            let source = try await Self.filled(hub)
            for (day, number) in [("02", Self.new), ("03", "20130112TF78"), ("04", Self.new)] {
                source.put(.person, Self.person(number, day: day))
                _ = try await hub.intake(source).run(.changes)
            }
            let told = try await Self.told(hub).map { "\($0.formerCivicNo?.value ?? "") \($0.civicNo?.value ?? "")" }
            #expect(Set(told) == ["\(Self.old()) \(Self.new)", "\(Self.new) 20130112TF78", "20130112TF78 \(Self.new)"])
        }
    }

    @Test func `another spelling, another name and a lost number tell nothing`() async throws {
        try await TestHub.with { hub in
            let source = try await Self.filled(hub)
            let old = Self.old()
            let numbers: [(String, String?)] = [("02", "\(old.prefix(8))-\(old.suffix(4))"), ("03", nil), ("04", Self.new)]
            for (day, number) in numbers {
                var document = Self.person(number, day: day)
                document["givenName"] = .string("Prov\(day)")
                source.put(.person, document)
                #expect(try await hub.intake(source).run(.changes).changed == 1)
            }
            #expect(try await Self.told(hub).isEmpty)
        }
    }

    @Test func `a change read again for one record is told too`() async throws {
        try await TestHub.with { hub in
            let source = try await Self.filled(hub)
            var broken = Self.person(Self.new, day: "02")
            broken["familyName"] = nil
            source.put(.person, broken)
            _ = try await hub.intake(source).run(.changes)
            #expect(try await Self.told(hub).isEmpty)
            let failures = try await hub.store.list(FailureFilter()).map(\.id)
            #expect(failures.count == 1)
            source.put(.person, Self.person(Self.new, day: "01"))
            #expect(try await hub.store.replay(failures) == 1)
            _ = try await hub.intake(source).run(.changes)
            #expect(try await Self.told(hub).count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `a former number goes with the person, and when the person becomes protected`(_ isProtected: Bool) async throws {
        try await TestHub.with { hub in
            let source = try await Self.filled(hub)
            source.put(.person, Self.person(Self.new, day: "02"))
            _ = try await hub.intake(source).run(.changes)
            #expect(try await Self.told(hub).count == 1)
            if isProtected {
                source.put(.person, Self.person("20130112TF79", day: "03", marking: "Sekretessmarkering"))
            } else {
                source.remove(.person, Documents.id(Self.pupil))
            }
            _ = try await hub.intake(source).run(isProtected ? .changes : .full)
            #expect(try await Self.told(hub).isEmpty)
            #expect(try await hub.store.withheldCounts()[.identityChange] == nil)
            for entry in try await hub.store.next(limit: 1000) where entry.change.key.entity == .identityChange {
                #expect(!String(decoding: entry.change.body, as: UTF8.self).contains("TF7"))
            }
        }
    }

    /// Relations are moved to the new number; what the system can't remove, the old account, is left to it.
    @Test func `a system that knows people by number gets every relation under the new one`() async throws {
        try await TestHub.with { hub in
            let source = try await Self.filled(hub)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            @Sendable func relations(_ number: String) -> Int {
                target.rowNames.filter { !$0.hasPrefix("person ") && $0.contains("\(number.prefix(8))-\(number.suffix(4))") }
                    .count
            }
            let count = relations(Self.old())
            #expect(count == 3, "school, class and guardian")
            source.put(.person, Self.person(Self.new, day: "02"))
            _ = try await hub.intake(source).run(.changes)
            try await hub.run(target) { try await hub.isAtRest() && relations(Self.new) == count }
            #expect(relations(Self.old()) == 0)
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
        }
    }
}
