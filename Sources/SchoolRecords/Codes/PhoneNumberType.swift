/// Whose telephone it is. Edlevo's documentation writes `Home`.
public enum PhoneNumberType: String, CodeSet {
    case home = "Hem"
    case work = "Arbete"

    public static var name: String { "Phonenumber.type" }
    public static var aliases: [String: Self] { ["Home": .home, "Arbete/mobile": .work] }
}
