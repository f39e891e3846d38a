import Reconciliation
import Testing

@Suite("Comparing what a system should hold with what it holds")
struct ComparisonTests {
    private func compare(_ expected: [HeldRow], _ actual: [HeldRow]) throws -> (equal: Int, differences: [Difference]) {
        var differences: [Difference] = []
        let equal = Comparison.run(expected: expected, actual: actual) { differences.append($0) }
        return (equal, differences)
    }

    private func row(_ kind: String, _ key: String, _ fields: [String: String] = [:]) -> HeldRow {
        HeldRow(kind: kind, key: key, fields: fields)
    }

    @Test func `equal sides have no differences`() throws {
        let rows = [self.row("class", "1", ["name": "a"]), self.row("person", "1")]
        let result = try self.compare(rows, rows)
        #expect(result.equal == 2)
        #expect(result.differences.isEmpty)
    }

    @Test func `each kind of difference is told with its row`() throws {
        let result = try self.compare(
            [self.row("class", "1"), self.row("class", "2", ["name": "a", "type": "x"]), self.row("class", "4")],
            [self.row("class", "2", ["name": "b", "type": "x"]), self.row("class", "3"), self.row("class", "4")])
        #expect(
            result.differences.map(\.kind) == [.missing, .different, .unexpected])
        #expect(result.differences.map(\.key) == ["1", "2", "3"])
        #expect(result.differences[1].fields == ["name"])
        #expect(result.equal == 1)
    }

    @Test func `an empty field is the same as none`() throws {
        let result = try self.compare([self.row("class", "1", ["name": ""])], [self.row("class", "1")])
        #expect(result.differences.isEmpty)
    }

    @Test func `a double on either side is a difference`() throws {
        let result = try self.compare([self.row("class", "1")], [self.row("class", "1"), self.row("class", "1")])
        #expect(result.differences.map(\.kind) == [.duplicate])
    }

    @Test func `the order in which rows come makes no difference`() throws {
        let result = try self.compare(
            [self.row("class", "2"), self.row("class", "1")], [self.row("class", "1"), self.row("person", "1")])
        #expect(result.differences.map(\.kind) == [.missing, .unexpected] && result.equal == 1)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func `what is taken out, put in and changed is exactly what is found`(seed: UInt64) throws {
        var generator = Seeded(state: seed)
        var expected: [HeldRow] = []
        var actual: [HeldRow] = []
        var planted: [Difference.Kind: Int] = [:]
        for number in 0..<500 {
            let key = String(10_000 + number)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                expected.append(self.row("person", key))
                planted[.missing, default: 0] += 1
            case 1:
                actual.append(self.row("person", key))
                planted[.unexpected, default: 0] += 1
            case 2:
                expected.append(self.row("person", key, ["name": "a"]))
                actual.append(self.row("person", key, ["name": "b"]))
                planted[.different, default: 0] += 1
            default:
                expected.append(self.row("person", key, ["name": "a"]))
                actual.append(self.row("person", key, ["name": "a"]))
            }
        }
        let result = try self.compare(expected, actual)
        #expect(Dictionary(grouping: result.differences, by: \.kind).mapValues(\.count) == planted)
    }
}

private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return self.state ^ (self.state >> 29)
    }
}
