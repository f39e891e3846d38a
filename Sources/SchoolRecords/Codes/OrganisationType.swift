/// What an organisation is. `Skolenhet` is never a parent.
public enum OrganisationType: String, CodeSet {
    case principal = "Huvudman"
    case areaOfActivity = "Verksamhetsområde"
    case administration = "Förvaltning"
    case headDistrict = "Rektorsområde"
    case school = "Skola"
    case schoolUnit = "Skolenhet"
    case brand = "Varumärke"
    case company = "Bolag"
    case other = "Övrigt"

    public static var name: String { "OrganisationTypeEnum" }
    public static var aliases: [String: Self] { ["Stadsdel": .areaOfActivity] }
}
