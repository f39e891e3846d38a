/// What a notice says of one person.
public struct NavetPost: Sendable, Hashable {
    /// Another person, and what that person is to this one: `V` has custody of this one, `VF` is in this one's custody.
    public struct Relation: Sendable, Hashable {
        public var number: String
        public var kind: String

        public init(_ number: String, _ kind: String) {
            self.number = number
            self.kind = kind
        }
    }

    public var number: String
    /// The other number that the register refers to.
    public var reference = ""
    /// `J` for sekretessmarkering.
    public var secrecy = ""
    /// `J` for skyddad folkbokföring.
    public var protectedRegistration = ""
    /// `AV`, `UV`, `GN`, …
    public var deregistration = ""
    /// Two digits: which of the given names somebody is called by.
    public var callNames = ""
    public var givenName = ""
    public var middleName = ""
    public var familyName = ""
    public var relations: [Relation] = []

    public init(_ number: String, givenName: String = "", familyName: String = "") {
        self.number = number
        self.givenName = givenName
        self.familyName = familyName
    }

    /// Its lines; relations as the shipped settings assume them.
    var lines: [String] {
        let terms = [
            ("01001", self.number), ("01003", self.secrecy), ("01005", self.reference), ("01006", self.deregistration),
            ("01011", self.callNames), ("01012", self.givenName), ("01013", self.middleName), ("01014", self.familyName),
            ("01020", self.protectedRegistration),
        ]
        return (terms + self.relations.flatMap { [("02001", $0.number), ("02003", $0.kind)] })
            .filter { !$0.1.isEmpty }.map { "#UP \($0.0) \($0.1)" }
    }
}
