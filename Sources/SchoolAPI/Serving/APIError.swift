import SchoolRecords

/// What a client is told that asked for something it can't have: the standard's code and message.
struct APIError: Error {
    let status: Int
    /// Stays the same whatever the message says.
    let code: String
    let sv: String
    let en: String
    /// Seconds after which it is worth trying again.
    var retryAfter: Int?
    /// The methods that are there, when it was another.
    var allowed: [String] = []

    init(_ status: Int, _ code: String, sv: String, en: String, retryAfter: Int? = nil) {
        self.status = status
        self.code = code
        self.sv = sv
        self.en = en
        self.retryAfter = retryAfter
    }

    /// The body; none for 404, which has none in the standard.
    func body(_ language: APILanguage) -> JSONValue? {
        self.status == 404 ? nil : ["code": .string(self.code), "message": .string(language == .sv ? self.sv : self.en)]
    }

    static func badRequest(_ code: String, sv: String, en: String) -> APIError { APIError(400, code, sv: sv, en: en) }

    static let notFound = APIError(404, "not-found", sv: "", en: "")

    static func notAllowed(_ methods: [String]) -> APIError {
        var error = APIError(
            405, "method-not-allowed", sv: "Den metoden finns inte här. Det finns: \(methods.joined(separator: ", ")).",
            en: "There is no such method here. There are: \(methods.joined(separator: ", ")).")
        error.allowed = methods
        return error
    }

    static func notProvided(_ entity: Entity) -> APIError {
        APIError(
            403, "not-provided",
            sv: "Klienten får inte hämta \(entity.standardName). Vad den får står i dess provide.yaml; be den som sköter navet.",
            en: "This client may not fetch \(entity.standardName). Its provide.yaml says what it may; ask whoever runs the hub.")
    }

    static func notReadable(_ parameter: String, _ entity: Entity, _ path: String) -> APIError {
        APIError(
            403, "field-not-provided",
            sv: "\(parameter) ser på \(entity.standardName).\(path), som klienten inte får läsa. Ta bort den ur frågan, eller be "
                + "den som sköter navet att lägga till fältet i provide.yaml.",
            en: "\(parameter) looks at \(entity.standardName).\(path), which this client may not read. Leave it out, or ask "
                + "whoever runs the hub to add the field to provide.yaml.")
    }
}

/// The language of a reply's message.
enum APILanguage: Sendable {
    case sv, en

    /// Swedish when the client says that it reads it, otherwise English.
    init(accept: String?) {
        let first = accept?.split(separator: ",").first?.prefix { $0 != ";" && $0 != "-" } ?? ""
        self = first.trimmingPrefix(while: { $0 == " " }).lowercased() == "sv" ? .sv : .en
    }
}
