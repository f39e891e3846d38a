import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

struct RolesHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Which roles somebody has had, and when: as systems told of them, with the plans that gave and took them.",
        discussion: """
            A role begins and ends when the hub learns of it from its system. Without a plan it was given past the hub. Each look is
            written into the audit log with its reason.

            Examples:
              knutpunkt roles history 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711"
              knutpunkt roles history 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --at 2026-10-01 --system unikum --reason "case 4711"

            Exit status: 0 told; 64 wrong use; 66 no such person; 77 not allowed.
            """)
    @Argument(help: "The person's id.") var person: String
    @Option(help: "Only what the person had at the end of this day, yyyy-MM-dd.") var at: CalendarDate?
    @Option(help: "Only this system.") var system: String?
    @Option(help: "Why you look: kept in the audit log. No personal data.") var reason: String
    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    private struct Entry: Encodable {
        let role: HeldRoleSpan
        let given: RoleDeed?
        let taken: RoleDeed?
    }

    func run() async throws {
        let (context, language) = (try await self.options.context(), self.options.language)
        try requireReason(self.reason, language)
        let id = try personID(self.person, language)
        try await context.require(.see, on: Set([self.system].compactMap { $0 }), by: operatorName)
        guard try await !context.lookAtRoles(of: id, reason: self.reason, by: operatorName) else {
            return say(
                language(
                    sv: "Personen har skyddad identitet: här visas inget.",
                    en: "The person's identity is protected: nothing is shown here."))
        }
        let roles = try await context.pastRoles(of: id, at: self.at, system: self.system)
        if self.json {
            return say(try ReadableJSON.text(roles.map { Entry(role: $0.span, given: $0.given, taken: $0.taken) }))
        }
        let (text, places) = (RoleOriginText(language), try await context.placeNames())
        for role in roles {
            let span = role.span
            let place = span.scope.split(separator: "/", maxSplits: 1).last.flatMap { places[String($0)] } ?? span.scope
            say("\(span.began) – \(span.ended ?? "")  \(span.system)/\(span.role)  \(place)")
            if let given = role.given {
                say("    + \(text.line(given))")
            } else {
                say("    + " + language(sv: "given förbi hubben", en: "given past the hub"))
            }
            if let taken = role.taken { say("    - \(text.line(taken))") }
        }
        if roles.isEmpty { say(language(sv: "Inget system har berättat om någon roll.", en: "No system has told of any role.")) }
    }
}
