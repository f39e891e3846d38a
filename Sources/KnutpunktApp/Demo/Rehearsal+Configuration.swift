import Foundation
import Glibc
import StandIns

/// How the hub of a rehearsal is configured.
extension Rehearsal {
    /// What the hub's process needs of ours: variables that would configure another hub are left out.
    static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter {
            ["PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "TZ"].contains($0.key)
        }
    }

    static func writeConfiguration(
        _ options: Options, mappings: String, drop: String, edlevo: EdlevoStandIn,
        others: [TwoWaySystem: SS12000StandIn], dnp: DNPStandIn?
    ) async throws -> String {
        let directory = options.directory
        let secret = directory + "/edlevo-secret"
        let path = directory + "/knutpunkt.yaml"
        var text = """
            data:
              directory: \(directory)/data
            mappings:
              directory: \(mappings)
            systems:
              edlevo:
                connection:
                  base_url: \(try await edlevo.serverURL)
                  token_url: \(try await edlevo.tokenURL)
                  api_path: \(edlevo.dialect.apiPath)
                  deleted_entities_path: \(edlevo.dialect.deletedEntitiesPath)
                  client_id: \(edlevo.clientID)
                  client_secret:
                    file: \(secret)
                schedule:
                  changes_every_seconds: \(options.edlevoEverySeconds)
              unikum:
                drop_folder: \(drop)
                held:
                  enabled: true
                  folder: \(directory)/unikum-held

            """
        if options.hasRoles {
            text += "    roles_from: grants\n" + Self.files("\(directory)/unikum-in", options)
        }
        for (system, standIn) in others.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text += try await Self.configuration(of: system, standIn, secret: secret, options)
        }
        if options.hasSkola24Files {
            text += "  skola24files:\n    enabled: true\n"
            text += "    drop_folder: \(directory)/skola24-files\n    state_folder: \(directory)/skola24-given\n"
        }
        if options.hasSkolon {
            text += "  skolon:\n    enabled: true\n" + Self.files("\(directory)/skolon-in", options)
            text += "    target:\n      drop_folder: \(directory)/skolon\n      state_folder: \(directory)/skolon-given\n"
        }
        if options.hasBreakOffList {
            text += "  kaa:\n    enabled: true\n    drop_folder: \(directory)/kaa\n    state_folder: \(directory)/kaa-given\n"
        }
        if options.hasTeams {
            text += "  teams:\n    enabled: true\n"
            text += "    drop_folder: \(directory)/teams\n    state_folder: \(directory)/teams-given\n"
        }
        for line in options.moreSystems.split(separator: "\n") { text += "  \(line)\n" }
        if let dnp {
            text += "  dnp:\n    enabled: true\n    connection:\n      base_url: \(try await dnp.baseURL)\n"
            text += "      token_url: \(try await dnp.tokenURL)\n      entity_id: \(dnp.entityID)\n"
        }
        if !others.isEmpty || options.edlevoPostsNotices {
            let address = "127.0.0.1:\(try Self.freePort())"
            text += "http:\n  listen: \(address)\n  public_url: http://\(address)\n"
        }
        if options.hasConsole { text += "console:\n  listen: 127.0.0.1:\(try Self.freePort())\n" }
        let broker = options.brokerURL.map { "amqp:\n  url: \($0)\n" } ?? ""
        for (file, content) in [(secret, edlevo.clientSecret + "\n"), (path, text + broker + options.settings)] {
            guard
                FileManager.default.createFile(
                    atPath: file, contents: Data(content.utf8), attributes: [.posixPermissions: 0o600])
            else { throw AppError(.demo, "\(file): can't be written.") }
        }
        return path
    }

    /// A source that leaves whole files.
    private static func files(_ folder: String, _ options: Options) -> String {
        """
            source:
              enabled: true
              drop_folder: \(folder)
              whole_when: {unchanged_seconds: 0}
              schedule:
                changes_every_seconds: \(options.othersEverySeconds)

        """
    }

    /// What the configuration says of another system: switched on, and told to the hub by notices too.
    private static func configuration(
        of system: TwoWaySystem, _ standIn: SS12000StandIn, secret: String, _ options: Options
    ) async throws -> String {
        let body = """
            \(system.rawValue):
              enabled: true
              connection:
                base_url: \(try await standIn.serverURL)
                token_url: \(try await standIn.tokenURL)
                api_path: \(standIn.dialect.apiPath)
                deleted_entities_path: \(standIn.dialect.deletedEntitiesPath)
                client_id: \(standIn.clientID)
                client_secret:
                  file: \(secret)
              source:
                subscriptions:
                  enabled: true
                schedule:
                  changes_every_seconds: \(options.othersEverySeconds)

            """
        return body.split(separator: "\n").map { "  \($0)\n" }.joined()
    }

    /// Edlevo documents no subscriptions: its file gets the setting in the rehearsal's copy alone.
    static func letEdlevoSubscribe(in mappings: String) throws {
        let path = mappings + "/edlevo/system.yaml"
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let setting = "\nsubscriptions:\n  enabled: true\n  entities: [person]\n"
            try Data((text + setting).utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw AppError(.demo, "\(path): can't be changed.", cause: error)
        }
    }

    /// A port of the loopback that is free now.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard descriptor >= 0, isBound else { throw AppError(.demo, "No free port on the loopback.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
