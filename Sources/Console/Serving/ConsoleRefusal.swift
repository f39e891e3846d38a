public import ConnectorKit
import Hub
import HTTPTypes

/// What the console doesn't do, and what the visitor can do instead. Nothing in it is about a person.
public struct ConsoleRefusal: Error, Sendable, Hashable {
    /// The HTTP status.
    public let status: Int
    /// One line: what is refused.
    public let title: Bilingual
    /// Why, and what to do.
    public let text: Bilingual

    public init(_ status: Int, title: Bilingual, text: Bilingual) {
        self.status = status
        self.title = title
        self.text = text
    }

    static let unknownPage = ConsoleRefusal(
        404, title: Bilingual(sv: "Sidan finns inte", en: "There is no such page"),
        text: Bilingual(
            sv: "Adressen är fel, eller så är det den visade borttaget. Gå till översikten och leta därifrån.",
            en: "The address is wrong, or what it showed is gone. Go to the overview and look from there."))

    /// A person without the right.
    static func forbidden(_ what: String) -> ConsoleRefusal {
        ConsoleRefusal(
            403, title: Bilingual(sv: "Du får inte göra det här", en: "You may not do this"),
            text: Bilingual(
                sv: "Dina roller ger inte rätt till detta (\(what)). Den som sköter hubben kan ge dem.",
                en: "Your roles don't allow this (\(what)). Whoever runs the hub can give them."))
    }

    static let forgedForm = ConsoleRefusal(
        403, title: Bilingual(sv: "Formuläret gäller inte längre", en: "The form isn't valid any more"),
        text: Bilingual(
            sv:
                "Du har kanske loggat in på nytt sedan sidan visades. Gå tillbaka, ladda om sidan och försök igen. Inget är gjort.",
            en: "You may have signed in anew since the page was shown. Go back, reload the page and try again. Nothing was done.")
    )

    static func tooLong(_ bytes: Int) -> ConsoleRefusal {
        ConsoleRefusal(
            413, title: Bilingual(sv: "Det sända är för stort", en: "What was sent is too large"),
            text: Bilingual(
                sv: "Högst \(bytes / 1024) KiB tas emot. Inget är gjort.",
                en: "At most \(bytes / 1024) KiB are taken. Nothing was done."))
    }

    /// Something in a form that can't be used.
    static func wrongInput(sv: String, en: String) -> ConsoleRefusal {
        ConsoleRefusal(
            422, title: Bilingual(sv: "Det går inte att göra så", en: "That can't be done so"), text: Bilingual(sv: sv, en: en))
    }
}

extension Bilingual {
    /// The text in a language.
    func callAsFunction(_ language: Language) -> String { language(sv: self.sv, en: self.en) }
}
