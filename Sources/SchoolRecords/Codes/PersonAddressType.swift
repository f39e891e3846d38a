/// Which of a person's addresses it is.
public enum PersonAddressType: String, CodeSet {
    case registered = "Folkbokföring"
    case specialPostal = "Särskild postadress"
    case temporary = "Tillfällig adress"
    case postal = "Postadress"

    public static var name: String { "Person address type" }
    public static var aliases: [String: Self] { ["Särskildpostadress": .specialPostal, "Tillfälligadress": .temporary] }
}
