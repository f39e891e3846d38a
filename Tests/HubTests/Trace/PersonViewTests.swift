import ConnectorKit
import Foundation
import SchoolRecords
import Testing

@testable import Hub

@Suite("What systems have of a person, side by side")
struct PersonViewTests {
    private func reader(_ hub: TestHub) -> PersonReader {
        PersonReader(store: hub.store, mappings: hub.mappings.set, key: hub.key, today: HubClock.system.calendarDate)
    }

    private func text(_ view: PersonView?) throws -> String { String(decoding: try JSONEncoder().encode(view), as: UTF8.self) }

    @Test func `what is as it should be shows no value unless asked, what isn't shows both sides`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            let id = Documents.id(10)
            let calm = try #require(try await self.reader(hub).view(of: id, systems: ["unikum"], showsValues: false))
            #expect(calm.systems.map(\.system) == ["unikum"] && calm.systems[0].differing == 0 && calm.systems[0].open.isEmpty)
            #expect(!calm.lines.isEmpty && calm.lines.allSatisfy { !$0.differs })
            #expect(try !self.text(calm).contains("Testsson10"))
            let whole = try #require(try await self.reader(hub).view(of: id, systems: ["unikum"], showsValues: true))
            #expect(try self.text(whole).contains("Testsson10"))
            #expect(try !self.text(whole).contains("TF"), "the last four digits of a number stay hidden")

            source.put(.person, Documents.person(10, name: "Ny", unit: 2, guardians: [20], modified: "2026-08-02T00:00:00Z"))
            _ = try await hub.intake(source).run(.changes)
            let stale = try #require(try await self.reader(hub).view(of: id, systems: ["unikum"], showsValues: false))
            let line = try #require(stale.lines.first { $0.differs })
            #expect(line.origin.contains("person.givenName") && line.register?.contains("Ny") == true)
            #expect(line.cells.map(\.mark) == [.differs])
            #expect(line.cells[0].has != line.cells[0].should && line.cells[0].should?.contains { $0.contains("Ny") } == true)
            #expect(stale.lines.count(where: \.differs) == 1 && stale.systems[0].differing == 1)
            #expect(stale.systems[0].open == ["person/\(id)": .unpublished])
            #expect(try !self.text(stale).contains("Testsson10"), "only what differs is shown")
        }
    }

    @Test func `a system that has been given nothing has nothing`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let view = try #require(try await self.reader(hub).view(of: Documents.id(10), systems: nil, showsValues: false))
            #expect(Set(view.systems.map(\.system)).isSuperset(of: ["unikum", "skola24"]))
            #expect(view.lines.flatMap(\.cells).allSatisfy { $0.mark == .missing })
            #expect(try await self.reader(hub).view(of: "nobody", systems: nil, showsValues: false) == nil)
        }
    }

    @Test func `of a person whose identity is protected nothing is shown, and the audit's name leads to nobody`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }
            source.put(
                .person,
                Documents.person(
                    11, name: "Hemlig", unit: 2, marking: "Sekretessmarkering", guardians: [20], modified: "2026-08-02T00:00:00Z")
            )
            _ = try await hub.intake(source).run(.changes)
            let id = Documents.id(11)
            let opaque = hub.key.opaqueKey(for: RecordKey(.person, id)).id
            for asked in [id, opaque] {
                let view = try #require(try await self.reader(hub).view(of: asked, systems: nil, showsValues: true))
                #expect(view.isProtected && view.lines.isEmpty && view.systems.isEmpty && view.sources.isEmpty)
                #expect(view.subject == "person/\(opaque)")
                #expect(try !self.text(view).contains("Hemlig") && !self.text(view).contains("Testsson11"))
            }
            let other = try await self.reader(hub).subject(of: Documents.id(10))
            #expect(!other.contains(Documents.id(10)) && other.hasPrefix("person/"))
        }
    }
}
