import Foundation
import Messaging
import SchoolRecords
import Testing

@Suite struct RecordChangeTests {
    static let change = RecordChange(
        id: "5f0f7a0e-1d7e-4f07-9c15-6d8d0a5f4d11", key: RecordKey(.person, "c2f4a0d2-6a43-4f1b-9d7f-0a1b2c3d4e5f"),
        operation: .upserted, source: "edlevo", sequence: 42, time: "2026-11-23T08:00:00Z",
        trace: TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), redelivery: "replay",
        body: Data("{}".utf8))

    @Test(arguments: Entity.allCases, [RecordChange.Operation.upserted, .deleted])
    func `a change read back from its message is the same`(_ entity: Entity, _ operation: RecordChange.Operation) throws {
        var change = Self.change
        change.key = RecordKey(entity, change.key.id)
        change.operation = operation
        #expect(try RecordChange(change.message) == change)
        change.trace = nil
        change.redelivery = nil
        #expect(try RecordChange(change.message) == change)
    }

    @Test func `the message carries the contract's attributes`() {
        let message = Self.change.message
        #expect(message.id == Self.change.id)
        #expect(message.contentType == "application/json")
        #expect(
            message.headers == [
                "cloudEvents_specversion": .string("1.0"),
                "cloudEvents_id": .string(Self.change.id),
                "cloudEvents_type": .string("se.knutpunkt.record.person.upserted.v1"),
                "cloudEvents_source": .string("/knutpunkt/edlevo"),
                "cloudEvents_subject": .string(Self.change.key.id),
                "cloudEvents_time": .string("2026-11-23T08:00:00Z"),
                "cloudEvents_partitionkey": .string(Self.change.key.id),
                "cloudEvents_sequence": .string("42"),
                "traceparent": .string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                "knutpunkt_redelivery": .string("replay"),
            ])
    }

    @Test func `the routing key is in lower case`() {
        var change = Self.change
        change.source = "EdLevo"
        change.operation = .deleted
        #expect(change.routingKey == "record.person.deleted.edlevo")
    }

    @Test(arguments: [
        "cloudEvents_id", "cloudEvents_type", "cloudEvents_source", "cloudEvents_subject", "cloudEvents_time",
        "cloudEvents_sequence",
    ])
    func `a message without a header can't be read and the reason names the header`(_ header: String) {
        var missing = Self.change.message
        missing.headers[header] = nil
        var notText = Self.change.message
        notText.headers[header] = .integer(1)
        for message in [missing, notText] {
            let error = #expect(throws: UndecodableMessage.self) { try RecordChange(message) }
            #expect(error?.reason.contains(header) == true)
        }
    }

    @Test(arguments: [
        ("cloudEvents_type", "se.knutpunkt.record.person.upserted.v2"),
        ("cloudEvents_type", "se.knutpunkt.record.pupil.upserted.v1"),
        ("cloudEvents_type", "se.knutpunkt.record.person.changed.v1"),
        ("cloudEvents_type", "se.other.record.person.upserted.v1"),
        ("cloudEvents_type", "no.knutpunkt.record.person.upserted.v1"),
        ("cloudEvents_type", "se.knutpunkt.role.person.upserted.v1"),
        ("cloudEvents_type", "se.knutpunkt.record.person.upserted"),
        ("cloudEvents_type", ""),
        ("cloudEvents_sequence", "0"), ("cloudEvents_sequence", "-1"), ("cloudEvents_sequence", "many"),
        ("cloudEvents_sequence", "1.5"), ("cloudEvents_sequence", "9223372036854775808"),
        ("cloudEvents_source", "edlevo"), ("cloudEvents_source", "/other/edlevo"),
    ])
    func `a message with a wrong header can't be read and the reason names the header`(_ header: String, _ value: String) {
        var message = Self.change.message
        message.headers[header] = .string(value)
        let error = #expect(throws: UndecodableMessage.self) { try RecordChange(message) }
        #expect(error?.reason.contains(header) == true)
        #expect(error?.description == error?.reason)
    }

    @Test func `headers that others added do no harm`() throws {
        var message = Self.change.message
        message.headers["x-death"] = .string("anything")
        message.headers["knutpunkt_redelivery"] = .bool(true)
        #expect(try RecordChange(message).redelivery == nil)
    }
}
