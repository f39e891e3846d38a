import Foundation
import Hub
import SchoolRecords
import TestChance
import Testing

extension StoreRequirement {
    static let flows: [StoreRequirement] = [
        StoreRequirement("the persons of a flow are those with its records, those it remembers and its failures, in any page") {
            subject in
            var random = SeededRandom(seed: 11)
            let persons = (0..<60).map { "p\($0)" }
            let entities: [Entity] = [.person, .absence, .placement]
            var expected: Set<String> = []
            for (number, person) in persons.enumerated() {
                for entity in entities where Bool.random(using: &random) {
                    let state = RecordState(
                        key: RecordKey(entity, "\(entity.rawValue)-\(number)"), owner: person, body: Self.body(number))
                    try await subject.take([state])
                    // Deleted again, it makes nobody one of them.
                    let isGone = Bool.random(using: &random)
                    if isGone { try await subject.take([RecordState(key: state.key, owner: nil, body: nil)]) }
                    if !isGone, entity != .placement { expected.insert(person) }
                }
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    let run = FlowRun(flow: "f", subject: person, reads: [RecordKey(.placement, "x")], derivations: [])
                    _ = try await subject.store.begin([run])
                    expected.insert(person)
                case 1:
                    let made = Derivation(key: RecordKey(.absence, "m\(number)"), flow: "f", rule: "r", origins: [])
                    _ = try await subject.store.begin([FlowRun(flow: "f", subject: person, reads: [], derivations: [made])])
                    expected.insert(person)
                case 2:
                    try await subject.store.record(
                        [subject.failure(person, sequence: nil, stage: .flow, system: "f")], time: StoreUnderTest.time)
                    expected.insert(person)
                case 3:
                    // Of another flow, another stage, or dealt with.
                    try await subject.store.record(
                        [
                            subject.failure(person, sequence: nil, stage: .flow, system: "g"),
                            subject.failure(person, stage: .delivery, system: "f"),
                            subject.failure("\(person)-other", sequence: nil, stage: .flow, system: "f", entity: .absence),
                        ], time: StoreUnderTest.time)
                    _ = try await subject.store.begin(
                        [FlowRun(flow: "g", subject: person, reads: [RecordKey(.placement, "x")], derivations: [])])
                default: break
                }
            }
            for limit in [1, 7, 59, 60, 1000] {
                var paged: [String] = []
                while true {
                    let page = try await subject.store.subjects(
                        with: [.person, .absence], flow: "f", after: paged.last, limit: limit)
                    guard !page.isEmpty else { break }
                    #expect(page.count <= limit)
                    paged += page
                }
                #expect(paged == expected.sorted(), "pages of \(limit)")
            }
            #expect(
                try await subject.store.concerned(among: Set(persons), by: [.person, .absence], flow: "f") == expected)
            let remembered = try await subject.store.concerned(among: Set(persons), by: [], flow: "f")
            #expect(remembered.isStrictSubset(of: expected))
            #expect(try await subject.store.subjects(with: [], flow: "f", after: nil, limit: 99) == remembered.sorted())
        },
        StoreRequirement("records about persons come with those that they carry, each person's own") { subject in
            func take(_ entity: Entity, _ id: String, _ owner: String?, _ more: [String: JSONValue] = [:]) async throws {
                let body = JSONValue.object(more.merging(["id": .string(id)]) { left, _ in left })
                try await subject.take([RecordState(key: RecordKey(entity, id), owner: owner, body: body.canonicalData)])
            }
            for person in ["p1", "p2", "p3"] {
                try await take(.person, person, person)
                try await take(.placement, "place-\(person)", person)
                try await take(
                    .attendanceSchedule, "times-\(person)", nil, ["placement": ["id": .string("place-\(person)")]])
            }
            try await subject.take([RecordState(key: RecordKey(.attendanceSchedule, "times-p3"), owner: nil, body: nil)])
            let all = try await subject.store.records(
                about: ["p1", "p3", "nobody"], entities: [.person, .placement, .attendanceSchedule])
            #expect(
                all.mapValues { $0.map(\.key.id).sorted() } == ["p1": ["p1", "place-p1", "times-p1"], "p3": ["p3", "place-p3"]])
            let some = try await subject.store.records(about: ["p1", "p2"], entities: [.attendanceSchedule])
            #expect(some.mapValues { $0.map(\.key.id) } == ["p1": ["times-p1"], "p2": ["times-p2"]])
            try await subject.take([RecordState(key: RecordKey(.placement, "place-p2"), owner: nil, body: nil)])
            #expect(try await subject.store.records(about: "p2", entities: Set(Entity.allCases)).map(\.key.id) == ["p2"])
        },
    ]

    private static func body(_ number: Int) -> Data { JSONValue.object(["id": .string("\(number)")]).canonicalData }
}
