import ArgumentParser

/// What a person can ask of the municipality, and what keeps it from being done.
enum PrivacyRights {
    static let commands: [any ParsableCommand.Type] = [
        PrivacyExport.self, PrivacyErase.self, PrivacyErasures.self, PrivacyRestore.self, PrivacyHold.self,
        PrivacyRetention.self,
    ]
}
