public import Mapping
public import Reconciliation

extension FieldLine {
    /// A field as the mappings carry it.
    public init(_ carriage: FieldCarriage) {
        let nature: Nature =
            switch carriage.nature {
            case .constant: .constant
            case .exact: .exact
            case .converted: .converted
            case .derived: .derived
            case .shortened: .shortened
            case .altered: .altered
            case .lost: .lost
            }
        self.init(
            system: carriage.system, direction: carriage.direction == .source ? .source : .target, entity: carriage.entity,
            kind: carriage.kind, field: carriage.field, nature: nature,
            origins: carriage.origins.map { Origin($0.entity, $0.path) }, steps: carriage.steps, codes: carriage.codes,
            rule: carriage.rule)
    }
}
