public import Foundation
import Hummingbird
public import SchoolRecords

/// Records put to and deleted at their addresses.
extension EdlevoStandIn {
    /// `PUT` creates or replaces; the body must be a valid record with the id of the address, or none. `DELETE` of what isn't
    /// there is 404.
    func write(_ key: RecordKey, _ request: Request, _ body: [UInt8]) -> Answer {
        self.counted(key) { request.method == .delete ? $0.remove(key) : $0.put(key, body) }
    }

    /// A write as the faults have it.
    func counted(_ key: RecordKey, _ work: (isolated EdlevoStandIn) -> Answer) -> Answer {
        self.writesServed += 1
        if let most = self.currentFaults.breaksAfterWrites, self.writesServed > most { return Answer(isLost: true) }
        var answer = work(self)
        // Never twice in a row for one record: who asks again is answered.
        if let every = self.currentFaults.losesReplyEvery, every > 0, self.lostReplies.remove(key) == nil,
            self.writesServed % every == 0
        {
            self.lostReplies.insert(key)
            answer.isLost = true
        }
        return answer
    }

    /// `POST` to a list makes a record: with the id that it brings, or one of the server's own where there is none or the id is
    /// taken. The standard says nothing of a record that is posted twice; this server makes two of it.
    func writePosted(_ entity: Entity, _ id: String?, _ body: [UInt8]) -> Answer {
        if let id {
            let key = RecordKey(entity, id)
            return self.counted(key) { $0.remove(key) }
        }
        guard var document = try? JSONValue(parsing: Data(body)), document.objectValue != nil else {
            return .failure(.badRequest, "not-json", "the body must be a JSON object")
        }
        var key = RecordKey(entity, document["id"]?.stringValue.map(RecordKey.normalID) ?? "")
        if key.id.isEmpty || self.dialect.givesOwnIDs || self.tables[entity]?.record(key.id) != nil {
            self.draws += 1
            var draw = SeededGenerator(seed: self.seed, stream: 0x50, index: self.draws)
            key = RecordKey(entity, draw.uuid())
            document["id"] = .string(key.id)
        }
        let posted = document
        return self.counted(key) { $0.put(key, Array(posted.canonicalData)) }
    }

    private func remove(_ key: RecordKey) -> Answer {
        let key = RecordKey(key.entity, RecordKey.normalID(key.id))
        if self.currentFaults.ignoresDeletions(of: key.entity) { return Answer(status: .noContent) }
        let wasThere = self.delete(key)
        if key.entity == .roleGrant { self.roleLog.append(RoleWrite(address: key.id, operation: .taken, hadEffect: wasThere)) }
        return wasThere ? Answer(status: .noContent) : Answer(status: .notFound)
    }

    private func put(_ key: RecordKey, _ body: [UInt8]) -> Answer {
        guard var document = try? JSONValue(parsing: Data(body)), document.objectValue != nil else {
            return .failure(.badRequest, "not-json", "the body must be a JSON object")
        }
        let id = RecordKey.normalID(key.id)
        if let own = document["id"]?.stringValue, RecordKey.normalID(own) != id {
            return .failure(.badRequest, "other-id", "the body's id is another than the address's")
        }
        document["id"] = .string(id)
        // The server's own; the standard requires it of every record all the same.
        if document["meta"] == nil { document["meta"] = Self.someMeta }
        do {
            _ = try SchoolRecord.validate(key.entity, document)
        } catch {
            return .failure(.unprocessableContent, "invalid-record", "the record is not one of SS 12000")
        }
        let before = self.document(RecordKey(key.entity, id))
        let isNew = before == nil
        let written = self.currentFaults.keeps(document, key.entity, before: before)
        guard let kept = try? self.upsert(key.entity, written) else {
            return .failure(.badRequest, "no-id", "the record has no id")
        }
        if !isNew, self.currentFaults.duplicatesUpdates(of: key.entity) {
            var double = written
            self.draws += 1
            var draw = SeededGenerator(seed: self.seed, stream: 0x51, index: self.draws)
            double["id"] = .string(draw.uuid())
            _ = try? self.upsert(key.entity, double)
        }
        self.writeCounts[RecordKey(key.entity, id), default: 0] += 1
        self.writeTimes[RecordKey(key.entity, id)] = Date()
        if key.entity == .roleGrant { self.note(id, kept, before: before) }
        if key.entity == .transportApplication { self.answer(kept) }
        return .json(kept, status: isNew ? .created : .ok)
    }

    private static let someMeta: JSONValue = ["created": "2020-01-01T00:00:00Z", "modified": "2020-01-01T00:00:00Z"]

    /// How many writes each record has taken over the interface.
    public var writes: [RecordKey: Int] { self.writeCounts }

    /// When each record was last written over the interface, by the machine's clock.
    public var writtenAt: [RecordKey: Date] { self.writeTimes }
}
