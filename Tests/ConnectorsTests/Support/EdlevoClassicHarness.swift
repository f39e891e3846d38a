import ConnectorKit
import ConnectorTesting
import Connectors
import Foundation
import SchoolRecords
import StandIns

/// Edlevo's classic services, as the contract for sources sees them. What the system holds is what complete documents without
/// faults come to, whichever way the connector has read.
struct EdlevoClassicHarness: SourceHarness {
    static let types = ["FS", "F", "FK", "GR", "GY"]
    static let key = "very-secret-licence"

    let standIn: EdlevoClassicStandIn
    let clock: TestClock
    /// Where duties come from: `personnel` or `organization`.
    var duties = "personnel"

    /// Nine in the morning of the municipality's day, in Sweden.
    static let now = Date(timeIntervalSince1970: 1_795_420_800)

    static func with(
        duties: String = "personnel", children: Int = 40, _ body: (EdlevoClassicHarness) async throws -> Void
    ) async throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: children), seed: 7, today: "2026-11-23")
        let clock = TestClock(now: Self.now)
        let register = EdlevoStandIn(municipality: municipality, clock: clock.clock.now)
        // Everything was changed just now, so that nothing before a test is a change.
        for entity in Entity.roster {
            for document in try await register.truth(entity).values { try await register.upsert(entity, document) }
        }
        clock.advance(by: .seconds(900))
        let standIn = EdlevoClassicStandIn(of: register, licenseKey: Self.key, clock: clock.clock.now)
        try await withEdlevoClassicStandIn(standIn) {
            try await body(EdlevoClassicHarness(standIn: $0, clock: clock, duties: duties))
        }
    }

    var faults: Set<SourceFault> { Set(SourceFault.allCases).subtracting([.endlessPages, .tokenDiesMidRun]) }
    var brokenEntity: Entity { .person }
    /// Two in the document of each school type.
    var brokenElementsWithoutKey: Int { 2 * Self.types.count }
    var longAgo: Date { Self.now }

    var secrets: [String] {
        get async throws {
            let persons = try await self.standIn.register.truth(.person).values
            return [Self.key] + persons.prefix(20).compactMap { $0["civicNo"]?["value"]?.stringValue }
        }
    }

    /// The settings of a server like this one, as a system.yaml has them.
    func settings(pageLimit: Int64 = 3, timeout: JSONValue = 5) async throws -> JSONValue {
        let secret = try ServerUnderTest.secretFile(Self.key)
        return [
            "connector": "edlevo_classic",
            "connection": [
                "base_url": .string(try await self.standIn.serverURL), "path": .string(self.standIn.path),
                "license_keys": [["key": ["file": .string(secret)]]],
            ],
            "school_types": .array(Self.types.map { .string($0) }), "duties": .string(self.duties),
            "changes_every_seconds": 60, "personnel_every_seconds": 60,
            "page_limit": .integer(pageLimit), "request_timeout_seconds": timeout,
        ]
    }

    func connector() async throws -> any SourceConnector {
        var policy = RetryPolicy()
        policy.attempts = 3
        return try EdlevoClassicConnector.make(
            system: "edlevo", settings: try await self.settings(timeout: .number(1.5)), clock: self.clock.clock, policy: policy,
            logger: ServerUnderTest.silent)
    }

    /// Every record there is now.
    func all() async throws -> [RecordKey: JSONValue] {
        var documents: [String: [Data]] = [:]
        var personnel: [Data] = []
        for type in Self.types {
            documents[type] = [try await self.document(type)]
            if self.duties == "personnel", let data = await self.standIn.personnelDocument(type) { personnel.append(data) }
        }
        return try EdlevoClassicConnector.records(
            system: "edlevo", organizations: documents, personnel: self.duties == "personnel" ? personnel : nil)
    }

    private func document(_ type: String) async throws -> Data { await self.standIn.completeDocument(type) ?? Data() }

    func held(_ entity: Entity) async throws -> [String: JSONValue] {
        let own = try await self.all().filter { $0.key.entity == entity }
        return Dictionary(uniqueKeysWithValues: own.map { ($0.key.id, $0.value) })
    }

    /// Edlevo tells nothing of the last five minutes.
    private func letTimePass() { self.clock.advance(by: .seconds(900)) }

    /// The record of the register that says that a child has a place.
    private func placement(_ key: RecordKey) async throws -> JSONValue? {
        guard let place = try await self.held(.placement)[key.id] else { return nil }
        return try await self.standIn.register.truth(.placement).values.first {
            $0["child"] == place["child"] && $0["group"] == place["group"] && $0["startDate"] == place["begin"]
        }
    }

    func change(_ key: RecordKey) async throws {
        let register = self.standIn.register
        self.letTimePass()
        if key.entity == .placement, var document = try await self.placement(key) {
            document["endDate"] = "2099-12-31"
            try await register.upsert(.placement, document)
        } else if var document = await register.document(key) {
            document["displayName"] = "Ny"
            document["familyName"] = document["familyName"] == nil ? nil : "Nyström"
            try await register.upsert(key.entity, document)
        }
        self.letTimePass()
    }

    func delete(_ key: RecordKey) async throws {
        self.letTimePass()
        await self.take(key)
        self.letTimePass()
    }

    private func take(_ key: RecordKey) async {
        let register = self.standIn.register
        if key.entity == .placement, let id = try? await self.placement(key)?["id"]?.stringValue {
            await register.delete(RecordKey(.placement, id))
        } else if key.entity == .duty, self.duties == "organization" {
            // One of somebody's at a unit, made of everything that they do there.
            guard let duty = try? await self.all()[key] else { return }
            for (id, own) in (try? await register.truth(.duty)) ?? [:]
            where own["person"] == duty["person"] && own["dutyAt"] == duty["unit"] {
                await register.delete(RecordKey(.duty, id))
            }
        } else if key.entity == .organisation, await register.document(key) == nil {
            // A school unit of which only the code is known is gone when nobody names the code any more.
            guard let code = try? await self.all()[key]?["schoolunitcode"]?.stringValue else { return }
            for (id, unit) in (try? await register.truth(.organisation)) ?? [:] where unit["schoolUnitCode"]?.stringValue == code
            {
                await register.delete(RecordKey(.organisation, id))
            }
            for id in ((try? await register.truth(.group)) ?? [:]).keys { await self.touch(RecordKey(.group, id)) }
            for id in ((try? await register.truth(.duty)) ?? [:]).keys { await self.touch(RecordKey(.duty, id)) }
        } else {
            await register.delete(key)
        }
    }

    private func touch(_ key: RecordKey) async {
        guard let document = await self.standIn.register.document(key) else { return }
        _ = try? await self.standIn.register.upsert(key.entity, document)
    }

    /// What is gone is found by trying it on a copy of the municipality in which the same was done before.
    func gone(with key: RecordKey) async throws -> Set<RecordKey> {
        let before = try await self.all()
        let register = self.standIn.register
        var kept: [RecordKey: JSONValue] = [:]
        for entity in Entity.roster {
            for (id, document) in try await register.truth(entity) { kept[RecordKey(entity, id)] = document }
        }
        let standIn = EdlevoClassicStandIn(of: try await Self.copy(kept), licenseKey: Self.key, clock: self.clock.clock.now)
        let other = EdlevoClassicHarness(standIn: standIn, clock: TestClock(now: self.clock.clock.now()), duties: self.duties)
        await other.take(key)
        return Set(before.keys).subtracting(try await other.all().keys)
    }

    private static func copy(_ records: [RecordKey: JSONValue]) async throws -> EdlevoStandIn {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 3), seed: 1, today: "2026-11-23")
        let copy = EdlevoStandIn(municipality: municipality)
        for entity in Entity.roster { for id in try await copy.truth(entity).keys { await copy.delete(RecordKey(entity, id)) } }
        for (key, document) in records { try await copy.upsert(key.entity, document) }
        return copy
    }

    func misbehave(_ fault: SourceFault?) async throws {
        try await self.standIn.setFaults(
            EdlevoClassicFaults { faults in
                switch fault {
                case nil, .endlessPages, .tokenDiesMidRun: break
                case .down: faults.outage = .refusing
                case .failing: faults.outage = .unavailable
                case .slow: faults.delay = .seconds(4)
                case .tooManyRequests: faults.throttle = .init(every: 2, retryAfter: 7)
                case .expiredCredentials: faults.refusesKeys = true
                case .truncatedPage: faults.truncatedDocument = 2
                case .disconnectedPage: faults.disconnectedDocument = 2
                case .foreignPage: faults.htmlDocument = 2
                case .failedPage: faults.failedDocument = 2
                case .brokenRecord: faults.personsWithoutID = 2
                case .duplicateRows: faults.duplicates = true
                case .unknownFields: faults.addsUnknown = true
                case .empty: faults.isEmpty = true
                case .wrongEncoding: faults.latin1Document = 1
                case .wrongSchema: faults.isOutOfOrder = true
                case .clockSkew: faults.clockSkew = -7200
                }
            })
    }
}
