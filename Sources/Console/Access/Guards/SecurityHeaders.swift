/// What each answer of the console tells the browser to keep to.
public struct SecurityHeaders: Sendable, Hashable {
    /// Name (small letters) and value.
    public let fields: [(name: String, value: String)]

    /// Scripts, styles and pictures from the console itself alone, forms to it alone, no frames, nothing inline.
    public static let contentSecurityPolicy = [
        "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")

    /// - Parameters:
    ///   - isSecure: whether the console is served by https: then browsers come by https alone for a year.
    ///   - formTargets: origins that a form's answer may send the browser on to, e.g. the OpenID provider's.
    public init(isSecure: Bool, formTargets: [String] = []) {
        let policy = Self.contentSecurityPolicy.replacing(
            "form-action 'self'", with: (["form-action 'self'"] + formTargets).joined(separator: " "))
        var fields = [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            // With none at all, browsers would send forms of the console's own pages with the origin "null".
            ("referrer-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ]
        if isSecure { fields.append(("strict-transport-security", "max-age=31536000")) }
        self.fields = fields.map { (name: $0.0, value: $0.1) }
    }

    public static func == (one: SecurityHeaders, other: SecurityHeaders) -> Bool {
        one.fields.elementsEqual(other.fields) { $0 == $1 }
    }

    public func hash(into hasher: inout Hasher) {
        for field in self.fields { hasher.combine(field.value) }
    }
}
