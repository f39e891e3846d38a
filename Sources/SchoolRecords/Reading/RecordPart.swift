/// A part of a record that is read from an object and written as one.
protocol RecordPart: Sendable, Hashable {
    init(_ fields: FieldReader) throws(RecordError)
    var json: JSONValue { get }
}
