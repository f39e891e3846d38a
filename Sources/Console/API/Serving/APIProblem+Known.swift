import ConnectorKit
import Hub

/// What there is to refuse.
extension APIProblem {
    private init(
        _ status: Int, _ code: String, title: (sv: String, en: String), detail: (sv: String, en: String),
        remedy: (sv: String, en: String)
    ) {
        self.init(
            status, code, title: Bilingual(sv: title.sv, en: title.en), detail: Bilingual(sv: detail.sv, en: detail.en),
            remedy: Bilingual(sv: remedy.sv, en: remedy.en))
    }

    private static let asContract = (
        sv: "Se hur den ska se ut i \(OpsAPI.prefix)/openapi.json.",
        en: "See what it must look like in \(OpsAPI.prefix)/openapi.json."
    )

    static let notFound = APIProblem(
        404, "not-found", title: ("Det finns inte", "There is no such thing"),
        detail: ("Adressen är fel, eller så är det den ledde till borta.", "The address is wrong, or what it led to is gone."),
        remedy: ("Hämta listan och ta adressen därifrån.", "Get the list and take the address from there."))

    static func methodNotAllowed(_ allow: String) -> APIProblem {
        var problem = APIProblem(
            405, "method-not-allowed", title: ("Metoden finns inte här", "There is no such method here"),
            detail: ("Här finns: \(allow).", "There are: \(allow)."), remedy: Self.asContract)
        problem.allow = allow
        return problem
    }

    static let unauthorized = APIProblem(
        401, "unauthorized", title: ("Ingen är inloggad", "Nobody is signed in"),
        detail: (
            "Anropet har varken en session eller en nyckel som gäller.",
            "The request has neither a session nor a token that is good."
        ),
        remedy: (
            "Sänd Authorization: Bearer med en nyckel: knutpunkt console token add.",
            "Send Authorization: Bearer with a token: knutpunkt console token add."
        ))

    static func forbidden(_ what: String) -> APIProblem {
        APIProblem(
            403, "forbidden", title: ("Det är inte tillåtet", "That isn't allowed"),
            detail: ("Rollerna ger inte rätt till detta (\(what)).", "The roles don't allow this (\(what))."),
            remedy: ("Den som sköter hubben kan ge rätten.", "Whoever runs the hub can give the right."))
    }

    static let needsPerson = APIProblem(
        403, "needs-person", title: ("Det beslutas av en människa", "That is for a person to decide"),
        detail: (
            "Ett program i eget namn godkänner inget som andra har gjort.",
            "A program in its own name approves nothing that others have made."
        ),
        remedy: (
            "Godkänn i konsolen, eller med en nyckel för ditt konto (--account).",
            "Approve in the console, or with a token for your account (--account)."
        ))

    static let forged = APIProblem(
        403, "forged", title: ("Anropet kom inte från konsolen", "The request didn't come from the console"),
        detail: (
            "En session gör något bara med sitt eget X-CSRF-Token, från konsolens egen adress.",
            "A session does something only with its own X-CSRF-Token, from the console's own address."
        ),
        remedy: ("Hämta det med GET \(OpsAPI.prefix)/me.", "Get it by GET \(OpsAPI.prefix)/me."))

    static func unsupportedMedia(_ types: String) -> APIProblem {
        APIProblem(
            415, "unsupported-media-type", title: ("Det sända har fel form", "What was sent has the wrong form"),
            detail: ("Content-Type ska vara \(types).", "Content-Type must be \(types)."), remedy: Self.asContract)
    }

    static func tooLarge(_ bytes: Int) -> APIProblem {
        APIProblem(
            413, "too-large", title: ("Det sända är för stort", "What was sent is too large"),
            detail: ("Högst \(bytes / 1024) KiB tas emot.", "At most \(bytes / 1024) KiB are taken."),
            remedy: ("Dela upp det.", "Divide it."))
    }

    static func malformed(_ fault: APIFault) -> APIProblem {
        var problem = APIProblem(
            400, "malformed", title: ("Det sända går inte att läsa", "What was sent can't be read"),
            detail: ("Det är ingen JSON.", "It is no JSON."), remedy: Self.asContract)
        problem.faults = [fault]
        return problem
    }

    static func badParameters(_ faults: [APIFault]) -> APIProblem {
        var problem = APIProblem(
            400, "bad-parameter", title: ("En parameter är fel", "A parameter is wrong"),
            detail: (
                "Fel: \(faults.map(\.pointer).joined(separator: ", ")).",
                "Wrong: \(faults.map(\.pointer).joined(separator: ", "))."
            ), remedy: Self.asContract)
        problem.faults = faults
        return problem
    }

