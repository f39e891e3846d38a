import HTTPTypes
import Hub
import SchoolRecords

@testable import Console

/// Everything that can be asked of the console, by pages and by the API, where somebody protected might stand in the answer.
struct ProtectedAsks: Sendable {
    struct Ask: Sendable, CustomStringConvertible {
        enum What: Sendable {
            case page(String)
            case form(String, [String: String])
            case api(HTTPRequest.Method, String, JSONValue?)
        }

        /// `GET /failed/:`, or the id of an operation.
        let address: String
        let what: What
        /// By which id somebody asks.
        var id: String?

        var description: String { "\(self.address) \(self.what)" }
        var changesSomething: Bool { if case .page = self.what { false } else { true } }
    }

    let world: ProtectedWorld

    var all: [Ask] { self.pages + self.everywhere + self.byID + self.byNumber + self.byFailure + self.operations }

    /// The address as the console's own table has it.
    private static func address(_ method: String, _ path: String, differing: Set<String>) -> String {
        let whole = path.split(separator: "?")[0].split(separator: "/").map(String.init)
        // A system and a kind of record differ where mappings are; elsewhere their names are parts of addresses.
        let isMapping = whole.first == "mappings" && whole.count > 3
        let parts = whole.enumerated().map { place, part in
            let differs = differing.contains(part) && (isMapping || !Self.names.contains(part))
            return (differs && (!isMapping || place > 0 && place < 4)) || Int(part) != nil ? ":" : part
        }
        return "\(method) /" + parts.joined(separator: "/")
    }

    private static let names: Set = ["unikum", "out", "person"]

    private func page(_ path: String, id: String? = nil) -> Ask {
        Ask(address: Self.address("GET", path, differing: Set(self.world.names.values)), what: .page(path), id: id)
    }

    private func form(_ path: String, _ form: [String: String], id: String? = nil) -> Ask {
        Ask(address: Self.address("POST", path, differing: Set(self.world.names.values)), what: .form(path, form), id: id)
    }

    /// Every address that there is.
    private var pages: [Ask] {
        (RouteRightsTests.shown + RouteRightsTests.done).map { route in
            let path = RouteRightsTests.filled(route.path, self.world.names)
            return route.isForm ? self.form(path, route.form) : self.page(path)
        } + [self.page("/live/overview"), self.page("/no-such-page"), self.page("/language")]
    }

    /// Lists in which they could stand without having been asked for.
    private var everywhere: [Ask] {
        var asks = [self.page("/held?what=all"), self.page("/held/list.csv?what=all")]
        for form in ["", ".csv"] {
            for entity in ["person", "duty", "placement", "group"] {
                for what in ["now", "deleted"] {
                    asks.append(self.page("/messages/changes\(form)?entity=\(entity)&what=\(what)"))
                }
            }
            for state in ["failed", "all", "discarded"] { asks.append(self.page("/failed/list\(form)?state=\(state)")) }
        }
        for record in ["duty/duty-1", "placement/placement-1", "group/group-1"] {
            asks.append(self.page("/messages/trace?record=\(record)", id: record))
        }
        return asks
    }

    /// Each of them asked for by the id that sources have, and by the opaque one.
    private var byID: [Ask] {
        ProtectedWorld.people.flatMap { self.pages(for: $0.id) + self.pages(for: $0.opaque) + self.forms(for: $0.id) }
            + ProtectedWorld.people.flatMap { self.forms(for: $0.opaque) + self.calls(for: $0.id) + self.calls(for: $0.opaque) }
    }

    private func pages(for id: String) -> [Ask] {
        let paths = [
            "/messages/trace?record=person/\(id)", "/messages/trace?record=\(id)", "/messages/trace?record=unikum/person/\(id)",
            "/person?id=\(id)", "/failed/list?state=all&record=\(id)", "/failed/list.csv?state=all&record=\(id)",
            "/privacy/log?subject=person/\(id)", "/privacy/log.csv?subject=person/\(id)",
        ]
        return paths.map { self.page($0, id: id) }
    }

    private func forms(for id: String) -> [Ask] {
        let reasoned = ["id": id, "reason": "r"]
        let values = reasoned.merging(["values": "yes"]) { $1 }
        return [
            self.form("/person", reasoned, id: id), self.form("/person", values, id: id),
            self.form("/person", ["id": "person/\(id)", "reason": "r", "protected": "yes"], id: id),
            self.form("/roles/explain", reasoned, id: id), self.form("/mappings/unikum/out/person/explain", values, id: id),
            self.form("/mappings/unikum/out/duty/explain", ["id": "duty-1", "reason": "r", "values": "yes"], id: "duty-1"),
            self.form("/privacy/log/person", ["id": id], id: id),
        ]
    }

    private func calls(for id: String) -> [Ask] {
        var asks = [
            Ask(address: "getTrace", what: .api(.get, "/api/v1/traces?record=person/\(id)", nil), id: id),
            Ask(address: "listFailed", what: .api(.get, "/api/v1/failed?record=person/\(id)", nil), id: id),
            Ask(address: "listAudit", what: .api(.get, "/api/v1/audit?subject=person/\(id)", nil), id: id),
        ]
        for isAllShown in [false, true] {
            for isVault in [false, true] {
                let body: JSONValue = [
                    "id": .string(id), "reason": "r", "values": .bool(isAllShown), "protected": .bool(isVault),
                ]
                asks.append(Ask(address: "showPerson", what: .api(.post, "/api/v1/persons/show", body), id: id))
            }
        }
        return asks
    }

    private var byNumber: [Ask] {
        [
            self.form("/person", ["id": ProtectedWorld.number, "reason": "r", "values": "yes"]),
            self.form("/person", ["id": ProtectedWorld.number, "reason": "r", "protected": "yes"]),
            self.form("/roles/explain", ["id": ProtectedWorld.number, "reason": "r"]),
            self.form("/privacy/log/person", ["id": ProtectedWorld.number]),
            self.form("/mappings/unikum/out/person/explain", ["id": ProtectedWorld.number, "reason": "r", "values": "yes"]),
            self.page("/messages/trace?record=\(ProtectedWorld.number)"),
            Ask(
                address: "showPerson",
                what: .api(
                    .post, "/api/v1/persons/show", ["id": .string(ProtectedWorld.number), "reason": "r", "values": true])),
        ]
    }

    /// The failed messages about them, and what is done about these.
    private var byFailure: [Ask] {
        self.world.failures.flatMap { number in
            [
                self.page("/failed/\(number)"), self.page("/messages/trace?record=failure/\(number)"),
                self.form("/failed/\(number)/content", ["reason": "r"]),
                self.form("/failed/\(number)/approve", [:]),
                self.form("/failed/\(number)/edit", ["path": "familyName", "value": "x", "reason": "r"]),
                self.form("/failed/replay", ["id": "\(number)", "do": "try"]),
                Ask(address: "getFailed", what: .api(.get, "/api/v1/failed/\(number)", nil)),
                Ask(address: "getTrace", what: .api(.get, "/api/v1/traces?record=failure/\(number)", nil)),
                Ask(address: "showFailedContent", what: .api(.post, "/api/v1/failed/\(number)/content", ["reason": "r"])),
            ]
        }
    }

    /// Every operation of the API on what there is.
    private var operations: [Ask] {
        OpenAPIDocument.operations.map { operation in
            let body = APIRightsTests.bodies[operation.id] ?? (operation.body == nil ? nil : [:])
            return Ask(
                address: operation.id,
                what: .api(operation.method, APIRightsTests.address(operation, self.world.names), body))
        }
    }
}
