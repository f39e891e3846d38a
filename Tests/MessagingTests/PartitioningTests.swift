import Messaging
import SchoolRecords
import Testing

struct PartitioningTests {
    @Test func `one partition is the queue itself`() throws {
        let one = try #require(Partitioning(name: "deliver.x", count: 1))
        #expect(one.queues == ["deliver.x"])
        #expect(one.queue(of: "anything") == "deliver.x")
        #expect(one.bindings(exchange: "e", entities: ["person"]).map(\.routingKey) == ["record.person.#"])
    }

    @Test func `there are from one to as many partitions as slots`() {
        #expect(Partitioning(name: "q", count: 0) == nil)
        #expect(Partitioning(name: "q", count: Partitioning.slots + 1) == nil)
        #expect(Partitioning(name: "q", count: Partitioning.slots) != nil)
    }

    /// Bindings of queues that exist name these slots: a change of the function would send records elsewhere.
    @Test(arguments: [
        ("", 1), ("a", 0), ("8a2e1f7c-0b44-4a57-9d6c-3f1f5a0c9e11", 45), ("ÅÄÖ", 48),
    ]) func `slots are the same for ever`(_ id: String, _ slot: Int) {
        #expect(Partitioning.slot(of: id) == slot)
    }

    @Test func `every slot is bound to exactly the queue that its records are said to go to`() throws {
        for count in 2...Partitioning.slots {
            let partitioning = try #require(Partitioning(name: "q", count: count))
            let bindings = partitioning.bindings(exchange: "e", entities: ["person"])
            #expect(bindings.count == Partitioning.slots)
            for number in 0..<50 {
                let key = RecordKey(.person, "record \(number)")
                let bound = bindings.filter { $0.routingKey == Partitioning.routingKey(of: key) }.map(\.queue)
                #expect(bound == [partitioning.queue(of: key.id)])
            }
        }
    }

    @Test func `records spread evenly`() throws {
        let partitioning = try #require(Partitioning(name: "q", count: 4))
        var counts: [String: Int] = [:]
        for number in 0..<8000 { counts[partitioning.queue(of: "record-\(number)"), default: 0] += 1 }
        #expect(counts.values.allSatisfy { (1800...2200).contains($0) }, "\(counts)")
    }
}
