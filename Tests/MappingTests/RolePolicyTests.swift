import Foundation
import Mapping
import SchoolRecords
import TestChance
import Testing

@Suite("The role policy: roles.yaml and the catalogues")
struct RolePolicyTests {
    private static let catalog = """
        title: Alfa
        roles:
          staff: {term: personal, scopes: [unit, group]}
          admin: {term: administratör, scopes: [municipality], privileged: true}
        """
    private static let codes = "title_code,duty_role\n2080,Lärare\n2070,Rektor\n"

    private static func load(_ policy: String, catalog: String = Self.catalog) -> (MappingSet?, [String]) {
        let load = MappingSet.load([
            MappingFile(path: "roles.yaml", text: policy), MappingFile(path: "roles/alfa.yaml", text: catalog),
            MappingFile(path: "codes/title_code.csv", text: Self.codes),
        ])
        return (load.set, load.diagnostics.map(\.description))
    }

    private static func rule(_ more: String) -> String {
        "rules:\n  - name: a\n    from: duty\n    give: [{system: alfa, role: staff, scope: unit}]\n    \(more)"
    }

    @Test func `a policy is read with its conditions, days and places`() throws {
        let (set, diagnostics) = Self.load(
            """
            settings: {unknown_title_code: allow, missing_title_code: block, unruled_roles: revoke}
            terms: {HT2026: {first: 2026-08-18, last: 2026-12-18}}
            rules:
              - name: teachers
                from: assignment
                when:
                  duty_role: [Lärare, Rektor]
                  title_code: 2080
                  percent: {at_least: 20}
                unless: {group_type: Klass}
                give:
                  - {system: alfa, role: staff, scope: group}
                valid: {days_before: 14, days_after: 30}
                precedence: 3
            denials:
              - {name: none, from: duty, roles: [alfa/*], within: unit}
            exclusions:
              - {name: not-both, roles: [alfa/staff, alfa/admin]}
            """)
        #expect(diagnostics == [])
        let policy = try #require(set?.roles)
        let rule = try #require(policy.rules.first)
        #expect(rule.place == RulePlace(file: "roles.yaml", line: 4, column: 5))
        #expect(
            rule.conditions.map(\.text) == [
                "duty_role: Lärare | Rektor", "title_code: 2080", "percent: at least 20", "unless group_type: Klass",
            ])
        #expect(rule.daysBefore == 14 && rule.daysAfter == 30 && rule.precedence == 3)
        #expect(rule.gifts.map(\.name.description) == ["alfa/staff"] && rule.gifts.first?.place.line == 12)
        #expect(policy.unknownTitles == .allow && policy.missingTitles == .block && policy.unruledRoles == .revoke)
        #expect(policy.denials.first?.names(RoleName(system: "alfa", role: "admin")) == true)
        #expect(policy.exclusions.first?.within == .anywhere)
        #expect(policy.term("HT2026")?.first == CalendarDate("2026-08-18"))
        #expect(policy.term("VT2027")?.last == CalendarDate("2027-06-30") && policy.term("ST2026") == nil)
        #expect(policy.vocabulary.role(RoleName(system: "alfa", role: "admin"))?.isPrivileged == true)
        #expect(policy.vocabulary.titleCodes == ["2080": "Lärare", "2070": "Rektor"])
    }

    @Test(
        arguments: [
            ("rules: 1", "roles.yaml:1:8: error: 'rules' is a list, not a text"),
            ("rule: []", "roles.yaml:1:1: error: unknown key 'rule' in roles.yaml; did you mean 'rules'?"),
            ("settings: {}", "roles.yaml:1:1: error: 'rules' is missing: a list"),
            ("rules: [{from: duty}]", "roles.yaml:1:9: error: a rule has no 'name'; plans and explanations name it"),
            ("rules: [{name: a, from: dutty}]", "roles.yaml:1:25: error: unknown kind of record 'dutty'; did you mean 'duty'?"),
            (
                rule("when: {dutyrole: Lärare}"),
                "roles.yaml:5:12: error: unknown condition 'dutyrole' for what follows from 'duty'; did you mean 'duty_role'?"
            ),
            (
                rule("when: {group_type: Klass}"),
                "roles.yaml:5:12: error: unknown condition 'group_type' for what follows from 'duty'"
            ),
            (
                rule("when: {duty_role: Lärar}"),
                "roles.yaml:5:23: error: unknown value 'Lärar' of 'duty_role'; did you mean 'Lärare'?"
            ),
            (rule("when: {title_code: 592}"), "roles.yaml:5:24: error: codes/title_code.csv has no title code '592'"),
            (rule("when: {percent: many}"), "roles.yaml:5:21: error: 'percent' is a number, or has bounds"),
            (rule("when: {percent: {at_least: 9, at_most: 1}}"), "roles.yaml:5:21: error: the bounds are whole numbers"),
            (rule("valid: {days_before: 900}"), "roles.yaml:5:26: error: 'days_before' is a whole number from 0 to 400"),
            (rule("precedence: high"), "roles.yaml:5:17: error: 'precedence' is a whole number; the higher is kept"),
            ("rules: [{name: a, from: duty, give: []}]", "roles.yaml:1:37: error: the rule gives nothing"),
            (
                "rules: [{name: a, from: duty, give: [{system: alfa, role: staff}]}]",
                "roles.yaml:1:38: error: a role needs 'system', 'role' and 'scope'"
            ),
            (
                "rules: [{name: a, from: duty, give: [{system: alva, role: staff, scope: unit}]}]",
                "roles.yaml:1:47: error: unknown system 'alva'; systems with roles have a file in roles/; did you mean 'alfa'?"
            ),
            (
                "rules: [{name: a, from: duty, give: [{system: alfa, role: staf, scope: unit}]}]",
                "roles.yaml:1:59: error: unknown role 'staf' of alfa; did you mean 'staff'?"
            ),
            (
                "rules: [{name: a, from: duty, give: [{system: alfa, role: staff, scope: municipality}]}]",
                "roles.yaml:1:73: error: 'alfa/staff' can't have the scope 'municipality', says roles/alfa.yaml:3"
            ),
            (
                "rules: [{name: a, from: duty, give: [{system: alfa, role: staff, scope: group}]}]",
                "roles.yaml:1:73: error: what follows from 'duty' has no scope 'group'"
            ),
            (
                "rules: []\nexclusions: [{name: a, roles: [alfa/staff]}]",
                "roles.yaml:2:31: error: an exclusion names at least two roles"
            ),
            (
                "rules: []\ndenials: [{name: a, from: duty, roles: [staff]}]",
                "roles.yaml:2:41: error: a role is written as system/role"
            ),
            (
                "rules: []\nterms: {HT2026: {first: 2026-13-01, last: 2026-12-01}}",
                "roles.yaml:2:17: error: a term has a first and a last day"
            ),
        ])
    func `what is wrong is told with its place`(policy: String, expected: String) {
        let (set, diagnostics) = Self.load(policy)
        #expect(set == nil)
        #expect(diagnostics.contains { $0.hasPrefix(expected) }, "\(diagnostics)")
    }

    @Test func `a catalogue that isn't whole is told of too`() {
        let (_, diagnostics) = Self.load(
            "rules: []", catalog: "titel: A\nroles:\n  staff: {scopes: [unit]}\n  admin: {term: a, scopes: [school]}\n")
        #expect(diagnostics.contains { $0.hasPrefix("roles/alfa.yaml:1:1: error: unknown key 'titel'") })
        #expect(diagnostics.contains("roles/alfa.yaml:3:3: error: 'term' is missing in role 'staff': the vendor's word"))
        #expect(diagnostics.contains { $0.hasPrefix("roles/alfa.yaml:4:29: error: unknown value 'school' in 'scopes'") })
    }

    private static func review(_ policy: String) throws -> [String] {
        let (set, diagnostics) = Self.load(policy)
        return try #require(set?.roles, "\(diagnostics)").review().map { "\($0.line): \($0.message)" }
    }

    private static let gift = "give: [{system: alfa, role: staff, scope: unit}]"

    @Test func `the review finds rules that never apply, overlap and contradict, and who gets nothing`() throws {
        let found = try Self.review(
            """
            rules:
              - {name: all, from: duty, when: {duty_role: [Lärare, Rektor]}, \(Self.gift)}
              - {name: twice, from: duty, when: {duty_role: [Lärare], percent: 50}, \(Self.gift)}
              - {name: never, from: duty, when: {duty_role: [Lärare]}, unless: {duty_role: [Lärare, Rektor]}, \(Self.gift)}
              - {name: dead-code, from: duty, when: {duty_role: [Lärare], title_code: 2070}, \(Self.gift)}
              - {name: both, from: duty, when: {duty_role: [Rektor]}, give: [{system: alfa, role: admin, scope: municipality}]}
              - {name: denied, from: assignment, when: {duty_role: [Rektor]}, \(Self.gift)}
            denials:
              - {name: nobody, from: assignment, roles: [alfa/staff]}
            exclusions:
              - {name: not-both, roles: [alfa/staff, alfa/admin]}
            """)
        #expect(found.contains("3: the rule 'all' (line 2) gives alfa/staff to all of these already"))
        #expect(
            found.contains(
                "4: the rule never applies: 'unless duty_role: Lärare | Rektor' and 'duty_role: Lärare' never hold together"))
        #expect(found.contains { $0.hasPrefix("5: the rule never applies: codes/title_code.csv gives the title codes 2070") })
        #expect(
            found.contains {
                $0.hasPrefix("6: whoever gets alfa/admin by this rule may get a role that it must not meet by 'all'")
            })
        #expect(found.contains("7: a denial always stands in the way of alfa/staff here"))
        #expect(found.contains("1: the duty role 'Skolsköterska' gives nothing anywhere"))
        #expect(!found.contains { $0.contains("'Lärare' gives nothing") })
        // The rule that says more isn't told to be said by one that says less.
        #expect(!found.contains { $0.hasPrefix("2:") })
    }

    @Test func `the policy of the project has nothing to remark on`() throws {
        let set = try #require(MappingSet.load(directory: Files.directory).set)
        let policy = try #require(set.roles)
        #expect(policy.review().map(\.description) == [])
        #expect(
            policy.vocabulary.catalogs.keys.sorted() == [
                "digiexam", "dnp", "skola24", "skolon", "teams", "tempus", "unikum", "vega",
            ])
        // Every word of a catalogue that nobody has published is marked.
        for catalog in policy.vocabulary.catalogs.values {
            #expect(catalog.roles.values.allSatisfy { !$0.assumed.isEmpty }, "\(catalog.system)")
        }
    }

    @Test func `damaged policies are refused with a place or read, and never end the program`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let url = URL(fileURLWithPath: Files.directory).appendingPathComponent("roles.yaml")
        let text = try String(contentsOf: url, encoding: .utf8)
        let vocabulary = try #require(MappingSet.load(directory: Files.directory).set).roleVocabulary
        var refused = 0
        for _ in 0..<300 {
            let damaged = DamagedText.of(text, words: ["duty", "unit", "when", "Lärare", "pupil", "teams"], &random)
            let (policy, diagnostics) = RolePolicy.read(damaged, file: "other.yaml", vocabulary: vocabulary)
            if let policy {
                _ = policy.review()
            } else {
                refused += 1
                #expect(!diagnostics.isEmpty && diagnostics.allSatisfy { $0.file == "other.yaml" && $0.line > 0 }, "seed \(seed)")
            }
        }
        #expect(refused > 50, "seed \(seed)")
    }

    @Test func `the version changes with the policy, a catalogue and the table of titles, and with nothing else`() throws {
        let set = try #require(Self.load(Self.rule("precedence: 1")).0)
        let version = try #require(set.roles).version
        #expect(try #require(Self.load(Self.rule("precedence: 1")).0?.roles).version == version)
        #expect(try #require(Self.load(Self.rule("precedence: 2")).0?.roles).version != version)
        let other = Self.catalog + "\n  more: {term: mer, scopes: [unit]}\n"
        #expect(try #require(Self.load(Self.rule("precedence: 1"), catalog: other).0?.roles).version != version)
    }

    @Test func `a rule for a role that comes with records is told with where it says so`() {
        let catalog = Self.catalog.replacing("scopes: [unit, group]", with: "scopes: [unit, group], comes_with_records: true")
        let (set, diagnostics) = Self.load(Self.rule(""), catalog: catalog)
        #expect(set == nil && diagnostics.count == 1, "\(diagnostics)")
        #expect(
            diagnostics.first?.hasPrefix("roles.yaml:4:12: error: 'alfa/staff' comes with records, says roles/alfa.yaml:3")
                == true, "\(diagnostics)")
        let (other, more) = Self.load(Self.rule(""), catalog: Self.catalog + "\nunit_type: Stadsdel")
        #expect(
            other?.roles?.vocabulary.catalogs["alfa"]?.unitType == .areaOfActivity || more.contains { $0.contains("Skola") },
            "\(more)")
    }

    @Test(arguments: [("roles", MappingSchema.roles), ("role-catalog", MappingSchema.roleCatalog)])
    func `the schema in the documents is the policy's`(name: String, schema: JSONValue) throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/\(name).schema.json").standardized
        #expect(
            try JSONValue(parsing: Data(contentsOf: url)) == schema,
            "write it anew: knutpunkt mapping schema --\(name) > docs/\(name).schema.json")
    }
}
