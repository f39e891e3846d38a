import Crypto
import Foundation
import Synchronization

/// A sign-in that somebody has begun at the provider: what the browser keeps of it, sealed, until they come back.
struct SignInAttempt: Sendable, Hashable, Codable {
    /// Seconds that people have for it.
    static let lasts: Double = 600

    /// Comes back in the address.
    let state: String
    /// Comes back in the token.
    let nonce: String
    /// Shows the provider that whoever brings the code has begun the sign-in (RFC 7636).
    let verifier: String
    /// Where in the console they wanted to go.
    let returnTo: String?
    /// Seconds since 1970.
    let beganAt: Double

    init(returnTo: String?, now: Date) {
        self.state = Secrets.token()
        self.nonce = Secrets.token()
        self.verifier = Secrets.token()
        self.returnTo = returnTo
        self.beganAt = now.timeIntervalSince1970
    }

    /// What the provider gets of the verifier.
    var challenge: String { Base64URL.text(Data(SHA256.hash(data: Data(self.verifier.utf8)))) }

    func sealed(_ key: SymmetricKey) throws -> String {
        guard let sealed = try AES.GCM.seal(try JSONEncoder().encode(self), using: key).combined else {
            throw AccessRefusal.notThisBrowser("the attempt can't be sealed")
        }
        return Base64URL.text(sealed)
    }

    /// - Returns: `nil` for what this console hasn't sealed, or too long ago.
    init?(sealed: String, key: SymmetricKey, now: Date) {
        guard let data = Base64URL.data(sealed), let box = try? AES.GCM.SealedBox(combined: data),
            let open = try? AES.GCM.open(box, using: key),
            let attempt = try? JSONDecoder().decode(SignInAttempt.self, from: open),
            (0..<Self.lasts).contains(now.timeIntervalSince1970 - attempt.beganAt)
        else { return nil }
        self = attempt
    }
}

/// Attempts that have been used: each is good for one answer.
final class UsedAttempts: Sendable {
    private let used = Mutex<[String: Double]>([:])

    /// - Returns: whether this is its first use. Who holds it any longer than it lasts is refused anyway.
    func take(_ attempt: SignInAttempt, now: Date) -> Bool {
        let now = now.timeIntervalSince1970
        return self.used.withLock { used in
            if used.count > 1000 { used = used.filter { now - $0.value < SignInAttempt.lasts } }
            guard used[attempt.state] == nil else { return false }
            used[attempt.state] = attempt.beganAt
            return true
        }
    }
}
