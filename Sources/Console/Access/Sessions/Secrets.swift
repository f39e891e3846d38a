import Crypto
import Foundation

/// Random texts that can't be guessed, and their comparison.
enum Secrets {
    /// A text of 256 random bits: 43 characters that need no escaping anywhere.
    static func token() -> String { SymmetricKey(size: .bits256).withUnsafeBytes { Base64URL.text(Data($0)) } }

    /// Whether two texts are the same, in a time that says nothing of where they differ.
    static func areEqual(_ one: String, _ other: String) -> Bool {
        SHA256.hash(data: Data(one.utf8)) == SHA256.hash(data: Data(other.utf8))
    }

    /// The hash by which a token is found again, in hexadecimal digits.
    static func digest(_ token: String) -> String {
        SHA256.hash(data: Data(token.utf8)).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
