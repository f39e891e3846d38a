import Hub

extension Frame {
    /// A place in the menu.
    struct Place: Sendable {
        let area: ConsoleArea
        let address: String
        let sv: String
        let en: String

        func name(_ language: Language) -> String { language(sv: self.sv, en: self.en) }
    }

    /// In the order of the menu.
    static let places: [Place] = [
        Place(area: .overview, address: "/", sv: "Översikt", en: "Overview"),
        Place(area: .messages, address: "/messages", sv: "Meddelanden", en: "Messages"),
        Place(area: .failed, address: "/failed", sv: "Misslyckade", en: "Failed"),
        Place(area: .mappings, address: "/mappings", sv: "Mappningar", en: "Mappings"),
        Place(area: .roles, address: "/roles", sv: "Roller", en: "Roles"),
        Place(area: .agreement, address: "/agreement", sv: "Överensstämmelse", en: "Agreement"),
        Place(area: .person, address: "/person", sv: "Person", en: "Person"),
        Place(area: .statistics, address: "/statistics", sv: "Statistik", en: "Statistics"),
        Place(area: .privacy, address: "/privacy", sv: "Integritet", en: "Privacy"),
        Place(area: .settings, address: "/settings", sv: "Drift", en: "Running the hub"),
        Place(area: .intake, address: UploadPage.path, sv: "Lämna in", en: "Hand in"),
    ]
}
