import Foundation

/// What a call is made to, in words that may stand in messages: a name, a setting, host and port; never a query.
struct CallTarget: Sendable, Hashable, CustomStringConvertible {
    let name: String
    /// The setting that says where it is.
    let setting: String
    /// Where the settings of certificates stand.
    let certificates: String
    let authority: String

    init(name: String, setting: String, url: String, certificates: String = "connection") {
        self.name = name
        self.setting = setting
        self.certificates = certificates
        let parts = URLComponents(string: url)
        let port = parts?.port.map { ":\($0)" } ?? ""
        self.authority = (parts?.host ?? "?") + port
    }

    var description: String { "\(self.name) at \(self.authority)" }
}
