import ConnectorKit
import ConnectorTesting
import SchoolRecords
import StandIns
import Testing

@Suite("The SCIM connector keeps the contract of targets")
struct SCIMContractTests {
    /// A kind of server, and the settings for it.
    enum Server: String, CaseIterable, CustomTestStringConvertible {
        case profile = "a server of EGIL's profile"
        case plain = "a server without filters, PATCH and error bodies"
        case patching = "a server that is patched, with versions"
        case ownIDs = "a server with ids of its own"

        var testDescription: String { self.rawValue }

        var dialect: SCIMStandIn.Dialect {
            SCIMStandIn.Dialect { dialect in
                switch self {
                case .profile: break
                case .plain:
                    dialect.hasFilters = false
                    dialect.hasPatch = false
                    dialect.hasErrorBodies = false
                case .patching: dialect.demandsVersions = true
                case .ownIDs:
                    dialect.givesOwnIDs = true
                    dialect.demandsVersions = true
                }
            }
        }

        var settings: [String: JSONValue] {
            switch self {
            case .profile, .plain: [:]
            case .patching: ["update": "patch", "check_versions": true, "parallel_calls": 3]
            case .ownIDs: ["ids": "server", "check_versions": true]
            }
        }
    }

    @Test("on", arguments: Server.allCases, TargetConnectorRequirement.all)
    func keeps(_ server: Server, _ requirement: TargetConnectorRequirement) async throws {
        try await SCIMHarness.with(server.dialect, server.settings) { harness in
            guard requirement.applies(to: harness) else { return }
            try await requirement.verify(harness)
        }
    }
}
