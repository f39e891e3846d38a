import ArgumentParser
import Hub
import KnutpunktApp
import Mapping

struct MappingReload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the running hub take edited mappings into use, and say whether it has.",
        discussion: """
            The hub also sees edited files by itself, within seconds; this waits until it has, and tells errors here. HUP sent
            to the hub does the same. Files with errors are refused, and the mappings of before stay in force. So it is with files
            that give systems more personal data than somebody has accepted (knutpunkt privacy register).

            Examples:
              knutpunkt mapping reload --config hub.yaml
              systemctl reload knutpunkt

            Exit status: 0 in force; 1 refused, the files have errors or wait for acceptance; 66 no hub runs; 69 the hub doesn't answer.
            """)

    private struct Answer: Encodable {
        let inForce: String
        let changed: Bool
        let diagnostics: [String]
        var widening: [Widening]?
    }

    @Flag(help: "As JSON.") var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let outcome = try await MappingReloading(try await self.options.configuration()).run()
        let language = self.options.language
        if self.json { say(try ReadableJSON.text(Self.answer(outcome))) }
        switch outcome {
        case .inForce(let version):
            if !self.json { say(language(sv: "Version \(version) gäller nu.", en: "Version \(version) is in force now.")) }
        case .unchanged(let version):
            if !self.json {
                say(language(sv: "Version \(version) gällde redan.", en: "Version \(version) was in force already."))
            }
        case .refused(let version, let diagnostics):
            if !self.json {
                for diagnostic in diagnostics { say(diagnostic.description) }
                say(
                    language(
                        sv: "Filerna används inte. Version \(version) gäller fortfarande.",
                        en: "The files aren't used. Version \(version) stays in force."))
            }
            throw ExitCode(1)
        case .waits(let version, let widening):
            if !self.json {
                for line in WideningText(widening, language: language).lines { say(line) }
                say(
                    language(
                        sv: "Filerna ger system mer än någon har godkänt. Version \(version) gäller fortfarande. "
                            + "Godkänn: knutpunkt privacy register accept",
                        en: "The files give systems more than somebody has accepted. Version \(version) stays in force. "
                            + "Accept: knutpunkt privacy register accept"))
            }
            throw ExitCode(1)
        }
    }

    private static func answer(_ outcome: MappingReloading.Outcome) -> Answer {
        switch outcome {
        case .inForce(let version): Answer(inForce: version, changed: true, diagnostics: [])
        case .unchanged(let version): Answer(inForce: version, changed: false, diagnostics: [])
        case .refused(let version, let diagnostics):
            Answer(inForce: version, changed: false, diagnostics: diagnostics.map(\.description))
        case .waits(let version, let widening):
            Answer(inForce: version, changed: false, diagnostics: [], widening: widening)
        }
    }
}
