/// Something that edited mappings give a system, or take from one, that the accepted ones don't. It names no person and no value.
public struct Widening: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A system that was given no personal data, or gave none.
        case system
        /// A field that wasn't there.
        case field
        /// A field is filled from something else too.
        case origin
        /// A condition is gone: more persons, or more of what they have.
        case condition
        /// What was done with the value on its way is done no more, e.g. shortening.
        case step
        /// The same data for another reason.
        case purpose
        /// A system may be given more of protected persons.
        case clearance
        /// Protected persons stand in class lists.
        case classLists = "class-lists"
        /// A rule for the family of protected persons is lifted.
        case family
    }

    public let kind: Kind
    /// Empty for what holds for all.
    public let system: String
    /// What of the system: direction, kind of row and field, or level and kind of person.
    public let place: String
    /// What is new, or what is gone, as the files have it.
    public let detail: String
    /// `file:line` in the edited mappings.
    public let rule: String

    init(kind: Kind, system: String, place: String, detail: String, rule: String) {
        self.kind = kind
        self.system = system
        self.place = place
        self.detail = detail
        self.rule = rule
    }

    init(_ kind: Kind, _ line: ProcessingRegister.Line, detail: String? = nil) {
        let place = kind == .system ? line.direction : "\(line.direction) \(line.kind) \(line.field)"
        self.init(
            kind: kind, system: line.system, place: place, detail: detail ?? line.origins.joined(separator: ", "), rule: line.rule
        )
    }

    init(_ kind: Kind, _ protected: ProcessingRegister.Protected, detail: String) {
        self.init(
            kind: kind, system: protected.system, place: "\(protected.level.rawValue) \(protected.kind.rawValue)", detail: detail,
            rule: protected.rule)
    }
}
