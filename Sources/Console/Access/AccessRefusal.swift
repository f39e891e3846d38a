public import Hub

/// Why somebody isn't let in, or isn't let do something: told to them as it is, in their language.
///
/// It says nothing that helps somebody who isn't the one they say, and holds nothing of a token, password or person.
public struct AccessRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// No such account, another password, or a locked account: the same for all of them.
        case wrongCredentials = "wrong-credentials"
        case tooManyTries = "too-many-tries"
        /// More want to sign in at once than the hub takes on.
        case busy
        /// The account was changed while its person signed in.
        case accountChanged = "account-changed"
        /// The answer of the sign-in service belongs to no sign-in of this browser, or it is too old.
        case notThisBrowser = "not-this-browser"
        /// The sign-in service says that the person isn't let in, or broke off.
        case declined
        /// The sign-in service can't be reached, or answers what it shouldn't.
        case providerDown = "provider-down"
        /// What the sign-in service says of the person can't be believed.
        case untrusted
        /// The person is who they are, and has no role in the console.
        case noRole = "no-role"
        /// An account of the hub's own has the same name.
        case nameTaken = "name-taken"
        /// A form that wasn't sent from this console's own page.
        case foreignForm = "foreign-form"
        case tooManyRequests = "too-many-requests"
        case tooLarge = "too-large"
    }

    public let code: Code
    public let swedish: String
    public let english: String
    /// Whole seconds until another try makes sense.
    public let retryAfter: Int?
    /// For the log: what exactly was wrong, by fixed words alone.
    public let detail: String?

    init(_ code: Code, sv swedish: String, en english: String, retryAfter: Int? = nil, detail: String? = nil) {
        self.code = code
        self.swedish = swedish
        self.english = english
        self.retryAfter = retryAfter
        self.detail = detail
    }

    /// The HTTP status to answer with.
    public var httpStatus: Int {
        switch self.code {
        case .wrongCredentials, .accountChanged, .untrusted: 401
        case .declined, .noRole, .nameTaken, .foreignForm: 403
        case .notThisBrowser: 400
        case .tooManyTries, .tooManyRequests: 429
        case .tooLarge: 413
        case .providerDown: 502
        case .busy: 503
        }
    }

    /// What is told to the person.
    public func message(in language: Language) -> String { language(sv: self.swedish, en: self.english) }

    public var description: String { "\(self.code.rawValue): " + (self.detail ?? self.english) }

    static let wrongCredentials = AccessRefusal(
        .wrongCredentials, sv: "Namnet eller lösenordet stämmer inte.", en: "The name or the password isn't right.")
    static let busy = AccessRefusal(
        .busy, sv: "Många loggar in just nu. Försök igen om en stund.", en: "Many sign in just now. Try again in a moment.",
        retryAfter: 5)
    static let accountChanged = AccessRefusal(
        .accountChanged, sv: "Kontot ändrades nyss. Logga in igen.", en: "The account was changed just now. Sign in again.")

    static func tooManyTries(_ seconds: Int) -> AccessRefusal {
        AccessRefusal(
            .tooManyTries, sv: "För många försök. Försök igen om \(Self.swedish(seconds)).",
            en: "Too many tries. Try again in \(Self.english(seconds)).", retryAfter: seconds)
    }

    private static func swedish(_ seconds: Int) -> String {
        if seconds < 120 { return seconds == 1 ? "1 sekund" : "\(seconds) sekunder" }
        return "\((seconds + 59) / 60) minuter"
    }

    private static func english(_ seconds: Int) -> String {
        if seconds < 120 { return seconds == 1 ? "1 second" : "\(seconds) seconds" }
        return "\((seconds + 59) / 60) minutes"
    }
}
