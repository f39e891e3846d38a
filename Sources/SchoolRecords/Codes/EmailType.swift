/// Whose mailbox it is.
public enum EmailType: String, CodeSet {
    case personal = "Privat"
    case pupil = "Skola elev"
    case staff = "Skola personal"
    case work = "Arbete övrigt"

    public static var name: String { "Email.type" }
}
