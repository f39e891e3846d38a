/// A record of any kind, typed.
public enum SchoolRecord: Sendable, Hashable {
    case organisation(Organisation)
    case person(Person)
    case group(Group)
    case duty(Duty)
    case placement(Placement)

    /// Reads a record of SS 12000's JSON; fields that aren't known are dropped.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public init(_ entity: Entity, json: JSONValue) throws(RecordError) {
        switch entity {
        case .organisation: self = .organisation(try Organisation(json: json))
        case .person: self = .person(try Person(json: json))
        case .group: self = .group(try Group(json: json))
        case .duty: self = .duty(try Duty(json: json))
        case .placement: self = .placement(try Placement(json: json))
        }
    }

    /// The record in SS 12000's JSON, in its normal form.
    public var json: JSONValue {
        switch self {
        case .organisation(let record): record.json
        case .person(let record): record.json
        case .group(let record): record.json
        case .duty(let record): record.json
        case .placement(let record): record.json
        }
    }

    /// Checks a record and brings it to its normal form: known fields only, ids and codes in one spelling.
    ///
    /// Normalising what is normal changes nothing.
    ///
    /// - Throws: ``RecordError`` naming the first field that is missing or can't be read.
    public static func validate(_ entity: Entity, _ json: JSONValue) throws(RecordError) -> JSONValue {
        try SchoolRecord(entity, json: json).json
    }

    /// The person whom a record is about: the person itself, who has the duty, the child of the placement.
    /// `nil` for organisations and groups, and for a duty that nobody holds.
    public static func subject(_ entity: Entity, _ json: JSONValue) -> RecordKey? {
        let id: JSONValue? =
            switch entity {
            case .organisation, .group: nil
            case .person: json["id"]
            case .duty: json["person"]?["id"]
            case .placement: json["child"]?["id"]
            }
        return id?.stringValue.map { RecordKey(.person, $0) }
    }
}
