import Hub
import SchoolRecords
import Testing

extension StoreRequirement {
    static let vault: [StoreRequirement] = [
        .init("the vault tells whom it holds, by opaque id") { subject in
            let (one, duty) = (subject.withheld("one"), subject.withheld("d1", .duty))
            try await subject.take([], withheld: [one, duty])
            try await #expect(subject.store.withheldPersons() == [one.opaqueKey.id])
            try await #expect(
                subject.store.holds([one.opaqueKey, one.key, duty.opaqueKey, subject.withheld("two").opaqueKey])
                    == [one.opaqueKey, duty.opaqueKey])
            try await #expect(subject.store.withheldCounts() == [.person: 1, .duty: 1])
        },
        .init("the source's key is behind the opaque one, and behind no other") { subject in
            let one = subject.withheld("one")
            try await subject.take([], withheld: [one])
            try await #expect(subject.store.realKey(of: one.opaqueKey) == one.key)
            try await #expect(subject.store.realKey(of: one.key) == nil)
        },
        .init("the same person withheld again is held once") { subject in
            for _ in 0..<2 { try await subject.take([], withheld: [subject.withheld("one")]) }
            try await #expect(subject.store.withheldCounts() == [.person: 1])
        },
        .init("who is released is held no more, others stay") { subject in
            try await subject.take([], withheld: ["one", "two"].map { subject.withheld($0) })
            try await subject.store.release([subject.withheld("one").opaqueKey, subject.withheld("never").opaqueKey])
            try await #expect(subject.store.withheldPersons() == [subject.withheld("two").opaqueKey.id])
            try await #expect(subject.store.realKey(of: subject.withheld("one").opaqueKey) == nil)
        },
    ]
}
