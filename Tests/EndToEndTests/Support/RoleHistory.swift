import KnutpunktApp
import StandIns

/// What stand-ins were written of roles, request by request, held against what must be true at every moment.
struct RoleHistory {
    /// Roles of which nobody may have two at one school.
    struct Exclusion {
        let system: String
        let roles: Set<String>
    }

    let exclusions: [Exclusion]
    /// Who must not be without a role on the way: `system person role`.
    var neverWithout: Set<String> = []
    /// What each system holds after the requests that were looked at, `person|role|scope`.
    private var held: [String: Set<String>] = [:]
    private var seen: [String: Int] = [:]
    private var seenFiles = 0
    private(set) var violations: [String] = []

    init(exclusions: [Exclusion]) { self.exclusions = exclusions }

    /// Goes through what was written since it was looked at last.
    mutating func follow(_ rehearsal: Rehearsal) async {
        for (system, standIn) in rehearsal.others.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let writes = await standIn.roleWrites
            for write in writes.dropFirst(self.seen[system.rawValue] ?? 0) {
                self.apply(write.address, write.operation == .given, in: system.rawValue)
            }
            self.seen[system.rawValue] = writes.count
        }
        let files = await rehearsal.unikum.log
        let relations = ["teacher_in_school": "pedagog", "administrator_for": "skoladministratör"]
        for row in files.dropFirst(self.seenFiles).flatMap(\.rows) {
            guard let role = relations[row.kind] else { continue }
            let ends = row.key.split(separator: "|")
            self.apply("\(ends[0])|\(role)|\(ends[1])", row.operation != .remove, in: "unikum")
        }
        self.seenFiles = files.count
    }

    private mutating func apply(_ address: String, _ isGiven: Bool, in system: String) {
        let parts = address.split(separator: "|").map(String.init)
        if isGiven {
            self.held[system, default: []].insert(address)
        } else {
            self.held[system]?.remove(address)
        }
        let own = self.held[system] ?? []
        for exclusion in self.exclusions where isGiven && exclusion.system == system && exclusion.roles.contains(parts[1]) {
            for other in exclusion.roles where other != parts[1] && own.contains("\(parts[0])|\(other)|\(parts[2])") {
                self.violations.append("\(system): \(parts[1]) beside \(other)")
            }
        }
        guard !isGiven, self.neverWithout.contains("\(system) \(parts[0]) \(parts[1])") else { return }
        if !own.contains(where: { $0.hasPrefix("\(parts[0])|\(parts[1])|") }) {
            self.violations.append("\(system): somebody who moves is without \(parts[1])")
        }
    }
}
