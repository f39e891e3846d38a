/// What people do in the console: the table of jobs, each of which `ConsoleJobTests` does by keyboard alone. A form, a table to download
/// or a deed behind a link that is in no job here is one that nobody has tried without a mouse, and a test says so.
enum ConsoleJob: String, Sendable, CaseIterable {
    case signIn, changePassword, menu, language
    case replay, replayInSteps, correct, approveCorrection, discard, seeContent, list
    case massChange
    case compare, repair
    case stopRoles, planRoles, approveRoles, explainRoles
    case person, trace, changes
    case explainMapping, tryMapping
    case statistics, handIn, privacy, check, download

    /// The addresses of the console by which it is done, with `:` for parts that differ.
    var addresses: Set<String> {
        switch self {
        case .signIn: ["GET /sign-in", "POST /sign-in", "POST /sign-out"]
        case .changePassword: ["POST /account/password"]
        case .menu: ["GET /failed"]
        case .language: ["GET /language"]
        case .replay: ["POST /failed/replay"]
        case .replayInSteps:
            [
                "POST /failed/replay", "POST /failed/replays/:/start", "POST /failed/replays/:/pause",
                "POST /failed/replays/:/resume", "POST /failed/replays/:/cancel",
            ]
        case .correct: ["POST /failed/:/edit", "POST /failed/:/undo"]
        case .approveCorrection: ["POST /failed/:/edit", "POST /failed/:/approve"]
        case .discard: ["POST /failed/:/discard"]
        case .seeContent: ["POST /failed/:/content"]
        case .list: ["GET /failed", "GET /failed/list"]
        case .massChange: ["POST /held/:/values", "POST /held/:/approve", "POST /held/:/reject"]
        case .compare: ["POST /agreement/runs"]
        case .repair: ["POST /agreement/runs/:/repair", "POST /agreement/repairs/:"]
        case .planRoles: ["POST /roles/new"]
        case .approveRoles: ["POST /roles/:/approve", "POST /roles/:/apply"]
        case .stopRoles: ["POST /roles/new", "POST /roles/:/stop"]
        case .explainRoles: ["POST /roles/explain"]
        case .person: ["POST /person"]
        case .trace: ["GET /messages/trace"]
        case .changes: ["GET /messages/changes", "GET /messages/changes.csv"]
        case .explainMapping: ["POST /mappings/:/:/:/explain"]
        case .tryMapping: ["POST /mappings/preview"]
        case .statistics: ["GET /statistics", "GET /statistics/lessons.csv"]
        case .handIn: ["POST /upload"]
        case .privacy: ["GET /privacy/log/check", "POST /privacy/log/person"]
        case .check: ["POST /settings/checks"]
        case .download:
            [
                "GET /failed/groups.csv", "GET /failed/list.csv", "GET /held/list.csv", "GET /agreement/runs/:/findings.csv",
                "GET /agreement/interop.csv", "GET /agreement/fields.csv", "GET /roles/:/steps.csv", "GET /mappings/list.csv",
                "GET /mappings/problems.csv", "GET /mappings/codes.csv", "GET /mappings/:/:/:/fields.csv",
                "GET /privacy/fields.csv", "GET /privacy/log.csv", "GET /settings/configuration.csv",
            ]
        }
    }

    /// Whether what is done behind an address is a job, and not a page to read: that somebody reads it is tried page by page.
    static func isDeed(_ address: String) -> Bool {
        address.hasPrefix("POST ") || address.hasSuffix(".csv") || address.hasSuffix("/check") || address == "GET /language"
    }

    /// Whether a request went to an address.
    static func matches(_ request: String, _ address: String) -> Bool {
        let (asked, parts) = (request.split(separator: "/"), address.split(separator: "/"))
        return asked.count == parts.count && zip(asked, parts).allSatisfy { $1 == ":" || $0 == $1 }
    }
}
