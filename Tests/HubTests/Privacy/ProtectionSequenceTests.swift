import Foundation
import Mapping
import SchoolRecords
import TestChance
import Testing

@testable import Hub

@Suite("At no time has a receiver more than its clearance allowed, plus a minute")
struct ProtectionSequenceTests {
    private static let reason = "prov"

    /// How many walks; KNUTPUNKT_PROTECTION_WALKS asks for more.
    private static let walks =
        ProcessInfo.processInfo.environment["KNUTPUNKT_PROTECTION_WALKS"].flatMap { UInt64($0) } ?? 8

    /// The first of them; KNUTPUNKT_PROTECTION_FIRST says another.
    private static let first =
        ProcessInfo.processInfo.environment["KNUTPUNKT_PROTECTION_FIRST"].flatMap { UInt64($0) } ?? 0

    @Test(arguments: Self.first..<(Self.first + Self.walks))
    func `random marks, consents, blocks, changes and delays`(number: UInt64) async throws {
        let seed = 20_261_129 + number
        let steps = 250
        try await Self.withWorld { world in
            var random = SeededRandom(seed: seed)
            var step = 0
            do {
                while step < steps {
                    try await Self.step(world, &random)
                    step += 1
                }
                world.isDown = []
                try await world.wait(seconds: 75)
                try await world.checkHoldings()
                try await world.checkExpected()
            } catch let problem as TestProblem {
                Issue.record("seed \(seed), step \(step): \(problem)")
            }
            #expect(world.checks > steps, "much was looked at")
        }
    }

    static func withWorld(_ body: (ProtectionWorld) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/knutpunkt-protection-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(try await ProtectionWorld(directory: directory))
    }

    private static func step(_ world: ProtectionWorld, _ random: inout SeededRandom) async throws {
        let person = Int.random(in: 0..<ProtectionWorld.people, using: &random)
        let system = ProtectionWorld.systems.randomElement(using: &random) ?? "alfa"
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<14:
            let marks = ["Ingen", "Ingen", "Sekretessmarkering", "Skyddad folkbokföring", "något nytt"]
            world.said[person] = marks.randomElement(using: &random) ?? "Ingen"
        case 14..<20: world.change(person)
        case 20..<34:
            world.put()
            _ = try await world.intake(Bool.random(using: &random) ? .changes : .full)
            world.noteChange()
        case 34..<42:
            let level = ProtectionLevel.allCases.randomElement(using: &random) ?? .hub
            _ = try await world.protector.protect(ProtectionWorld.id(person), level: level, by: "prov", reason: self.reason)
            world.marked[person] = level
            world.noteChange()
        case 42..<48:
            _ = try await world.protector.unprotect(ProtectionWorld.id(person), by: "prov", reason: self.reason)
            world.marked[person] = nil
            world.noteChange()
        case 48..<58:
            let isGiven = Bool.random(using: &random)
            _ = try await world.protector.consent(
                ProtectionWorld.id(person), isGiven: isGiven, by: "prov", reason: self.reason)
            if isGiven { world.consents.insert(person) } else { world.consents.remove(person) }
            world.noteChange()
        case 58..<61:
            world.policy = Int.random(in: 0..<world.policies.count, using: &random)
            world.book.replace(with: world.policies[world.policy])
            world.noteChange()
        case 61..<64:
            guard let relation = ProtectionWorld.guardians.sorted(by: { $0.key < $1.key }).randomElement(using: &random),
                let guardian = relation.value.randomElement(using: &random)
            else { return }
            let isBlocked = Bool.random(using: &random)
            _ = try await world.protector.block(
                child: ProtectionWorld.id(relation.key), guardian: ProtectionWorld.id(guardian), isBlocked: isBlocked, by: "prov",
                reason: self.reason)
            if isBlocked {
                world.blocked.insert([relation.key, guardian])
            } else {
                world.blocked.remove([relation.key, guardian])
            }
            world.noteChange()
        case 64..<72: try await world.relay(Int.random(in: 1...20, using: &random))
        case 72..<86:
            try await world.deliver(system, cleared: Bool.random(using: &random), Int.random(in: 1...8, using: &random))
        case 86..<90: world.isDown.formSymmetricDifference([system])
        default:
            try await world.wait(seconds: Int.random(in: 1...80, using: &random))
            try await world.checkHoldings()
        }
    }
}
