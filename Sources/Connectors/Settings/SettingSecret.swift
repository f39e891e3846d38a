public import ConnectorKit
public import SchoolRecords

/// Secrets in settings, for those who need one outside of a connector.
public enum SettingSecret {
    /// The text of `{env: NAME}` or `{file: path}`, looked up now.
    ///
    /// - Parameter setting: its path in the file, for messages.
    /// - Throws: ``ConnectorFailure`` (`misconfigured`, `secret-missing`) that names the setting and the place.
    public static func text(_ reference: JSONValue, setting: String) throws(ConnectorFailure) -> String {
        var reader = SettingsReader(["secret": reference])
        let secret = reader.secret("secret", allowsPlain: false)
        if let problem = reader.problems.first {
            throw ConnectorFailure(.misconfigured, code: .secretMissing, message: "\(setting): \(problem.message)")
        }
        return try SecretReference(setting: setting, place: secret.place).resolve()
    }
}
