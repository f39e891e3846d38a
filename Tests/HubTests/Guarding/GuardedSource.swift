import Foundation
import Hub
import Mapping
import SchoolRecords
import Synchronization

/// A source with two hundred pupils, ways in which what it says goes wrong, and what comes of it.
struct GuardedSource {
    let source = ScriptedSource()
    static let numbers = 100..<300

    init() {
        self.source.put(.organisation, Documents.school(1))
        self.source.put(.organisation, Documents.unit(2, of: 1))
        self.source.put(.organisation, Documents.unit(3, of: 1))
        for number in Self.numbers { self.source.put(.person, Self.pupil(number)) }
        self.source.state.withLock { $0.pageSize = 50 }
    }

    static func pupil(_ number: Int, name: String? = nil) -> JSONValue {
        Documents.person(number, name: name ?? "Åke Örjan \(number)", unit: 2 + number % 2)
    }

    func edit(_ numbers: some Sequence<Int>, _ edit: (inout JSONValue) -> Void) {
        for number in numbers {
            var document = Self.pupil(number)
            edit(&document)
            self.source.put(.person, document)
        }
    }

    func restore() { for number in Self.numbers { self.source.put(.person, Self.pupil(number)) } }

    /// A hub without a guard: what should have come of it.
    static var unlimited: ChangeLimits {
        var limits = ChangeLimits()
        (limits.deleteShare, limits.updateShare, limits.releaseShare) = (1000, 1000, 1000)
        limits.holdsEmptied = false
        return limits
    }
}

extension TestHub {
    /// Everything that lives in the register.
    func register() async throws -> [RecordKey: Data] {
        var bodies: [RecordKey: Data] = [:]
        for entity in Entity.allCases {
            var after: String?
            while true {
                let page = try await self.store.liveRecords(of: entity, after: after, limit: 500)
                guard let last = page.last else { break }
                after = last.key.id
                for record in page { bodies[record.key] = record.body }
            }
        }
        return bodies
    }

    func approve(_ id: String) async throws {
        let decision = HeldDecision(.approved, by: "somebody", reason: "it is right", time: HubClock.system.timestamp)
        guard try await self.store.decide(id, decision) != nil else { throw TestProblem("\(id) can't be approved") }
    }

    func held(_ states: Set<HeldChange.State> = [.held]) async throws -> [HeldChange] {
        var filter = HeldFilter()
        filter.states = states
        return try await self.store.heldChanges(filter)
    }

    /// The project's mappings with one file edited.
    static func mappings(editing file: String, _ text: String, to other: String) throws -> MappingSet {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Mappings")
            .standardized
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("knutpunkt-mappings-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.copyItem(at: root, to: copy)
        let path = copy.appendingPathComponent(file)
        let content = try String(contentsOf: path, encoding: .utf8)
        guard content.contains(text) else { throw TestProblem("\(file) has no \(text)") }
        try content.replacingOccurrences(of: text, with: other).write(to: path, atomically: true, encoding: .utf8)
        let load = MappingSet.load(directory: copy.path) { _, settings in
            guard case .object(var members) = settings else { return settings }
            members["enabled"] = true
            return .object(members)
        }
        guard let set = load.set else { throw TestProblem("the edited mappings don't load: \(load.diagnostics)") }
        return set
    }
}
