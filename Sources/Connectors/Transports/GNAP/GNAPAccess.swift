import Crypto
import Foundation
import NIOSSL
import SchoolRecords

/// What is asked of an authorisation server that speaks GNAP (RFC 9635), such as Sunet's, and as whom: a client with a certificate and
/// no secret.
struct GNAPAccess: Sendable {
    /// Where tokens are had.
    var tokenURL: String
    /// The client as the server knows it: its entity id, or the certificate it shows.
    var clientKey: JSONValue
    /// The type of interface that the token is for, e.g. `provisioning-api`.
    var type: String
    /// The interface's address.
    var location: String
    /// Where the settings stand, e.g. `connection`, and which of them is the location.
    var settings = "connection"
    var locationSetting = "base_url"

    /// What is asked for: one bearer token for the interface at its address.
    var body: JSONValue {
        [
            "access_token": [
                ["access": [["type": .string(self.type), "locations": [.string(self.location)]]], "flags": ["bearer"]]
            ], "client": ["key": self.clientKey],
        ]
    }

    // MARK: Settings

    /// An address that tokens and personal data are sent to: over the network only with TLS.
    static func address(_ path: String, _ reader: inout SettingsReader) -> String {
        let text = reader.address(path)
        guard let parts = URLComponents(string: text), let host = parts.host else { return text }
        if parts.scheme?.lowercased() == "http", !["127.0.0.1", "localhost", "[::1]", "::1"].contains(host) {
            reader.complain(path, "must begin with https: personal data and tokens go there")
        }
        return text
    }

    /// The client from the settings `entity_id` and `client_certificate` below some other.
    static func clientKey(below settings: String, _ reader: inout SettingsReader) -> JSONValue {
        if reader.value("\(settings).entity_id") != nil { return .string(reader.text("\(settings).entity_id")) }
        guard let path = reader.file("\(settings).client_certificate") else {
            reader.complain(
                "\(settings).entity_id", "is missing; without it the certificate's fingerprint is shown, and there is none")
            return .null
        }
        // What can't be read is complained about where the certificate itself is.
        let certificate = (try? NIOSSLCertificate.fromPEMFile(path))?.first
        guard let bytes = try? certificate?.toDERBytes() else { return .null }
        let fingerprint = Data(SHA256.hash(data: bytes)).base64EncodedString()
        return ["proof": "mtls", "cert#S256": .string(fingerprint)]
    }
}
