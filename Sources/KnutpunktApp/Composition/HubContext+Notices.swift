import Connectors
import Foundation
import Hub
import Mapping
import SchoolRecords

/// Where sources post their notices.
extension HubContext {
    /// Where one source posts to.
    public struct NoticeAddress: Sendable, Codable, Hashable {
        public let source: String
        /// As the source reaches it; the path alone when `http.public_url` isn't set. Holds the token: a secret.
        public let address: String
        /// The header that holds the secret, when the source is set up with one.
        public let header: String?
    }

    /// The address of each source, or of one.
    ///
    /// - Throws: ``AppError`` when there is no such source.
    public func noticeAddresses(only system: String? = nil) throws -> [NoticeAddress] {
        if let system, try self.mappings.set.system(system).source == nil {
            throw AppError(.notFound, "\(system) is no source: it has nothing to tell.")
        }
        return self.mappings.set.sourceNames.filter { system == nil || $0 == system }.map { name in
            let header = self.mappings.set.systems[name]?.source?.settings["notices"]?["header"]?.stringValue
            let path = "/notices/\(name)" + (header == nil ? "/\(self.key.noticeToken(for: name))" : "")
            return NoticeAddress(source: name, address: (self.publicURL ?? "") + path, header: header)
        }
    }

    private var publicURL: String? {
        self.configuration.httpPublicURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    }

    /// The settings of a source with the address of its subscription, when the file leaves it to the hub.
    func withSubscriptionTarget(_ settings: JSONValue, of system: String) -> JSONValue {
        guard case .object(var members) = settings, case .object(var subscription)? = members["subscriptions"],
            subscription["target"] == nil, let publicURL
        else { return settings }
        subscription["target"] = .string("\(publicURL)/notices/\(system)/\(self.key.noticeToken(for: system))")
        members["subscriptions"] = .object(subscription)
        return .object(members)
    }

    /// The doors of all sources.
    ///
    /// - Throws: ``AppError`` when a header's secret can't be had.
    func noticeDoors(wake: @escaping @Sendable (String, TraceContext?, NoticeScope) -> Void) throws -> NoticeDoors {
        var doors: [String: NoticeDoor] = [:]
        for name in self.mappings.set.sourceNames {
            guard let side = self.mappings.set.systems[name]?.source, let notices = side.settings["notices"] else {
                doors[name] = NoticeDoor(token: self.key.noticeToken(for: name))
                continue
            }
            guard let header = notices["header"]?.stringValue, !header.isEmpty, let reference = notices["secret"] else {
                throw AppError(
                    .configuration,
                    "\(name)/system.yaml: \(side.place(of: "notices")): write header: NAME and secret: {env: NAME} or {file: path}; "
                        + "leave it out where the source posts to an address with a token.")
            }
            do {
                doors[name] = NoticeDoor(
                    header: header, secret: try SettingSecret.text(reference, setting: side.place(of: "notices.secret")))
            } catch {
                throw AppError(.configuration, "\(name)/system.yaml: \(error)", cause: error)
            }
        }
        return NoticeDoors(doors, wake: wake)
    }
}