    static func badParameter(_ name: String, sv: String, en: String) -> APIProblem {
        .badParameters([APIFault(pointer: name, sv: sv, en: en)])
    }

    static func badBody(_ faults: [APIFault]) -> APIProblem {
        var problem = APIProblem(
            422, "bad-body", title: ("Innehållet är fel", "The content is wrong"),
            detail: (
                "\(faults.count) ställen stämmer inte med kontraktet.", "\(faults.count) places aren't as the contract has them."
            ), remedy: Self.asContract)
        problem.faults = faults
        return problem
    }

    static func unprocessable(sv: String, en: String) -> APIProblem {
        APIProblem(
            422, "unprocessable", title: ("Det går inte att göra", "That can't be done"), detail: (sv, en),
            remedy: ("Se hur det står till nu, och välj efter det.", "Look how things are now, and choose by that."))
    }

    static let keyOfOther = APIProblem(
        422, "idempotency-key-reused", title: ("Nyckeln gäller ett annat anrop", "The key stands for another request"),
        detail: (
            "Idempotency-Key har redan använts till något annat.", "The Idempotency-Key has been used for something else already."
        ),
        remedy: ("Ge varje nytt anrop en egen nyckel.", "Give each new request a key of its own."))

    static let underWay = APIProblem(
        409, "under-way", title: ("Anropet utförs redan", "The request is being done already"),
        detail: ("Samma anrop pågår.", "The same request is under way."),
        remedy: ("Fråga igen om en stund, med samma nyckel.", "Ask again in a moment, with the same key."))

    static let outcomeUnknown = APIProblem(
        409, "outcome-unknown", title: ("Ingen vet om anropet utfördes", "Nobody knows whether the request was done"),
        detail: (
            "Hubben stannade mitt i det, innan den hann svara.",
            "The hub was stopped in the middle of it, before it could answer."
        ),
        remedy: (
            "Se efter om det är gjort. Om inte: sänd det med en ny nyckel.",
            "Look whether it is done. If it isn't, send it with a new key."
        ))

    static func internalError(_ number: String) -> APIProblem {
        APIProblem(
            500, "internal", title: ("Något gick fel", "Something went wrong"),
            detail: ("Felet står i hubbens logg under \(number).", "The error is in the hub's log as \(number)."),
            remedy: ("Säg numret till den som sköter hubben.", "Tell the number to whoever runs the hub."))
    }

    /// What an address of the API is answered with before the API itself is asked.
    init(_ refusal: AccessRefusal) {
        self.init(
            refusal.httpStatus, refusal.code.rawValue, title: ("Anropet tas inte emot", "The request isn't taken"),
            detail: (refusal.swedish, refusal.english),
            remedy: refusal.retryAfter == nil
                ? Self.asContract : ("Vänta, och försök igen.", "Wait, and try again."))
        self.retryAfter = refusal.retryAfter
    }

    /// What the console's own parts refuse.
    init(_ refusal: ConsoleRefusal) {
        let (code, remedy): (String, (sv: String, en: String)) =
            switch refusal.status {
            case 403: ("forbidden", ("Den som sköter hubben kan ge rätten.", "Whoever runs the hub can give the right."))
            case 404: ("not-found", ("Hämta listan och ta adressen därifrån.", "Get the list and take the address from there."))
            case 413: ("too-large", ("Dela upp det.", "Divide it."))
            default:
                (
                    "unprocessable",
                    ("Se hur det står till nu, och välj efter det.", "Look how things are now, and choose by that.")
                )
            }
        if refusal == .unknownPage {
            self = .notFound
        } else {
            self.init(
                refusal.status, code, title: refusal.title, detail: refusal.text,
                remedy: Bilingual(sv: remedy.sv, en: remedy.en))
        }
    }

    init(_ refusal: UploadRefusal) {
        let status =
            switch refusal.code {
            case .unknownSource, .unknownEntity: 404
            case .noColumns: 415
            case .unreadable: 400
            case .tooManyRows: 413
            case .notWhole: 403
            case .tooEarly: 409
            }
        self.init(
            status, refusal.code.rawValue, title: ("Det inlämnade togs inte emot", "What was handed in wasn't taken"),
            detail: (refusal.message.sv, refusal.message.en), remedy: Self.asContract)
    }
}
