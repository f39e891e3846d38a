import ConnectorKit
import Foundation
import NIOSSL
import SchoolRecords

extension SS12000Settings {
    /// Reads the settings of an SS 12000 server.
    ///
    /// ```yaml
    /// connector: ss12000
    /// profile: edlevo                     # edlevo or standard; left out: the profile of the system's name, else standard
    /// connection:
    ///   base_url: https://server.example  # scheme, host and port
    ///   token_url: https://server.example/connect/token
    ///   api_path: /api/v1                 # left out: the profile's
    ///   client_id: knutpunkt              # or {env: NAME} or {file: path}
    ///   client_secret: {file: /run/secrets/edlevo}   # or {env: NAME}; looked up at each renewal of the token
    ///   client_certificate: client.pem    # optional, PEM, with client_key
    ///   client_key: client.key            # PEM, not encrypted
    ///   ca: ca.pem                        # optional: trust these certificates and no others
    ///   deleted_entities_path: deletedentities   # left out: the profile's; false: the server has none
    /// endpoints: {person: persons, group: groups}  # left out: the standard's five; the hub's own kinds too, where the
    ///                                     # server gives them in lists of the same form
    /// subscriptions:                      # optional: have the server tell when something has changed
    ///   enabled: true                     # left out: true
    ///   target: https://hub.example/notices/edlevo   # what it posts to; left out: the hub's own (http.public_url)
    ///   name: knutpunkt
    ///   entities: [placement, duty]       # left out: those of endpoints
    ///   path: subscriptions
    /// page_limit: 500                     # elements asked for on a page, 1 to 10000
    /// request_timeout_seconds: 60         # 0.1 to 600
    /// maximum_reply_mebibytes: 64         # 1 to 1024
    /// ```
    ///
    /// - Throws: ``SettingsError`` with every problem.
    init(system: String, settings: JSONValue) throws(SettingsError) {
        var reader = SettingsReader(settings)
        reader.allowOnly(
            [
                "base_url", "token_url", "api_path", "client_id", "client_secret", "client_certificate", "client_key", "ca",
                "deleted_entities_path",
            ], in: "connection")
        let profiles = SS12000Profile.all
        let profile = reader.choice(
            "profile", of: profiles.map { ($0.name, $0) }, default: profiles.first { $0.name == system } ?? .standard)
        self.baseURL = reader.address("connection.base_url")
        self.tokenURL = reader.address("connection.token_url")
        self.apiPath = Self.path(&reader, "connection.api_path", default: profile.apiPath)
        self.clientID = reader.secret("connection.client_id", allowsPlain: true)
        self.clientSecret = reader.secret("connection.client_secret", allowsPlain: false)
        self.tls = Self.tls(&reader)
        if reader.value("connection.deleted_entities_path") == .bool(false) {
            self.deletedEntitiesPath = nil
        } else {
            let text = reader.text("connection.deleted_entities_path", default: profile.deletedEntitiesPath)
            self.deletedEntitiesPath = text.trimmingCharacters(in: Self.slash)
        }
        self.endpoints = Self.endpoints(&reader)
        self.subscriptionsPath = reader.text("subscriptions.path", default: "subscriptions").trimmingCharacters(in: Self.slash)
        self.subscription = Self.subscription(&reader, Set(self.endpoints.keys))
        self.pageLimit = reader.count("page_limit", in: 1...10_000, default: profile.pageLimit)
        self.requestTimeout = .seconds(reader.seconds("request_timeout_seconds", in: 0.1...600, default: 60))
        self.maximumReplyBytes = reader.count("maximum_reply_mebibytes", in: 1...1024, default: 64) << 20
        guard reader.problems.isEmpty else { throw SettingsError(system: system, problems: reader.problems) }
    }

    private static let slash = CharacterSet(charactersIn: "/")

    private static let standardEndpoints = Dictionary(
        uniqueKeysWithValues: Entity.roster.compactMap { entity in entity.standardPath.map { (entity, $0) } })

    private static func path(_ reader: inout SettingsReader, _ setting: String, default fallback: String?) -> String {
        let text = reader.text(setting, default: fallback).trimmingCharacters(in: Self.slash)
        if text.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace }) {
            reader.complain(setting, "must be a path such as /api/v1, without query and fragment")
        }
        return text.isEmpty ? "" : "/" + text
    }

    private static func subscription(_ reader: inout SettingsReader, _ all: Set<Entity>) -> WantedSubscription? {
        guard reader.value("subscriptions") != nil else { return nil }
        reader.allowOnly(["enabled", "target", "name", "entities", "path"], in: "subscriptions")
        guard reader.flag("subscriptions.enabled", default: true) else { return nil }
        var entities = all
        if reader.value("subscriptions.entities") != nil {
            let names = reader.texts("subscriptions.entities")
            entities = Set(names.compactMap { name in all.first { $0.rawValue == name } })
            if entities.count < Set(names).count {
                reader.complain("subscriptions.entities", "must be among those of endpoints")
            }
        }
        guard reader.value("subscriptions.target") != nil else {
            reader.complain(
                "subscriptions.target",
                "is missing: set http.listen and http.public_url in the configuration, or write the address that is posted to")
            return nil
        }
        return WantedSubscription(
            name: reader.text("subscriptions.name", default: "knutpunkt"), target: reader.address("subscriptions.target"),
            entities: entities)
    }

    private static func endpoints(_ reader: inout SettingsReader) -> [Entity: String] {
        guard reader.value("endpoints") != nil else { return Self.standardEndpoints }
        let known = Entity.allCases
        reader.allowOnly(known.map(\.rawValue), in: "endpoints")
        var endpoints: [Entity: String] = [:]
        for entity in known where reader.value("endpoints.\(entity.rawValue)") != nil {
            let path = Self.path(&reader, "endpoints.\(entity.rawValue)", default: nil)
            endpoints[entity] = path.trimmingCharacters(in: Self.slash)
        }
        if endpoints.isEmpty { reader.complain("endpoints", "must name the path of one entity or more, e.g. person: persons") }
        return endpoints
    }

    // MARK: Certificates

    /// Own trust and a client certificate, from the settings `client_certificate`, `client_key` and `ca` below `connection`, or below another.
    static func tls(_ reader: inout SettingsReader, below settings: String = "connection") -> TLSConfiguration? {
        let certificate = reader.file("\(settings).client_certificate")
        let key = reader.file("\(settings).client_key")
        let ca = reader.file("\(settings).ca")
        if (certificate == nil) != (key == nil) {
            let missing = certificate == nil ? "client_certificate" : "client_key"
            reader.complain("\(settings).\(missing)", "is missing; a client certificate and its key are given together")
        }
        guard certificate != nil || key != nil || ca != nil else { return nil }
        var tls = TLSConfiguration.makeClientConfiguration()
        if let certificate {
            do {
                tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            } catch {
                reader.complain("\(settings).client_certificate", "\(certificate) can't be read as certificates in PEM form")
            }
        }
        if let key {
            do {
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch {
                reader.complain("\(settings).client_key", "\(key) can't be read as a key in PEM form that is not encrypted")
            }
        }
        if let ca {
            do {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(ca))
            } catch {
                reader.complain("\(settings).ca", "\(ca) can't be read as certificates in PEM form")
            }
        }
        return tls
    }
}
