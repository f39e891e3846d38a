import ConnectorKit
import Foundation
import Mapping
import SQLStores
import SQLiteDatabase
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

@Suite("An erased person is gone, here, at systems and in older copies")
struct ErasureTests {
    final class KeptKeys: KeyKeeper {
        private let document: Mutex<KeyDocument>
        init(_ document: KeyDocument) { self.document = Mutex(document) }
        func read() throws -> KeyDocument { self.document.withLock { $0 } }
        func write(_ document: KeyDocument) throws { self.document.withLock { $0 = document } }
        func claim() throws -> (any Sendable)? { 0 }
    }

    struct World {
        let world: ProtectionWorld
        let directory: String
        let keys: KeptKeys
        var path: String { self.directory + "/store.sqlite" }
        var eraser: Eraser {
            Eraser(store: self.world.store, key: self.world.key, mappings: self.world.book, clock: self.world.clock)
        }
        var rotator: KeyRotator {
            KeyRotator(store: self.world.store, key: self.world.key, keeper: self.keys, clock: self.world.clock)
        }

        func erase(_ person: Int) async throws -> Erasure {
            let erasure = try await self.eraser.erase(
                ProtectionWorld.id(person), although: true, by: "prov", reason: "prov")
            // To the model it is somebody of whom nobody may have anything.
            self.world.marked[person] = .protectedRegistration
            self.world.noteChange()
            return erasure
        }

        func settle() async throws -> [Erasure] { try await self.eraser.settle(with: self.rotator) }

        /// The hub's keys as they are kept now.
        var present: HubKey { get throws { HubKey(try self.keys.read()) } }
    }

    static func withWorld(_ body: (World) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-erase-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let world = try await ProtectionWorld(directory: directory)
        try await body(
            World(world: world, directory: directory, keys: KeptKeys(KeyDocument(material: Data(repeating: 7, count: 32)))))
    }

    static func tokens(_ person: Int) -> [String] {
        ["Namn\(person)q", "Efter\(person)q", "post\(person)q"] + (0..<10).map { ProtectionWorld.number(person, $0) }
    }

    private func shows(_ world: ProtectionWorld, _ person: Int) -> Bool {
        world.holdings.values.contains { rows in
            rows.values.contains { row in
                (Self.tokens(person) + [ProtectionWorld.id(person)]).contains { "\(row.key) \(row.fields)".contains($0) }
            }
        }
    }

    @Test func `nobody can get the person back from store, log or an earlier copy with the keys of today`() async throws {
        try await Self.withWorld { it in
            let world = it.world
            try await world.pump()
            let key = RecordKey(.person, ProtectionWorld.id(0))
            let body = Data(#"{"givenName":"Namn0q"}"#.utf8)
            try await world.store.record(
                [
                    NewFailure(
                        stage: .delivery, system: "alfa", key: key, sequence: 1, kind: "rejected", code: "prov", field: nil,
                        place: nil, message: "Namn0q", body: body)
                ], time: world.clock.timestamp)
            _ = try await it.eraser.hold(ProtectionWorld.id(3), until: nil, by: "prov", reason: "prov")
            let before = try await OpenedStore(it.path, keys: [it.present])
            #expect(before.closed == 0 && before.shows(Self.tokens(0)).count >= 4, "the search finds what is there")
            let earlier = try OpenedStore.copy(it.path, to: it.directory + "/earlier")

            let erasure = try await it.erase(0)
            #expect(erasure.state == .pending && erasure.systems.map(\.system) == ProtectionWorld.systems)
            #expect(erasure.destroyed["data_key"] == 1 && erasure.destroyed["failure"] == 1)
            #expect(try await it.settle().isEmpty, "systems have still to delete")
            try await world.pump()
            #expect(!self.shows(world, 0))
            let done = try await it.settle()
            #expect(done.map(\.person) == [world.opaque(0)] && done[0].state == .done && done[0].droppedGeneration == 1)
            #expect(done[0].systems.allSatisfy { $0.confirmedAt != nil })
            #expect(try await world.store.keys(ofErased: world.opaque(0)).isEmpty)
            #expect(try await world.store.auditEntries(AuditFilter()).map(\.action).suffix(2) == ["keys.rotate", "erase.done"])

            // The store of today, opened with the keys of today.
            let now = try await OpenedStore(it.path, keys: [it.present])
            #expect(now.closed == 0)
            #expect(now.shows(Self.tokens(0)).isEmpty)
            #expect(now.shows(Self.tokens(1)).count >= 3, "others are there")
            // The copy of before, with all that there is today.
            let present = try it.present
            let known = try await OpenedStore.dataKeys(it.path, key: present)
            let copy = try await OpenedStore(earlier, keys: [present], dataKeys: known)
            #expect(copy.shows(Self.tokens(0)).isEmpty)
            #expect(copy.records.contains("person/\(ProtectionWorld.id(1))"), "the search opens what can be opened")
            #expect(!copy.records.contains("person/\(ProtectionWorld.id(0))"))
            // Nothing that the hub's key itself had sealed opens.
            #expect(try await OpenedStore(earlier, keys: [present]).opened.isEmpty)
            let error = await #expect(throws: StoreError.self) {
                try await SQLStore.open(database: SQLiteDatabase.open(path: earlier), key: present)
            }
            #expect(error?.code == .wrongKey)
        }
    }

