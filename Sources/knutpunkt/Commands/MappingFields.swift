import ArgumentParser
import KnutpunktApp
import Mapping

struct MappingFields: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, csv, html, json }

    static let configuration = CommandConfiguration(
        commandName: "fields",
        abstract: "Tell which personal data goes to which system, from where, and why: the register of processing.",
        discussion: """
            The purposes are those that the mapping files say (purpose:). A field counts as personal data when it comes from
            a record about a person or stands in a row that has such a field. With --all the other fields too.

            Examples:
              knutpunkt mapping fields
              knutpunkt mapping fields --system unikum --format csv > unikum.csv
              knutpunkt mapping fields --format html > register.html

            Exit status: 0 told; 1 told, and personal data is given without a purpose; 78 the mappings have errors.
            """)

    @Option(help: "One system only.") var system: String?
    @Option(help: "table, csv, html or json.") var format = Format.table
    @Flag(help: "As JSON.") var json = false
    @Flag(help: "Fields too that aren't personal data.") var all = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let configuration = try await self.options.configuration()
        let load = configuration.loadMappings()
        guard let set = load.set else {
            throw AppError(.mappings, load.diagnostics.map(\.description).joined(separator: "\n"))
        }
        if let system, set.provisions[system] == nil { _ = try set.system(system) }
        let uses = set.fieldUses.filter { (self.all || $0.isPersonal) && (self.system == nil || $0.system == self.system) }
        let table = FieldRegister(uses, language: self.options.language)
        switch self.json ? .json : self.format {
        case .table: for line in table.text { say(line) }
        case .csv: say(table.csv)
        case .html: say(table.html)
        case .json: say(try ReadableJSON.text(uses))
        }
        if uses.contains(where: { $0.isPersonal && $0.purpose == nil }) { throw ExitCode(1) }
    }
}
