/// Whom a contact text is for.
public enum ContactInfoType: String, CodeSet {
    case support = "Support"
    case general = "Publik"

    public static var name: String { "ContactInfo.infoType" }
}
