import ConnectorKit
import ConnectorTesting
import SchoolRecords
import StandIns
import Testing

/// The contracts with the settings that the project ships, on a stand-in of each system.
@Suite("The shipped two-way systems keep the contracts in both directions")
struct ShippedContractTests {
    @Test("as sources", arguments: TwoWaySystem.allCases, SourceConnectorRequirement.all)
    func source(_ system: TwoWaySystem, _ requirement: SourceConnectorRequirement) async throws {
        try await ShippedSystem.with(system, isEmpty: false) { shipped in
            let harness = ShippedSourceHarness(shipped: shipped)
            try #require(requirement.applies(to: harness))
            try await requirement.verify(harness)
        }
    }

    @Test("as targets", arguments: TwoWaySystem.allCases, TargetConnectorRequirement.all)
    func target(_ system: TwoWaySystem, _ requirement: TargetConnectorRequirement) async throws {
        try await ShippedSystem.with(system, isEmpty: true) { shipped in
            let harness = ShippedTargetHarness(shipped: shipped)
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test("as targets of roles", arguments: [TwoWaySystem.skola24, .tempus, .vega], TargetConnectorRequirement.all)
    func roles(_ system: TwoWaySystem, _ requirement: TargetConnectorRequirement) async throws {
        try await ShippedSystem.with(system, isEmpty: true) { shipped in
            let harness = ShippedTargetHarness(shipped: shipped, isAboutRoles: true)
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }

    @Test(arguments: [TwoWaySystem.skola24, .tempus, .vega])
    func `a role is there once though every reply is lost, and one that was given by hand can be taken away`(
        _ system: TwoWaySystem
    )
        async throws
    {
        try await ShippedSystem.with(system, isEmpty: true) { shipped in
            let harness = ShippedTargetHarness(shipped: shipped, isAboutRoles: true)
            let connector = try await harness.connector()
            let byHand = HeldRole(ShippedSystem.id(1, "b"), "handläggare", .municipality)
            try await shipped.standIn.giveByHand(byHand)
            try await shipped.standIn.setFaults(EdlevoFaults { $0.losesReplyEvery = 1 })
            func batch(_ id: String, set: [TargetRow] = [], removed: [TargetRow] = []) -> TargetBatch {
                TargetBatch(
                    id: id,
                    writes: [TargetWrite(record: RecordKey(.roleGrant, "r"), sequence: 1, set: set, removed: removed)])
            }
            for number in 1...2 {
                try await #expect(
                    connector.write(batch("\(number)-a", set: (1...9).map { harness.object($0, version: 1) })).isEmpty)
            }
            #expect(await shipped.standIn.roles.count == 10)
            try await #expect(
                connector.write(batch("3-a", removed: [harness.relation(1), harness.object(2, version: 1)])).isEmpty)
            let roles = await shipped.standIn.roles
            #expect(roles.count == 8 && !roles.contains(byHand))
        }
    }

    /// Counted in the stand-in, not in what the hub believes.
    @Test(arguments: TwoWaySystem.allCases)
    func `a reply lost after each write leaves one of everything`(_ system: TwoWaySystem) async throws {
        try await ShippedSystem.with(system, isEmpty: true) { shipped in
            let harness = ShippedTargetHarness(shipped: shipped)
            let connector = try await harness.connector()
            try await shipped.standIn.setFaults(EdlevoFaults { $0.losesReplyEvery = 1 })
            for round in 1...3 {
                let rows = (1...9).flatMap { [harness.object($0, version: round), harness.relation($0)] }
                let batch = TargetBatch(
                    id: "\(round)-a",
                    writes: [TargetWrite(record: RecordKey(.absence, "r"), sequence: Int64(round), set: rows, removed: [])])
                try await #expect(connector.write(batch).isEmpty)
                try await #expect(connector.write(batch).isEmpty, "the batch again, as after a crash")
            }
            let wanted: [Entity: Int] =
                switch system {
                case .skola24: [.absence: 18]
                case .tempus: [.placement: 9, .absence: 9]
                // Each application has one answer, however often it came.
                case .eservice: [.transportDecision: 18]
                case .vega: [.person: 9, .transportApplication: 9, .transportEligibility: 9, .transportDecision: 0]
                }
            for (entity, count) in wanted { #expect(await shipped.standIn.count(of: entity) == count, "\(entity)") }
            if system == .vega {
                for number in 1...9 {
                    for _ in 1...2 { try await shipped.standIn.decideTransport(ShippedSystem.id(number, "d")) }
                }
                #expect(await shipped.standIn.count(of: .transportDecision) == 9)
                let answers = try await shipped.standIn.truth(.transportEligibility).values
                #expect(Set(answers.compactMap { $0["application"]?["id"]?.stringValue }).count == 9)
                for answer in answers { _ = try SchoolRecord.validate(.transportEligibility, answer) }
                for decision in try await shipped.standIn.truth(.transportDecision).values {
                    _ = try SchoolRecord.validate(.transportDecision, decision)
                }
            }
        }
    }
}
