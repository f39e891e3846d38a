import ArgumentParser
import Hub
import KnutpunktApp
import Mapping

struct MappingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mapping",
        abstract: "Check, try, explain and compare the mappings.",
        discussion: """
            docs/mapping.md describes the language, docs/mapping.schema.json is for editors.

            Examples:
              knutpunkt mapping check
              knutpunkt mapping test --mappings ./Mappings
              knutpunkt mapping explain unikum person/9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11
              knutpunkt mapping diff /tmp/edited
              knutpunkt mapping reload
            """,
        subcommands: [
            Check.self, Test.self, MappingExplain.self, MappingDiff.self, MappingCoverage.self, MappingFields.self,
            MappingReload.self, MappingSchemaCommand.self,
        ])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell everything that is wrong in the files, with file, line and column.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            let load = try await self.options.configuration().loadMappings()
            for diagnostic in load.diagnostics { say(diagnostic.description) }
            guard let set = load.set else { throw ExitCode(1) }
            let language = self.options.language
            say(
                language(
                    sv: "\(set.systems.count) system, version \(set.version)",
                    en: "\(set.systems.count) systems, version \(set.version)"))
            let inactive = set.inactive.keys.sorted().joined(separator: ", ")
            if !inactive.isEmpty {
                say(
                    language(
                        sv: "Avstängda, kontrollerade ändå: \(inactive). Slå på: systems.<system>.enabled: true",
                        en: "Switched off, checked all the same: \(inactive). Switch on: systems.<system>.enabled: true"))
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Run the examples that stand in the files.")
        @OptionGroup var options: HubOptions

        func run() async throws {
            let load = try await self.options.configuration().loadMappings()
            guard let set = load.set else {
                for diagnostic in load.diagnostics { say(diagnostic.description) }
                throw ExitCode(1)
            }
            let results = set.runExamples()
            let failed = results.filter { !$0.passed }
            for result in failed { say("\(result.file):\(result.line): \(result.difference ?? "")") }
            let language = self.options.language
            say(
                language(
                    sv: "\(results.count - failed.count) av \(results.count) exempel stämmer",
                    en: "\(results.count - failed.count) of \(results.count) examples hold"))
            if !failed.isEmpty { throw ExitCode(1) }
        }
    }
}
