/// What a field of a record holds.
public indirect enum FieldShape: Sendable {
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

/// Which fields a record or a part of it has, for everything that has to know the model without a value at hand.
public struct RecordShape: Sendable {
    public let fields: [String: FieldShape]
    /// The fields that a valid record always has.
    public let required: Set<String>

    init(_ fields: [String: FieldShape], required: Set<String>) {
        self.fields = fields
        self.required = required
    }
}

extension Entity {
    /// The fields of this entity's records.
    public var shape: RecordShape {
        switch self {
        case .organisation: Organisation.shape
        case .person: Person.shape
        case .group: Group.shape
        case .duty: Duty.shape
        case .placement: Placement.shape
        }
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
