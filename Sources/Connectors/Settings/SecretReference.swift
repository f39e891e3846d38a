import ConnectorKit
import Foundation

/// Where a secret is kept: settings never hold it, only this.
struct SecretReference: Sendable, Hashable {
    enum Place: Sendable, Hashable {
        /// An environment variable.
        case environment(String)
        /// A file whose whole text it is; one line end after it is cut off.
        case file(String)
        /// The settings themselves; only for what is no secret.
        case plain(String)
    }

    /// The setting, e.g. `connection.client_secret`.
    let setting: String
    let place: Place

    /// Looks the secret up now, so that a changed file counts from the next use on.
    ///
    /// - Throws: ``ConnectorFailure`` (`misconfigured`, `secret-missing`) that names the setting and the place.
    func resolve(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConnectorFailure) -> String {
        switch self.place {
        case .plain(let text): return text
        case .environment(let name):
            guard let text = environment[name], !text.isEmpty else {
                throw self.missing("the environment variable \(name) is not set; set it, or name another")
            }
            return text
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw self.missing("the file \(path) can't be read; create it, or check its rights")
            }
            guard var text = String(data: data, encoding: .utf8) else {
                throw self.missing("the file \(path) is no UTF-8 text")
            }
            if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
            guard !text.isEmpty else { throw self.missing("the file \(path) is empty") }
            return text
        }
    }

    private func missing(_ reason: String) -> ConnectorFailure {
        ConnectorFailure(.misconfigured, code: .secretMissing, message: "\(self.setting): \(reason)")
    }
}
