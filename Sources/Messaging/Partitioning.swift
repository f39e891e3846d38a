public import SchoolRecords

/// How a receiving system's messages are spread over several queues so that several consumers share the work and every
/// record keeps its order.
///
/// The publisher hashes the record's id to one of a fixed number of slots and publishes under the slot's routing key
/// beside the public one; each queue is bound to its share of the slots. A record's slot never changes: not with a
/// restart, not with the number of systems. (RabbitMQ's own hash exchanges move keys when bindings come and go.)
public struct Partitioning: Sendable, Hashable {
    /// Slots that ids are hashed to; fixed for ever, since queues' bindings name them.
    public static let slots = 64

    /// The queue's name without its number, e.g. `deliver.unikum`.
    public let name: String
    /// From 1 (a single queue, named ``name`` alone) to ``slots``.
    public let count: Int

    /// - Returns: `nil` when `count` is outside 1 … ``slots``.
    public init?(name: String, count: Int) {
        guard (1...Self.slots).contains(count) else { return nil }
        self.name = name
        self.count = count
    }

    /// The queues: `<name>` or `<name>.0`, `<name>.1`, ….
    public var queues: [String] { self.count == 1 ? [self.name] : (0..<self.count).map { "\(self.name).\($0)" } }

    /// The queue that takes a record's messages.
    public func queue(of recordID: String) -> String {
        self.count == 1 ? self.name : "\(self.name).\(Self.slot(of: recordID) % self.count)"
    }

    /// From 0 to ``slots`` - 1: FNV-1a over the id's UTF-8, 64 bits, its halves folded.
    public static func slot(of recordID: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in recordID.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return Int((hash ^ (hash >> 32)) % UInt64(Self.slots))
    }

    /// The routing key of a record's slot, `slot.<n>.<entity>` in lower case.
    public static func routingKey(of key: RecordKey) -> String {
        "slot.\(Self.slot(of: key.id)).\(key.entity.rawValue)".lowercased()
    }

    /// Binds the queues to the exchange of record changes for these entities.
    public func bindings(exchange: String, entities: [String]) -> [Topology.Binding] {
        guard self.count > 1 else {
            return entities.sorted().map { .init(exchange: exchange, queue: self.name, routingKey: "record.\($0).#") }
        }
        return (0..<Self.slots).flatMap { slot in
            entities.sorted().map {
                .init(exchange: exchange, queue: "\(self.name).\(slot % self.count)", routingKey: "slot.\(slot).\($0)")
            }
        }
    }
}
