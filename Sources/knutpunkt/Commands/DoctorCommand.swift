import Logging
import ArgumentParser
import Foundation
import KnutpunktApp

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check broker, store, mappings and systems; each with a verdict and a remedy.",
        discussion: """
            Examples:
              knutpunkt doctor
              knutpunkt doctor --config hub.yaml --json
            """)

    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let configuration = try await self.options.configuration()
        let verdicts = await Doctor(configuration, logger: self.options.logger(configuration, level: .critical)).examine()
        if self.json {
            say(try ReadableJSON.text(verdicts))
        } else {
            let isTerminal = isatty(STDOUT_FILENO) == 1
            for verdict in verdicts {
                let (mark, colour) =
                    switch verdict.grade {
                    case .ok: ("✓", "32")
                    case .warning: ("!", "33")
                    case .error: ("✗", "31")
                    }
                say("\(isTerminal ? "\u{1B}[\(colour)m\(mark)\u{1B}[0m" : mark) \(verdict.subject): \(verdict.finding)")
                if let remedy = verdict.remedy { say("    → \(remedy)") }
                if let runbook = verdict.runbook { say("    → \(runbook)") }
            }
        }
        if verdicts.contains(where: { $0.grade == .error }) { throw ExitCode(1) }
    }
}
