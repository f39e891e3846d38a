/// How an adult is responsible for a child.
public enum RelationType: String, CodeSet {
    case guardian = "Vårdnadshavare"
    case otherResponsible = "Annan ansvarig"
    case trustee = "God man"
    case authorised = "Utsedd behörig"

    public static var name: String { "RelationTypesEnum" }
    public static var aliases: [String: Self] { ["Annan ansvarig vuxen": .otherResponsible] }
}
