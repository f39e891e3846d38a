/// What a field of a record holds.
public indirect enum FieldShape: Sendable, Hashable {
    case text
    case integer
    case boolean
    /// `yyyy-MM-dd`
    case date
    case object(RecordShape)
    case list(FieldShape)
    /// An object with the id of another record.
    case reference(Entity)
}

/// What a value must be besides its kind.
public enum FieldForm: Sendable, Hashable {
    /// A record's id: not empty.
    case id
    /// One of a closed list: its name in the standard and its values, in the standard's order.
    case code(name: String, values: [String])
    /// One of these usually, but any other text is kept as well.
    case openCode(values: [String])
    case range(ClosedRange<Int>)
    /// A moment of RFC 3339 with its offset: ``Moment``.
    case moment
    /// `HH:mm`: ``TimeOfDay``.
    case timeOfDay
}

/// Which fields a record or a part of it has, for everything that has to know the model without a value at hand.
///
/// A shape isn't written down anywhere: it is what the reading code asks for, so that the two can't differ.
public struct RecordShape: Sendable, Hashable {
    /// The name of the Swift type, e.g. `Enrolment`.
    public let name: String
    public let fields: [String: FieldShape]
    /// The fields that a valid record always has.
    public let required: Set<String>
    /// By field; for a list the form of its elements. Only fields that have one.
    public let forms: [String: FieldForm]
    /// Fields in whose place another may stand in what a source says, by that other's name: the hub finds the one by the other, which it doesn't
    /// keep.
    public let alternatives: [String: String]
    /// The fields that a record which is kept may have.
    public var kept: [String: FieldShape] {
        let others = Set(self.alternatives.values)
        return self.fields.filter { !others.contains($0.key) }
    }
}

extension RecordShape {
    /// Watches a part read its fields out of nothing.
    init<Part: RecordPart>(of type: Part.Type) {
        let recorder = ShapeRecorder()
        do {
            _ = try Part(FieldReader(recorder: recorder))
        } catch {
            preconditionFailure("\(type) refuses the values that its own reader gives it: \(error)")
        }
        self.init(
            name: "\(type)", fields: recorder.fields, required: recorder.required, forms: recorder.forms,
            alternatives: recorder.alternatives)
    }
}

/// Collects what a part asks its reader for.
final class ShapeRecorder {
    var fields: [String: FieldShape] = [:]
    var required: Set<String> = []
    var forms: [String: FieldForm] = [:]
    var alternatives: [String: String] = [:]

    func note(_ name: String, _ field: FieldShape, _ form: FieldForm? = nil) {
        self.fields[name] = field
        self.forms[name] = form
    }
}

extension FieldShape {
    /// The fields of an object or a reference, `nil` for anything else.
    public var fields: RecordShape? {
        switch self {
        case .object(let shape): shape
        case .reference(.person): PersonReference.shape
        case .reference: Reference.shape
        default: nil
        }
    }
}
