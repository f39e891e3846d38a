extension AccessRefusal {
    static func notThisBrowser(_ detail: String) -> AccessRefusal {
        AccessRefusal(
            .notThisBrowser, sv: "Inloggningen hör inte till den här webbläsaren, eller tog för lång tid. Börja om.",
            en: "The sign-in doesn't belong to this browser, or took too long. Begin again.", detail: detail)
    }

    /// - Parameter error: as the provider calls it (RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6). Only those that these know
    ///   are told further: the address may come from anybody.
    static func declined(_ error: String) -> AccessRefusal {
        let known = [
            "access_denied", "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope",
            "server_error", "temporarily_unavailable", "interaction_required", "login_required", "account_selection_required",
            "consent_required",
        ]
        return AccessRefusal(
            .declined, sv: "Inloggningstjänsten släppte inte in dig. Börja om, eller fråga den som sköter kontona.",
            en: "The sign-in service didn't let you in. Begin again, or ask those who look after the accounts.",
            detail: known.contains(error) ? error : "another error")
    }

    static func providerDown(_ detail: String) -> AccessRefusal {
        AccessRefusal(
            .providerDown, sv: "Inloggningstjänsten svarar inte som den ska. Försök igen om en stund.",
            en: "The sign-in service doesn't answer as it should. Try again in a moment.", retryAfter: 30, detail: detail)
    }

    static func untrusted(_ detail: String) -> AccessRefusal {
        AccessRefusal(
            .untrusted,
            sv: "Inloggningstjänstens besked gick inte att lita på. Börja om; händer det igen, säg till den som sköter navet.",
            en: "What the sign-in service said can't be trusted. Begin again; if it happens again, tell those who run the hub.",
            detail: detail)
    }

    static func noRole(_ detail: String) -> AccessRefusal {
        AccessRefusal(
            .noRole, sv: "Du är inloggad, men har ingen roll här. Be den som sköter behörigheterna om en.",
            en: "You are signed in, but have no role here. Ask those who look after permissions for one.", detail: detail)
    }

    static let nameTaken = AccessRefusal(
        .nameTaken, sv: "Ett lokalt konto har samma namn. Säg till den som sköter navet.",
        en: "A local account has the same name. Tell those who run the hub.")
}
