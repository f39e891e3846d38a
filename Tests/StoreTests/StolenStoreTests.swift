import Foundation
import Hub
import SQLiteDatabase
import SchoolRecords
import Testing

@testable import SQLStores

@Suite("Whoever has the store without the key has noise")
struct StolenStoreTests {
    /// Bits a byte.
    private static func entropy(_ bytes: Data) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        return counts.filter { $0 > 0 }.reduce(0) { sum, count in
            let share = Double(count) / Double(bytes.count)
            return sum - share * log2(share)
        }
    }

    private static func bodies(_ path: String) async throws -> [Data] {
        try await SQLiteDatabase.open(path: path).read {
            try $0.query("SELECT body FROM record ORDER BY id", []).compactMap { $0.optionalBlob(0) }
        }
    }

    @Test func `what is sealed looks like chance`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            let text = String(repeating: "Anna Andersson, Storgatan 1. ", count: 20)
            try await subject.take((0..<300).map { subject.state("p\($0)", text) })
            let bodies = try await Self.bodies(fixture.path).reduce(Data(), +)
            #expect(bodies.count > 150_000)
            // What chance gives with so many bytes is 7.999.
            #expect(Self.entropy(bodies) > 7.99)
            #expect(Self.entropy(Data(text.utf8)) < 5, "the measure tells text from chance")
        }
    }

    @Test func `the same record twice is other bytes, and its length alone shows`() async throws {
        try await StoreFixture.with { fixture in
            let subject = fixture.subject
            let states =
                (0..<64).map { subject.state("p\($0)", "Anna") } + (0..<64).map { subject.state("q\($0)", "Anna", .group) }
            try await subject.take(states)
            let bodies = try await Self.bodies(fixture.path)
            #expect(Set(bodies).count == 128)
            // No block of one stands in another: neither by counter nor by key is a stream used twice.
            let blocks = bodies.flatMap { body in
                stride(from: 0, to: body.count - 15, by: 4).map { body.dropFirst($0).prefix(16) }
            }
            let known = Dictionary(blocks.map { (Data($0), 1) }, uniquingKeysWith: +)
            let header = HubKey.header(of: 1)
            #expect(known.allSatisfy { $0.value == 1 || $0.key.range(of: header.prefix(4)) != nil })
            // Known plaintext: one body xored with its text gives a stream that opens no other.
            let plain = try #require(states[0].body)
            let same = bodies.filter { $0.count == bodies[0].count }
            func stream(_ body: Data) -> Data {
                let text = body.dropFirst(body.count - 16 - plain.count).prefix(plain.count)
                return Data(zip(text, plain).map { $0 ^ $1 })
            }
            #expect(Set(same.map(stream)).count == same.count)
            // Sealed again as it was, it is other bytes.
            try await subject.take([subject.state("p0", "Bo")])
            try await subject.take([subject.state("p0", "Anna")])
            #expect(try await Set(Self.bodies(fixture.path)).subtracting(bodies).count == 1)
        }
    }
}
