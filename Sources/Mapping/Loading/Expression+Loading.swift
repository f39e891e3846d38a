extension Expression {
    func placed(at position: Position) -> Expression {
        Expression(
            self.source, when: self.when, transforms: self.transforms, lookup: self.lookup,
            sharedPlace: self.sharedPlace, fallback: self.fallback,
            requirement: self.requirement, isReversible: self.isReversible, purpose: self.purpose, field: self.field,
            position: position)
    }

    /// Whether there is a value whatever the record holds.
    var alwaysGives: Bool {
        if self.fallback != nil { return true }
        if case .constant = self.source, self.when == nil, self.transforms.isEmpty, self.lookup == nil { return true }
        return false
    }
}
