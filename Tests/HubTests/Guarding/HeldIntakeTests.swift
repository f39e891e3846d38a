import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import Synchronization
import Testing

@Suite("Held changes: what a source says about very many waits for a person")
struct HeldIntakeTests {
    @Test(arguments: WrongReading.all)
    func `it stops, says why with examples, changes nothing, and approved does exactly the set`(wrong: WrongReading) async throws
    {
        let guarded = GuardedSource()
        let wanted = try await Self.unguarded(guarded, wrong)
        guarded.restore()
        for number in 400..<460 { guarded.source.remove(.person, Documents.id(number)) }
        try await TestHub.with { hub in
            _ = try await hub.intake(guarded.source).run(.full)
            let before = try await hub.register()
            let backlog = try await hub.store.backlog()
            wrong.happen(guarded)
            let report = try await hub.intake(guarded.source).run(.full)
            let change = try #require(report.held.first)
            #expect(report.changed == 0)
            #expect(try await hub.register() == before)
            #expect(try await hub.store.backlog() == backlog)
            #expect(
                ChangeCounts(creates: change.creates, updates: change.updates, deletes: change.deletes) == wrong.counts)
            #expect(!change.excess.isEmpty)
            if let hint = wrong.hint { #expect(change.hints.map(\.kind).contains(hint)) }
            if let field = wrong.field {
                let finding = try #require(change.findings.first { $0.field == field.name })
                #expect(finding.count == wrong.counts.updates)
                #expect(finding.hint?.kind == field.hint)
                if let days = field.days { #expect(finding.hint?.days == days) }
            }
            let samples = try await hub.store.samples(ofHeld: change.id)
            #expect(!samples.isEmpty)
            #expect(samples.allSatisfy { before[$0.key] != nil || $0.change == .creates })
            // Nothing of anybody's data in what is told.
            let told = String(decoding: try JSONEncoder().encode(change), as: UTF8.self)
            for text in ["Testsson", "rjan", "2013-01", "TF"] { #expect(!told.contains(text)) }
            // The same again is the same, and still waits.
            #expect(try await hub.intake(guarded.source).run(.full).held.map(\.id) == [change.id])

            try await hub.approve(change.id)
            let taken = try await hub.intake(guarded.source).run(.full)
            #expect(taken.parts["person"]?.applied == [change.id])
            #expect(taken.changed == wrong.counts.creates + wrong.counts.updates + wrong.counts.deletes)
            #expect(try await hub.register() == wanted)
            #expect(try await hub.held([.applied]).map(\.id) == [change.id])
            #expect(try await hub.store.samples(ofHeld: change.id).isEmpty)
        }
    }

    private static func unguarded(_ guarded: GuardedSource, _ wrong: WrongReading) async throws -> [RecordKey: Data] {
        try await TestHub.with { hub in
            _ = try await hub.intake(guarded.source, limits: GuardedSource.unlimited).run(.full)
            wrong.happen(guarded)
            _ = try await hub.intake(guarded.source, limits: GuardedSource.unlimited).run(.full)
            return try await hub.register()
        }
    }

    @Test func `an edited mapping that would change most waits, and is named as the cause`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            _ = try await hub.intake(guarded.source).run(.full)
            let before = try await hub.register()
            let original = hub.mappings.set
            hub.mappings.replace(
                with: try TestHub.mappings(
                    editing: "edlevo/person.yaml", "givenName: {from: givenName, required: true}",
                    to: "givenName: {from: familyName, required: true}"))
            let report = try await hub.intake(guarded.source).run(.full)
            let change = try #require(report.held.first)
            #expect(change.updates == 200)
            #expect(change.hints.map(\.kind) == [.mappingEdited])
            #expect(try await hub.register() == before)
            // Put right, nothing waits any more.
            hub.mappings.replace(with: original)
            #expect(try await hub.intake(guarded.source).run(.full).held.isEmpty)
            #expect(try await hub.held([.superseded]).map(\.id) == [change.id])
            #expect(try await hub.register() == before)
        }
    }

