import Crypto
import Foundation
import SchoolRecords

/// A token of somebody else's issuer as it came: a JWT in compact form (RFC 7515, 7519), signed with ES256 and nothing else.
///
/// It is never one of the hub's own, which has a single dot: what is taken for one can't be taken for the other.
struct SignedToken: Sendable {
    private static let mostBytes = 16 * 1024

    /// Which of the issuer's keys it says that it is signed with.
    let keyID: String
    /// Nothing in them holds before ``isSigned(by:)`` is true.
    let claims: JSONValue
    private let signed: Data
    private let signature: P256.Signing.ECDSASignature

    /// Whether it has the form of a JWT, whatever is in it.
    static func isOne(_ text: some StringProtocol) -> Bool { text.utf8.count { $0 == UInt8(ascii: ".") } == 2 }

    /// `nil` for what is no such token: also for one without a signature, signed with a shared secret, or with extensions that must be
    /// known.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.mostBytes, Self.isOne(text) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let header = Self.object(String(parts[0])), header["alg"]?.stringValue == "ES256", header["crit"] == nil,
            let keyID = header["kid"]?.stringValue, !keyID.isEmpty, let claims = Self.object(String(parts[1])),
            let bytes = Data(base64URL: String(parts[2])), bytes.count == 64,
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: bytes)
        else { return nil }
        self.keyID = keyID
        self.claims = claims
        self.signed = Data("\(parts[0]).\(parts[1])".utf8)
        self.signature = signature
    }

    func isSigned(by key: P256.Signing.PublicKey) -> Bool { key.isValidSignature(self.signature, for: self.signed) }

    private static func object(_ part: String) -> JSONValue? {
        guard let data = Data(base64URL: part), let value = try? JSONValue(parsing: data), value.objectValue != nil else {
            return nil
        }
        return value
    }
}
