/// Legal sex.
public enum Sex: String, CodeSet {
    case man = "Man"
    case woman = "Kvinna"
    case unknown = "Okänt"

    public static var name: String { "sex" }
}