    @Test func `a wholly empty reply takes nothing away, however few there are`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            _ = try await hub.intake(guarded.source).run(.full)
            guarded.source.state.withLock { $0.documents[.organisation] = [] }
            let report = try await hub.intake(guarded.source).run(.full)
            #expect(report.parts["organisation"]?.held?.deletes == 3)
            #expect(try await hub.store.liveCounts()[.organisation] == 3)
            // One of them may go.
            guarded.source.put(.organisation, Documents.school(1))
            guarded.source.put(.organisation, Documents.unit(2, of: 1))
            #expect(try await hub.intake(guarded.source).run(.full).parts["organisation"]?.deleted == 1)
            #expect(try await hub.held().isEmpty)
        }
    }

    @Test func `an approval is of that set: when the source moves on it lapses`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            _ = try await hub.intake(guarded.source).run(.full)
            guarded.edit(100..<200) { $0["birthDate"] = "2013-01-02" }
            let first = try #require(try await hub.intake(guarded.source).run(.full).held.first)
            try await hub.approve(first.id)
            let before = try await hub.register()
            // One of the hundred says something else by now.
            guarded.edit([150]) { $0["birthDate"] = "2013-01-03" }
            let report = try await hub.intake(guarded.source).run(.full)
            #expect(report.changed == 0)
            #expect(report.parts["person"]?.lapsed == [first.id])
            #expect(try await hub.register() == before)
            let second = try #require(report.held.first)
            #expect(second.id != first.id)
            let decision = HeldDecision(.approved, by: "somebody", reason: "again", time: HubClock.system.timestamp)
            #expect(try await hub.store.decide(first.id, decision) == nil, "what is no more can't be approved")
        }
    }

    @Test func `the little that came on top of an approved set goes with it`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            _ = try await hub.intake(guarded.source).run(.full)
            guarded.edit(100..<200) { $0["birthDate"] = "2013-01-02" }
            let change = try #require(try await hub.intake(guarded.source).run(.full).held.first)
            try await hub.approve(change.id)
            guarded.edit(250..<255) { $0["birthDate"] = "2013-01-05" }
            #expect(try await hub.intake(guarded.source).run(.full).parts["person"]?.updated == 105)
        }
    }

    @Test func `what is rejected stays out for as long as it is the same, and can be approved yet`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            _ = try await hub.intake(guarded.source).run(.full)
            guarded.edit(100..<200) { $0["birthDate"] = "2013-01-02" }
            let change = try #require(try await hub.intake(guarded.source).run(.full).held.first)
            let rejected = HeldDecision(.rejected, by: "somebody", reason: "wrong", time: HubClock.system.timestamp)
            try await hub.store.decide(change.id, rejected)
            let report = try await hub.intake(guarded.source).run(.full)
            #expect(report.changed == 0 && report.held.map(\.state) == [.rejected])
            try await hub.approve(change.id)
            #expect(try await hub.intake(guarded.source).run(.full).changed == 100)
        }
    }

    @Test func `changes spread over a day add up`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            _ = try await hub.intake(guarded.source).run(.full)
            for number in 100..<115 { guarded.source.remove(.person, Documents.id(number)) }
            #expect(try await hub.intake(guarded.source).run(.full).parts["person"]?.deleted == 15)
            for number in 115..<130 { guarded.source.remove(.person, Documents.id(number)) }
            let report = try await hub.intake(guarded.source).run(.full)
            #expect(report.held.map(\.deletes) == [15])
            #expect(report.held.first?.excess.map(\.count) == [30])
        }
    }

    @Test func `a plan lets through what it covers, and is used up by it`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            _ = try await hub.intake(guarded.source).run(.full)
            let day = "\(HubClock.system.calendarDate)"
            let plan = try await hub.store.plan(
                PlannedChange(
                    id: 0, direction: .source, system: "edlevo", subject: "person", bounds: ChangeCounts(updates: 100), from: day,
                    to: day, reason: "new school year", madeBy: "somebody", madeAt: HubClock.system.timestamp))
            guarded.edit(100..<200) { $0["birthDate"] = "2013-01-02" }
            #expect(try await hub.intake(guarded.source).run(.full).changed == 100)
            #expect(try await hub.store.plans().first { $0.id == plan.id }?.used.updates == 100)
            guarded.edit(100..<200) { $0["birthDate"] = "2013-01-03" }
            #expect(try await hub.intake(guarded.source).run(.full).held.count == 1, "it is used up")
            for number in 100..<130 { guarded.source.remove(.person, Documents.id(number)) }
            #expect(try await hub.intake(guarded.source).run(.full).changed == 0, "deletions weren't planned")
        }
    }

    @Test func `protections that end for many at once wait; one that ends goes out`() async throws {
        try await TestHub.with { hub in
            let guarded = GuardedSource()
            for number in 300..<310 { guarded.source.put(.person, Documents.person(number, marking: "Sekretessmarkering")) }
            _ = try await hub.intake(guarded.source).run(.full)
            for number in 300..<310 { guarded.source.put(.person, Documents.person(number)) }
            let report = try await hub.intake(guarded.source).run(.full)
            #expect(report.held.map(\.releases) == [10])
            #expect(try await hub.store.withheldPersons().count == 10)
            for number in 301..<310 { guarded.source.put(.person, Documents.person(number, marking: "Sekretessmarkering")) }
            #expect(try await hub.intake(guarded.source).run(.full).held.isEmpty)
            #expect(try await hub.store.withheldPersons().count == 9)
        }
    }
}
