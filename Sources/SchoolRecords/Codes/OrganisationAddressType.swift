/// Which of an organisation's addresses it is.
public enum OrganisationAddressType: String, CodeSet {
    case visiting = "Besöksadress"
    case delivery = "Leveransadress"
    case postal = "Postadress"
    case invoice = "Fakturaadress"

    public static var name: String { "Organisation address type" }
}
