import NIOSSL
import SchoolRecords

/// How Edlevo's classic services are reached.
struct ClassicServer: HTTPServerSettings, Sendable {
    /// A licence: the key, and what it opens. Empty sets open everything.
    struct License: Sendable, Hashable {
        let key: SecretReference
        let apis: Set<ClassicAPI>
        let schoolTypes: Set<ClassicSchoolType>

        func opens(_ service: ClassicService) -> Bool {
            (self.apis.isEmpty || self.apis.contains(service.api))
                && (self.schoolTypes.isEmpty || service.schoolType.map(self.schoolTypes.contains) ?? true)
        }
    }

    /// Without a slash at its end.
    var baseURL: String
    /// With the places `{api}`, `{version}` and `{service}`.
    var path: String
    /// The first that opens a service counts.
    var licenses: [License]
    var tls: TLSConfiguration?
    var requestTimeout: Duration
    var maximumReplyBytes: Int

    func url(_ service: ClassicService) -> String {
        let path = self.path.replacing("{api}", with: service.api.rawValue)
            .replacing("{version}", with: String(service.api.version)).replacing("{service}", with: service.name)
        return self.baseURL + path
    }

    func license(_ service: ClassicService) -> License? { self.licenses.first { $0.opens(service) } }

    static let places = ["{api}", "{version}", "{service}"]
    static let defaultPath = "/WE.Education.Integration.Host.Proxy/LES/{api}/v{version}/{api}/{service}"
}

extension ClassicServer {
    /// Reads `connection`, `request_timeout_seconds` and `maximum_reply_mebibytes`; see ``ClassicSourceSettings``.
    init(_ reader: inout SettingsReader) {
        reader.allowOnly(
            ["base_url", "path", "license_keys", "client_certificate", "client_key", "ca"], in: "connection")
        self.baseURL = reader.address("connection.base_url")
        self.path = reader.text("connection.path", default: Self.defaultPath)
        for place in Self.places where !self.path.contains(place) {
            reader.complain("connection.path", "lacks \(place); write e.g. \(Self.defaultPath)")
        }
        if !self.path.hasPrefix("/") || self.path.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace }) {
            reader.complain("connection.path", "must be a path without query and fragment that begins with /")
        }
        self.licenses = Self.licenses(&reader)
        self.tls = SS12000Settings.tls(&reader)
        self.requestTimeout = .seconds(reader.seconds("request_timeout_seconds", in: 0.1...7200, default: 600))
        self.maximumReplyBytes = reader.count("maximum_reply_mebibytes", in: 1...2048, default: 256) << 20
    }

    private static func licenses(_ reader: inout SettingsReader) -> [License] {
        guard let elements = reader.value("connection.license_keys")?.arrayValue, !elements.isEmpty else {
            reader.complain("connection.license_keys", "must be a list such as [{key: {env: EDLEVO_LICENSE_KEY}}]")
            return []
        }
        return elements.enumerated().map { position, element in
            var part = SettingsReader(element)
            for name in (element.objectValue ?? [:]).keys.sorted() where !["key", "apis", "school_types"].contains(name) {
                part.complain(name, "is no setting; known are key, apis, school_types")
            }
            let license = License(
                key: part.secret("key", allowsPlain: false),
                apis: Self.several("apis", ClassicAPI.allCases.map { ($0.rawValue.lowercased(), $0) }, &part),
                schoolTypes: Self.several("school_types", ClassicSchoolType.allCases.map { ($0.rawValue, $0) }, &part))
            for problem in part.problems {
                reader.complain("connection.license_keys[\(position)].\(problem.path)", problem.message)
            }
            return License(
                key: SecretReference(setting: "connection.license_keys[\(position)].key", place: license.key.place),
                apis: license.apis, schoolTypes: license.schoolTypes)
        }
    }

    static func several<Value: Hashable>(
        _ path: String, _ known: [(name: String, value: Value)], _ reader: inout SettingsReader
    ) -> Set<Value> {
        guard reader.value(path) != nil else { return [] }
        var values: Set<Value> = []
        for name in reader.texts(path) {
            if let value = known.first(where: { $0.name == name })?.value {
                values.insert(value)
            } else {
                reader.complain(path, "must be among \(known.map(\.name).joined(separator: ", "))")
            }
        }
        return values
    }
}
