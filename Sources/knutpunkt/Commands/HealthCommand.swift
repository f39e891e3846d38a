import ArgumentParser
import ConnectorKit
import Foundation
import Hub
import KnutpunktApp

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "How each flow does, and the alarms that are open.",
        discussion: """
            What the running hub last wrote down, at most a quarter of a minute old.

            Examples:
              knutpunkt health
              knutpunkt health --json | jq '.reading.targets'

            Exit status: 0 no alarm is open; 1 some are; 66 no hub has run on this data directory; 69 it doesn't run now.
            """)

    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let context = try await self.options.context()
        let language = self.options.language
        guard let state = context.health(), let reading = state.reading else {
            throw AppError(
                .notFound,
                language(
                    sv: "Ingen hubb har gått på \(context.configuration.dataDirectory) ännu. Starta en: knutpunkt serve.",
                    en: "No hub has run on \(context.configuration.dataDirectory) yet. Start one: knutpunkt serve."))
        }
        let isRunning = RunState.read(from: context.configuration.dataDirectory) != nil
        if self.json {
            say(
                try ReadableJSON.text(
                    Shown(running: isRunning, alarms: state.book.open.map(Shown.OneAlarm.init), reading: reading)))
        } else {
            HealthText(language: language).lines(state, reading, isRunning: isRunning).forEach(say)
        }
        guard isRunning else { throw ExitCode(69) }
        if !state.book.open.isEmpty { throw ExitCode(1) }
    }

    private struct Shown: Encodable {
        struct OneAlarm: Encodable {
            let cause: String
            let severity: String
            let raised: String
            let sv: String
            let en: String
            let runbook: String

            init(_ alarm: Alarm) {
                self.cause = alarm.cause
                self.severity = alarm.severity.rawValue
                self.raised = alarm.raised
                self.sv = alarm.text.sv
                self.en = alarm.text.en
                self.runbook = alarm.runbook
            }
        }

        let running: Bool
        let alarms: [OneAlarm]
        let reading: HealthReading
    }
}

struct AlarmsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarms", abstract: "Try where alarms are told.",
        subcommands: [Test.self], defaultSubcommand: Test.self)

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell every place that alarms go to (log, webhook, e-mail, service desk) a test, and that it is over.",
            discussion: """
                Examples:
                  knutpunkt alarms test --config hub.yaml

                Exit status: 0 all places have it; 1 some couldn't be told, and it says why.
                """)

        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            let language = self.options.language
            let results = await context.testAlarms()
            for (name, error) in results {
                say("\(name): " + (error ?? language(sv: "framme", en: "told")))
            }
            if results.contains(where: { $0.error != nil }) { throw ExitCode(1) }
        }
    }
}
