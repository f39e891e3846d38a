import ConnectorKit
import Foundation
import Hub
import SchoolRecords
import Testing

@Suite("Held changes: at random")
struct HeldRandomTests {
    /// Always the same numbers for a seed.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var value = self.state
            value ^= value >> 33
            value = value &* 0xff51_afd7_ed55_8ccd
            return value ^ (value >> 33)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `whatever is held and approved ends as without a guard, and what is held has changed nothing`(seed: UInt64) async throws
    {
        var random = Seeded(state: seed)
        let guarded = GuardedSource()
        try await TestHub.with { hub in
            _ = try await hub.intake(guarded.source).run(.full)
            var holds = 0
            for round in 0..<8 {
                Self.happen(guarded, &random)
                let before = try await hub.register().filter { $0.key.entity == .person }
                let report = try await hub.intake(guarded.source).run(.full)
                guard let change = report.parts["person"]?.held else { continue }
                holds += 1
                #expect(
                    try await hub.register().filter { $0.key.entity == .person } == before, "seed \(seed), round \(round)")
                if Bool.random(using: &random) { try await hub.approve(change.id) }
            }
            var tries = 0
            while true {
                let report = try await hub.intake(guarded.source).run(.full)
                guard !report.held.isEmpty else { break }
                for change in report.held { try await hub.approve(change.id) }
                tries += 1
                try #require(tries < 5, "seed \(seed)")
            }
            #expect(holds > 0, "seed \(seed): nothing was held at all")
            let wanted = try await TestHub.with { other in
                _ = try await other.intake(guarded.source, limits: GuardedSource.unlimited).run(.full)
                return try await other.register()
            }
            #expect(try await hub.register() == wanted, "seed \(seed)")
        }
    }

    private static func happen(_ guarded: GuardedSource, _ random: inout Seeded) {
        let size = [3, 10, 30, 80, 150].randomElement(using: &random) ?? 3
        let numbers = Array(GuardedSource.numbers).shuffled(using: &random).prefix(size)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: for number in numbers { guarded.source.remove(.person, Documents.id(number)) }
        case 1:
            let day = Int.random(in: 10..<28, using: &random)
            guarded.edit(numbers) { $0["birthDate"] = .string("2013-01-\(day)") }
        case 2: for number in numbers { guarded.source.put(.person, GuardedSource.pupil(number + 300)) }
        default:
            for number in numbers {
                guarded.source.remove(.person, Documents.id(number))
                guarded.source.put(.person, GuardedSource.pupil(number + 600))
            }
        }
    }
}
