public import Foundation
public import SchoolRecords

/// When a record was made and last changed in the source.
struct RecordStamps: Sendable, Hashable {
    var created: Timestamp
    var modified: Timestamp
}

/// One record as the source system holds it: its key and its document, kept as compact JSON.
public struct SyntheticRecord: Sendable, Hashable {
    public let key: RecordKey
    let stamps: RecordStamps
    let bytes: [UInt8]

    /// The document as SS 12000 JSON in UTF-8.
    public var data: Data { Data(self.bytes) }

    /// The document as a value.
    public func document() throws(JSONSyntaxError) -> JSONValue { try JSONValue(parsing: Data(self.bytes)) }
}
