import HTTPTypes
import Hub
import SchoolRecords

/// Everything that the console does, for programs.
struct OpsAPI: Sendable {
    static let prefix = "/api/v1"

    /// Without the contract itself, which is made of them.
    var operations: [APIOperation] {
        self.own + self.health + self.failed + self.replays + self.traces + self.heldChanges + self.comparisons + self.repairs
            + self.rolePlans + self.audit
    }

    static func id(_ name: String, _ note: String) -> APIField { APIField(name, .id, isRequired: true, note) }

    static let reason = APIField("reason", .reason, isRequired: true, "Why, for the audit log; without personal data.")

    /// Who asks, and what they may do.
    private var own: [APIOperation] {
        [
            APIOperation(
                method: .get, path: "\(Self.prefix)/me", id: "getMe", summary: "Who asks, and what they may do",
                note: "A session is given here the token that its writing requests carry in `X-CSRF-Token`.", access: .signedIn,
                success: .init(status: 200, kind: Self.visitor.kind, note: "Who asks.")
            ) { call in
                guard let visitor = call.visitor else { throw APIProblem.unauthorized }
                return APIAnswer(Self.visitor.json(visitor, call.language))
            }
        ]
    }

    private static let visitor = APIShape<APIVisitor>(
        "Visitor",
        [
            .text("name", "By which the audit log knows them.") { $0.user.name },
            .text("displayName", "How people know them.") { $0.user.displayName },
            .texts("roles", "The console's roles.") { $0.user.roles.map(\.rawValue).sorted() },
            .texts("areas", "The parts of the API that they see.") { visitor in
                ConsoleArea.allCases.filter(visitor.user.may).map(\.rawValue)
            },
            .texts("actions", "What they do, on some unit or system.") { visitor in
                Permissions.Action.allCases.filter(visitor.user.does).map(\.rawValue)
            },
            .flag("allUnits", "Whether they have to do with all school units.") { $0.user.units == .all },
            .texts("units", "Ids of the school units, where it isn't all of them.") { visitor in
                if case .units(let units) = visitor.user.units { units.sorted() } else { [] }
            },
            .flag("allSystems", "Whether they do something on all systems.") { $0.user.systems == .all },
            .texts("systems", "The systems, where it isn't all of them.") { visitor in
                if case .systems(let systems) = visitor.user.systems { systems.sorted() } else { [] }
            },
            .maybe("source", "The source whose records they may hand in.") { $0.source },
            .maybe("csrfToken", "What a session's writing requests carry in `X-CSRF-Token`.") { $0.csrf },
        ])
}
