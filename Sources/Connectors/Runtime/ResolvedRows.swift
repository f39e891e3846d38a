import ConnectorKit
import SchoolRecords

/// What a batch comes down to: each object once, each relation once, in the order in which a system shall take them. Relations are
/// the rows that can be taken away again; a system that can take all away has no objects in this sense.
///
/// - An object that several writes set stands as the last one says, where the last one says it.
/// - A relation that any record sets stands, even if another record takes it away in the same batch: a pupil who moves
///   from one group to another of the same class is still in the class. Within one record the later write counts.
/// - All removals come before all additions, so that what can only be once (the school of a class) is free for the new
///   one. Within each, rows keep the order of the writes.
/// - Removed objects are passed over.
struct ResolvedRows: Sendable {
    private(set) var objects: [TargetRow] = []
    private(set) var removed: [TargetRow] = []
    private(set) var added: [TargetRow] = []

    private struct Identity: Hashable {
        let kind: String
        let key: String
    }

    private struct Touch {
        let record: RecordKey
        let position: Int
        let row: TargetRow
        let isSet: Bool
    }

    init(_ writes: some Sequence<TargetWrite>, relationTypes: Set<String>) {
        var objects: [Identity: (position: Int, row: TargetRow)] = [:]
        var touches: [Identity: [Touch]] = [:]
        var position = 0
        for write in writes {
            for (rows, isSet) in [(write.removed, false), (write.set, true)] {
                for row in rows {
                    position += 1
                    let identity = Identity(kind: row.kind, key: row.key)
                    if relationTypes.contains(row.kind) {
                        let touch = Touch(record: write.record, position: position, row: row, isSet: isSet)
                        touches[identity, default: []].append(touch)
                    } else if isSet {
                        objects[identity] = (position, row)
                    }
                }
            }
        }
        var removals: [(position: Int, row: TargetRow)] = []
        var additions: [(position: Int, row: TargetRow)] = []
        for touches in touches.values {
            var lastOfRecord: [RecordKey: Touch] = [:]
            for touch in touches { lastOfRecord[touch.record] = touch }
            let last = lastOfRecord.values.sorted { $0.position < $1.position }
            if let set = last.last(where: \.isSet) {
                additions.append((set.position, set.row))
            } else if let gone = last.last {
                removals.append((gone.position, gone.row))
            }
        }
        self.objects = Self.rows(Array(objects.values))
        self.removed = Self.rows(removals)
        self.added = Self.rows(additions)
    }

    private static func rows(_ placed: [(position: Int, row: TargetRow)]) -> [TargetRow] {
        placed.sorted { $0.position < $1.position }.map(\.row)
    }
}
