/// A part of a record that is read from an object and written as one.
protocol RecordPart: Sendable, Hashable {
    init(_ fields: FieldReader) throws(RecordError)
    var json: JSONValue { get }
    /// What ``init(_:)`` reads.
    static var shape: RecordShape { get }
    /// What a field that holds this part is: an object, unless it only points to another record.
    static var fieldShape: FieldShape { get }
}

extension RecordPart {
    static var fieldShape: FieldShape { .object(Self.shape) }
}