    @Test func `nothing in the files can be read, whatever was there before`() async throws {
        try await Self.withWorld { it in
            try await it.world.pump()
            _ = try await it.erase(0)
            try await it.world.pump()
            #expect(try await it.settle().count == 1)
            for name in try FileManager.default.contentsOfDirectory(atPath: it.directory) where name.hasPrefix("store") {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: it.directory + "/" + name))
                for token in Self.tokens(0) { #expect(bytes.range(of: Data(token.utf8)) == nil, "\(token) in \(name)") }
            }
            let log = try FileManager.default.attributesOfItem(atPath: it.path + "-wal")[.size] as? Int
            #expect(log == 0, "what was replaced isn't in the log")
        }
    }

    @Test func `readings leave the person out, also one that was under way, until that is lifted`() async throws {
        try await Self.withWorld { it in
            let world = it.world
            try await world.pump()
            let eraser = it.eraser
            world.source.hook.withLock { hook in
                hook = { _ = try await eraser.erase(ProtectionWorld.id(0), although: true, by: "prov", reason: "prov") }
            }
            world.change(0)
            world.put()
            world.marked[0] = .protectedRegistration
            world.noteChange()
            try await world.intake(.full)
            try await world.pump()
            for _ in 0..<2 {
                world.change(0)
                world.put()
                try await world.intake(.full)
                try await world.pump()
            }
            #expect(!self.shows(world, 0))
            #expect(try await it.settle().count == 1)
            let now = try await OpenedStore(it.path, keys: [it.present])
            #expect(now.shows(Self.tokens(0)).isEmpty)
            #expect(try await world.store.vaultRecords().isEmpty)
            #expect(world.holdings["alfa"]?.values.contains { "\($0.fields)".contains("Namn1q") } == true)

            #expect(try await it.eraser.lift(ProtectionWorld.id(0), by: "prov", reason: "prov") == world.opaque(0))
            #expect(try await it.eraser.lift(ProtectionWorld.id(0), by: "prov", reason: "prov") == nil)
            world.marked[0] = nil
            world.noteChange()
            world.change(0)
            world.put()
            try await world.intake(.full)
            try await world.pump()
            #expect(self.shows(world, 0), "whoever comes back is given again")
        }
    }

    @Test func `messages in queues, and a batch for a system that is down, go without the person`() async throws {
        try await Self.withWorld { it in
            let world = it.world
            world.isDown = ["alfa"]
            try await world.relay(500)
            for system in ProtectionWorld.systems { try await world.deliver(system, cleared: false, 500) }
            _ = try await it.erase(1)
            try await world.pump()
            #expect(try await it.settle().isEmpty, "alfa's batch may name the person")
            world.isDown = []
            try await world.pump()
            #expect(!self.shows(world, 1))
            #expect(try await it.settle().count == 1)
        }
    }

    @Test func `somebody in the vault is erased like others, with what systems had in the person's place`() async throws {
        try await Self.withWorld { it in
            let world = it.world
            world.said[2] = "Sekretessmarkering"
            world.put()
            try await world.intake(.full)
            world.noteChange()
            try await world.pump()
            #expect(try await !world.store.livingForms(for: "beta").isEmpty)
            let outlook = try await it.eraser.look(at: world.opaque(2))
            #expect(outlook.isActive && outlook.isKnown && outlook.records["person"] == 1)
            let erasure = try await it.erase(2)
            #expect(erasure.person == world.opaque(2) && (erasure.destroyed["vault"] ?? 0) >= 1)
            try await world.pump()
            #expect(!self.shows(world, 2))
            #expect(try await it.settle().count == 1)
            #expect(try await world.store.vaultRecords().isEmpty)
            #expect(try await OpenedStore(it.path, keys: [it.present]).shows(Self.tokens(2)).isEmpty)
        }
    }

    @Test func `a legal hold, a source that has the person, and an earlier erasure are in the way`() async throws {
        try await Self.withWorld { it in
            let id = ProtectionWorld.id(0)
            let today = "\(it.world.clock.calendarDate)"
            await #expect(throws: ErasureRefusal.active) {
                try await it.eraser.erase(id, although: false, by: "prov", reason: "prov")
            }
            let hold = try await it.eraser.hold(id, until: today, by: "prov", reason: "domstol")
            await #expect(throws: ErasureRefusal.held(hold)) {
                try await it.eraser.erase(id, although: true, by: "prov", reason: "prov")
            }
            #expect(try await it.world.store.erasures().isEmpty)
            #expect(try await it.eraser.liftHold(id, by: "prov", reason: "prov"))
            #expect(try await !it.eraser.liftHold(id, by: "prov", reason: "prov"))
            _ = try await it.eraser.hold(id, until: "2001-01-01", by: "prov", reason: "över")
            let erasure = try await it.erase(0)
            #expect(erasure.state == .pending)
            await #expect(throws: ErasureRefusal.self) { try await it.erase(0) }
        }
    }

    @Test func `a system that never confirms can be given up, and what it was given is forgotten`() async throws {
        try await Self.withWorld { it in
            let world = it.world
            try await world.pump()
            world.isDown = ["gamma"]
            _ = try await it.erase(0)
            try await world.pump()
            #expect(try await it.settle().isEmpty)
            let systems = try await world.store.erasures()[0].systems
            #expect(systems.filter { $0.confirmedAt == nil }.map(\.system) == ["gamma"])
            #expect(try await !it.eraser.giveUp("alfa", for: world.opaque(0), by: "prov", reason: "prov"))
            #expect(try await it.eraser.giveUp("gamma", for: world.opaque(0), by: "prov", reason: "prov"))
            #expect(try await it.settle().count == 1)
            #expect(try await OpenedStore(it.path, keys: [it.present]).shows(Self.tokens(0)).isEmpty)
        }
    }

    @Test func `a store that was put back erases again whom the list outside names`() async throws {
        try await Self.withWorld { it in
            let world = it.world
            try await world.pump()
            for person in [world.opaque(0), "0f0f0f0f-0000-8000-8000-000000000000"] {
                try await world.store.begin(
                    Erasure(person: person, time: "2026-01-01T00:00:00Z", by: "hub", reason: "list", state: .listed), keys: [])
            }
            world.marked[0] = .protectedRegistration
            world.noteChange()
            #expect(try await it.eraser.reapply().map(\.person) == [world.opaque(0)])
            #expect(try await it.eraser.reapply().isEmpty)
            try await world.pump()
            #expect(try await it.settle().map(\.person) == [world.opaque(0)])
            #expect(!self.shows(world, 0))
            #expect(try await OpenedStore(it.path, keys: [it.present]).shows(Self.tokens(0)).isEmpty)
            #expect(try await world.store.erasures().allSatisfy { $0.state == .done })
        }
    }

    @Test func `everything that is held about somebody is given, and nothing about others`() async throws {
        try await Self.withWorld { it in
            let world = it.world
            try await world.pump()
            let exporter = PersonExporter(store: world.store, key: world.key, clock: world.clock)
            let export = try #require(try await exporter.export(ProtectionWorld.id(0)))
            let text = "\(export.items)"
            for token in ["Namn0q", "Efter0q", "post0q"] { #expect(text.contains(token)) }
            for other in 1..<ProtectionWorld.people {
                #expect(!text.contains("Namn\(other)q") && !text.contains("Efter\(other)q"))
            }
            #expect(Set(export.items.map(\.kind)).isSuperset(of: ["record", "delivery"]))
            #expect(export.departed.map(\.system) == ProtectionWorld.systems && !export.isProtected)
            #expect(try await exporter.export(Documents.id(499)) == nil)
            world.said[2] = "Sekretessmarkering"
            world.put()
            try await world.intake(.full)
            world.noteChange()
            try await world.pump()
            let hidden = try #require(try await exporter.export(world.opaque(2)))
            #expect(hidden.isProtected && hidden.person == ProtectionWorld.id(2) && "\(hidden.items)".contains("Namn2q"))
            #expect(Set(hidden.items.map(\.kind)).isSuperset(of: ["vault", "vault_form", "delivery"]))
        }
    }
}
