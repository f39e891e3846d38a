import Crypto
import Foundation

/// The mark in a browser with which somebody has signed in before. It lets nobody in; it only keeps others' guesses from slowing its
/// person down.
struct KnownBrowser: Sendable {
    static let days = 180

    let cookie: ConsoleCookie
    private let key: SymmetricKey

    init(key: SymmetricKey, isSecure: Bool) {
        self.cookie = ConsoleCookie("browser", isSecure: isSecure)
        self.key = key
    }

    /// The `Set-Cookie` header of a new mark for an account.
    func mark(for name: String, now: Date) -> String {
        let content = "\(Int(now.timeIntervalSince1970)).\(Secrets.token())"
        return self.cookie.set("\(content).\(self.seal(content, name))", seconds: Self.days * 86_400)
    }

    /// What a browser's tries at an account are counted by.
    ///
    /// - Returns: `nil` for a browser that has no mark for this account.
    func id(in header: String?, for name: String, now: Date) -> String? {
        guard let value = self.cookie.value(in: header) else { return nil }
        let parts = value.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let time = Double(parts[0]), now.timeIntervalSince1970 - time < Double(Self.days) * 86_400,
            Secrets.areEqual(parts[2], self.seal("\(parts[0]).\(parts[1])", name))
        else { return nil }
        return Secrets.digest(parts[1])
    }

    private func seal(_ content: String, _ name: String) -> String {
        Base64URL.text(Data(HMAC<SHA256>.authenticationCode(for: Data("\(content)|\(name)".utf8), using: self.key)))
    }
}
