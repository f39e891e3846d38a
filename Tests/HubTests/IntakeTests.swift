import Synchronization
import ConnectorKit
import Foundation
import Hub
import Messaging
import SchoolRecords
import Testing

@Suite("Intake: from the source into the register")
struct IntakeTests {
    @Test func `the first reading takes everything once and a second one nothing`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            let first = try await hub.intake(source).run(.full)
            #expect(first.changed == 8)
            #expect(try await hub.store.backlog() == 8)
            let second = try await hub.intake(source).run(.full)
            #expect(second.changed == 0)
            #expect(try await hub.store.backlog() == 8)
        }
    }

    @Test func `a touched record without another content goes no further`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            source.put(.person, Documents.person(21, modified: "2026-08-02T00:00:00Z"))
            #expect(try await hub.intake(source).run(.changes).changed == 0)
        }
    }

    @Test func `changes are read from the high-water mark with overlap`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            source.put(.person, Documents.person(21, name: "Ny", modified: "2026-08-02T00:00:00Z"))
            let report = try await hub.intake(source).run(.changes)
            #expect(report.changed == 1)
            let scopes = source.state.withLock { $0.scopes[.person] ?? [] }
            let mark = try Date("2026-08-01T00:00:00Z", strategy: .iso8601)
            #expect(scopes == [.full, .modifiedAfter(mark.addingTimeInterval(-300))])
        }
    }

    @Test func `a source that can't tell its changes is read in full, and what is gone is gone`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            source.remove(.person, Documents.person(21)["id"]?.stringValue ?? "")
            source.state.withLock { $0.hasForgotten = true }
            let report = try await hub.intake(source).run(.changes)
            #expect(report.mode == "full")
            #expect(report.parts["person"]?.deleted == 1)
        }
    }

    @Test func `a reading that breaks off changes nothing and deletes nothing`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let before = try await hub.store.backlog()
            source.put(.person, Documents.person(21, name: "Ny"))
            source.state.withLock { $0.breaksAfter[.person] = 1 }
            await #expect(throws: ConnectorFailure.self) { try await hub.intake(source).run(.full) }
            #expect(try await hub.store.backlog() == before)
            #expect(try await hub.store.liveCounts()[.person] == 5)
            source.state.withLock { $0.breaksAfter = [:] }
            #expect(try await hub.intake(source).run(.full).changed == 1)
        }
    }

    @Test func `what is as the register has it isn't set aside, and of a record given twice the later state counts`() async throws
    {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            source.put(.person, Documents.person(21, name: "Ny"))
            source.state.withLock { $0.breaksAfter[.person] = 3 }
            await #expect(throws: ConnectorFailure.self) { try await hub.intake(source).run(.full) }
            let aside = try await hub.store.staged(run: "edlevo", after: nil, limit: 99)
            #expect(aside.map(\.key) == [RecordKey(.person, Documents.id(21))])
            // First changed, then as it was, on pages of their own.
            source.state.withLock { state in
                state.breaksAfter = [:]
                state.pageSize = 1
                state.documents[.person]?.append(Documents.person(21))
            }
            let report = try await hub.intake(source).run(.full)
            #expect(report.changed == 0)
            #expect(report.parts["person"]?.unchanged == 5)
            // As it was, then changed.
            source.state.withLock { $0.documents[.person]?.append(Documents.person(21, name: "Ny")) }
            #expect(try await hub.intake(source).run(.full).parts["person"]?.updated == 1)
        }
    }

    @Test func `what a full reading no longer finds is deleted`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            source.remove(.person, Documents.id(21))
            let report = try await hub.intake(source).run(.full)
            #expect(report.parts["person"]?.deleted == 1)
            #expect(try await hub.store.liveCounts()[.person] == 4)
        }
    }

    @Test func `what the source says is deleted is deleted by a reading of changes`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            source.remove(.person, Documents.id(21))
            source.state.withLock { $0.deleted = [RecordKey(.person, Documents.id(21))] }
            #expect(try await hub.intake(source).run(.changes).parts["person"]?.deleted == 1)
        }
    }

    @Test func `an emptied source is held until that very change is approved`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            for number in 100..<150 { source.put(.person, Documents.person(number)) }
            _ = try await hub.intake(source).run(.full)
            source.state.withLock { $0.documents = [:] }
            let held = try await hub.intake(source).run(.full)
            #expect(held.changed == 0)
            #expect(held.held.map(\.deletes) == [50])
            #expect(try await hub.store.liveCounts()[.person] == 50)
            let id = try #require(held.held.first?.id)
            source.put(.person, Documents.person(100))
            let other = try await hub.intake(source).run(.full, approved: [id])
            #expect(other.held.count == 1, "the approval is for another set")
            source.remove(.person, Documents.id(100))
            #expect(try await hub.intake(source).run(.full, approved: [id]).parts["person"]?.deleted == 50)
        }
    }

    @Test func `a small school that vanishes is held, though it is few of all`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            func unit(_ number: Int) -> Int { number < 125 ? 2 : 3 + number % 5 }
            for number in 100..<700 { source.put(.person, Documents.person(number, unit: unit(number))) }
            _ = try await hub.intake(source).run(.full)
            for number in 100..<125 { source.remove(.person, Documents.id(number)) }
            let report = try await hub.intake(source).run(.full)
            #expect(report.changed == 0)
            let units = report.held.first?.units ?? []
            #expect(units.map(\.unit) == [Documents.id(2)] && units.map(\.living) == [25] && units.map(\.deletes) == [25])
            let id = try #require(report.held.first?.id)
            #expect(try await hub.intake(source).run(.full, approved: [id]).parts["person"]?.deleted == 25)
            // As many from all the units together go through.
            for number in 130..<155 { source.remove(.person, Documents.id(number)) }
            #expect(try await hub.intake(source).run(.full).parts["person"]?.deleted == 25)
        }
    }

    @Test func `a mapping that overwrites everybody is held`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            for number in 100..<160 { source.put(.person, Documents.person(number)) }
            _ = try await hub.intake(source).run(.full)
            for number in 100..<160 { source.put(.person, Documents.person(number, name: "Samma")) }
            #expect(try await hub.intake(source).run(.full).held.map(\.updates) == [60])
        }
    }

    @Test func `a record that can't be used is one failure and the rest goes on`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            var broken = Documents.person(40)
            broken["familyName"] = nil
            source.put(.person, broken)
            let report = try await hub.intake(source).run(.full)
            #expect(report.parts["person"]?.failed == 1)
            #expect(report.parts["person"]?.created == 5)
            let failures = try await hub.store.list(FailureFilter())
            #expect(failures.map(\.failure.key) == [RecordKey(.person, Documents.id(40))])
            // Put right at the source, it is read again and the failure is closed.
            source.put(.person, Documents.person(40))
            #expect(try await hub.intake(source).run(.full).parts["person"]?.created == 1)
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
        }
    }

    @Test func `a record without an id keeps absence from deleting`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            source.remove(.person, Documents.id(21))
            source.state.withLock { state in
                state.broken[.person] = [
                    BrokenRecord(
                        key: nil,
                        failure: ConnectorFailure(.malformedReply, code: .recordWithoutID, message: "an element has no id"))
                ]
            }
            #expect(try await hub.intake(source).run(.full).parts["person"]?.deleted == 0)
        }
    }

    @Test func `an intake failure sent again is read again from the source`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            var broken = Documents.person(40, modified: "2026-08-02T00:00:00Z")
            broken["familyName"] = nil
            source.put(.person, broken)
            _ = try await hub.intake(source).run(.changes)
            let ids = try await hub.store.list(FailureFilter()).map(\.id)
            // Corrected without moving `modified`: only a replay finds it.
            source.put(.person, Documents.person(40, modified: "2026-01-01T00:00:00Z"))
            #expect(try await hub.store.replay(ids) == 1)
            _ = try await hub.intake(source).run(.changes)
            #expect(try await hub.store.list(FailureFilter()).isEmpty)
            #expect(try await hub.store.liveCounts()[.person] == 6)
        }
    }
}
