public import SchoolRecords

/// A record of one of the kinds that rules look at.
public enum QualityRecord: Sendable {
    case organisation(Organisation)
    case group(Group)
    case activity(Activity)
    case duty(Duty)
    case placement(Placement)
    case employee(Employee)
    case registration(Registration)
    case person(Person)

    /// - Returns: `nil` for a kind that no rule looks at, and for what can't be read.
    public init?(_ entity: Entity, _ json: JSONValue) {
        do throws(RecordError) {
            switch entity {
            case .organisation: self = .organisation(try Organisation(json: json))
            case .group: self = .group(try Group(json: json))
            case .activity: self = .activity(try Activity(json: json))
            case .duty: self = .duty(try Duty(json: json))
            case .placement: self = .placement(try Placement(json: json))
            case .employee: self = .employee(try Employee(json: json))
            case .registration: self = .registration(try Registration(json: json))
            case .person: self = .person(try Person(json: json))
            default: return nil
            }
        } catch {
            return nil
        }
    }
}

extension QualityFacts {
    public mutating func collect(_ record: QualityRecord) {
        switch record {
        case .organisation(let organisation): self.collect(organisation)
        case .group(let group): self.collect(group)
        case .activity(let activity): self.collect(activity)
        case .duty(let duty): self.collect(duty)
        case .placement(let placement): self.collect(placement)
        case .employee(let employee): self.collect(employee)
        case .registration(let registration): self.collect(registration)
        case .person(let person): self.collect(person)
        }
    }
}

extension QualityCheck {
    public mutating func examine(_ record: QualityRecord) {
        switch record {
        case .organisation(let organisation): self.examine(organisation)
        case .group(let group): self.examine(group)
        case .activity, .registration: break
        case .duty(let duty): self.examine(duty)
        case .placement(let placement): self.examine(placement)
        case .employee(let employee): self.examine(employee)
        case .person(let person): self.examine(person)
        }
    }
}
