import Hub
import Mapping
public import Provisioning
public import SchoolRecords

/// How ready units are, for people to read.
public struct ReadinessText: Sendable {
    let units: [UnitReadiness]
    let words: RoleWords
    let title: String

    /// - Parameter term: the term, or the day.
    public init(_ units: [UnitReadiness], term: String, _ words: RoleWords) {
        self.units = units
        self.words = words
        self.title = words.language(sv: "Beredda till \(term)", en: "Ready for \(term)")
    }

    private var language: Language { self.words.language }

    /// Of all units.
    public var total: (ready: Int, staff: Int) {
        self.units.reduce((0, 0)) { ($0.0 + $1.ready, $0.1 + $1.staff) }
    }

    /// A share in percent with one decimal, cut off: 100 only when nobody lacks anything.
    static func percent(_ ready: Int, _ staff: Int, _ language: Language) -> String {
        guard staff > 0 else { return "–" }
        let tenths = ready * 1000 / staff
        return "\(tenths / 10)\(language(sv: ",", en: "."))\(tenths % 10) %"
    }

    private func line(_ missing: UnitReadiness.Missing) -> String {
        let role = missing.key.map { "\($0.name)  \(self.words.scope($0.scope))" } ?? "–"
        return "\(self.words.person(missing.person))  \(role)  \(self.words.missing(missing.why))"
    }

    /// - Parameter isLong: also who lacks what, and why.
    public func lines(long isLong: Bool) -> [String] {
        let total = self.total
        var lines = [
            "\(self.title): \(Self.percent(total.ready, total.staff, self.language)) (\(total.ready)/\(total.staff))"
        ]
        for unit in self.units.sorted(by: { self.words.place($0.unit) < self.words.place($1.unit) }) {
            let share = Self.percent(unit.ready, unit.staff, self.language)
            lines.append("  \(self.words.place(unit.unit))  \(share) (\(unit.ready)/\(unit.staff))")
            if isLong { lines += unit.missing.map { "    \(self.line($0))" } }
        }
        let whys = Dictionary(grouping: self.units.flatMap(\.missing)) { self.words.missing($0.why) }
        if !whys.isEmpty { lines.append(self.language(sv: "Det som saknas:", en: "What is missing:")) }
        return lines
            + whys.mapValues(\.count).sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \($0.value): \($0.key)" }
    }

    /// A page with a bar for each unit, and who lacks what.
    public var html: String {
        let total = self.total
        let head = "<p>\(Self.percent(total.ready, total.staff, self.language)) (\(total.ready)/\(total.staff))</p>"
        let units = self.units.sorted { self.words.place($0.unit) < self.words.place($1.unit) }.map { unit in
            let rows = unit.missing.map { missing in
                RolePage.row(
                    [
                        self.words.person(missing.person), missing.key?.name.system ?? "", missing.key?.name.role ?? "",
                        missing.key.map { self.words.scope($0.scope) } ?? "", self.words.missing(missing.why),
                    ], "td")
            }
            let table = rows.isEmpty ? "" : "<table><tbody>\n\(rows.joined(separator: "\n"))\n</tbody></table>"
            return """
                <h2>\(HTMLText.escaped(self.words.place(unit.unit)))</h2>
                <div class="bar"><div style="width:\(Int(unit.share * 100))%"></div></div>
                <p>\(Self.percent(unit.ready, unit.staff, self.language)) (\(unit.ready)/\(unit.staff))</p>
                \(table)
                """
        }
        return RolePage.page(self.title, ([head] + units).joined(separator: "\n"), self.language)
    }

    /// For programs.
    public var json: JSONValue {
        let total = self.total
        return [
            "ready": .integer(Int64(total.ready)), "staff": .integer(Int64(total.staff)),
            "units": .array(
                self.units.map { unit in
                    [
                        "unit": .string(unit.unit), "name": .string(self.words.place(unit.unit)),
                        "staff": .integer(Int64(unit.staff)), "ready": .integer(Int64(unit.ready)),
                        "withoutRoles": .integer(Int64(unit.withoutRoles)),
                        "missing": .array(
                            unit.missing.map { missing in
                                [
                                    "person": .string(self.words.protectedPersons.contains(missing.person) ? "" : missing.person),
                                    "system": .string(missing.key?.name.system ?? ""),
                                    "role": .string(missing.key?.name.role ?? ""),
                                    "scope": .string(missing.key?.scope.description ?? ""),
                                    "why": .string(self.words.missing(missing.why)),
                                ]
                            }),
                    ]
                }),
        ]
    }
}
