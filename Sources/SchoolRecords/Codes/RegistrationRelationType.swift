/// What another person is to somebody, in the population register.
public enum RegistrationRelationType: String, CodeSet {
    /// Has custody of the person.
    case guardian
    /// Is in the person's custody.
    case guardianOf

    public static var name: String { "RegistrationRelation.relationType" }
}
