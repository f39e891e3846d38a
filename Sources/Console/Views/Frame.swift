import Hub

/// What stands around a page: the menu, who is signed in, the languages.
struct Frame: Sendable {
    /// A page without its frame.
    struct Page {
        let title: String
        /// A line below the title.
        var lead: String?
        /// The places above this one.
        var trail: [(name: String, address: Address)] = []
        /// What has just been done.
        var said: (tone: Tone, text: String)?
        /// What the page's own template shows.
        var view: View = [:]

        init(_ title: String) { self.title = title }
    }

    let templates: Templates
    let desk: ConsoleDesk

    /// A whole page in its frame.
    ///
    /// - Parameters:
    ///   - template: the page's own, which extends `layout`.
    ///   - area: what is marked in the menu.
    func show(_ page: Page, _ template: String, in area: ConsoleArea, _ visit: Visit) -> Reply {
        var view = page.view
        let language = visit.language
        view["title"] = page.title
        if let lead = page.lead { view["lead"] = lead }
        if !page.trail.isEmpty {
            view["trail?"] = true
            view["trail"] = page.trail.map { ["name": $0.name, "address": "\($0.address)"] as View }
        }
        if let said = page.said ?? Said.from(visit) { view["said"] = ["tone": said.tone.rawValue, "text": said.text] as View }
        view["places"] = Self.places.filter { visit.user.may($0.area) }.map { place in
            ["name": place.name(language), "address": place.address, "isHere": place.area == area] as View
        }
        view["user"] = visit.user.displayName
        view["csrf"] = visit.csrf
        view["otherLanguages"] = Self.otherLanguages(
            than: language, at: visit.address(keeping: visit.query.names).with("said", nil))
        return .html(self.templates.render(template, view, in: language))
    }

    /// The links to the same page in the languages that it isn't in.
    static func otherLanguages(than language: Language, at address: Address) -> [View] {
        Language.allCases.filter { $0 != language }.map { other in
            [
                "code": other.rawValue, "name": other(sv: "Svenska", en: "English"),
                "address": "\(Address("/language", ["to": "\(address.with("lang", nil))", "choose": other.rawValue]))",
            ] as View
        }
    }
}

/// How something is.
enum Tone: String, Sendable { case good, warn, bad, plain }

/// What was done before the page was shown: sent along in the address by what did it, as a word of this list and numbers, so that
/// nobody can have the console say what they like.
enum Said {
    private static let texts: [String: (tone: Tone, sv: String, en: String)] = [
        "replay-begun": (.good, "Omsändningen är igång.", "The replay has begun."),
        "replay-changed": (.good, "Gjort.", "Done."),
        "discarded": (.good, "Kastat.", "Discarded."),
        "edited": (.good, "Rättat. Sänd igen för att det ska gälla.", "Corrected. Send again for it to take effect."),
        "edit-waits": (
            .warn, "Rättelsen väntar på att någon annan godkänner den.", "The correction waits for somebody else to approve it."
        ),
        "approved": (.good, "Godkänt.", "Approved."),
        "rejected": (.good, "Avvisat.", "Rejected."),
        "comparing": (
            .good, "Jämförelsen är igång. Ladda om sidan om en stund.", "The comparison has begun. Reload the page in a while."
        ),
        "repair-sent": (.good, "Sänt. Jämför igen för att se att det hjälpte.", "Sent. Compare again to see that it helped."),
        "repair-waits": (
            .warn, "Mer än gränserna släpper igenom: någon annan ska godkänna.",
            "More than the limits let through: somebody else has to approve."
        ),
        "begun": (.good, "Igång.", "Begun."),
        "cancelled": (.good, "Avbrutet.", "Cancelled."),
        "password": (.good, "Lösenordet är bytt.", "The password is changed."),
        "planned": (
            .good, "Planen är gjord och väntar på att någon annan godkänner den.",
            "The plan is made, and waits for somebody else to approve it."
        ),
        "nothing-to-plan": (
            .good, "Det finns inget att göra: systemen har de roller de ska ha.",
            "There is nothing to do: systems hold the roles that they should."
        ),
    ]

    static func from(_ visit: Visit) -> (tone: Tone, text: String)? {
        guard let word = visit.query["said"], let text = Self.texts[word] else { return nil }
        return (text.tone, visit.language(sv: text.sv, en: text.en))
    }
}
