import ArgumentParser
import Hub
import KnutpunktApp

struct ContractCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract", abstract: "The messages that other programs may consume.", subcommands: [Export.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Write the contract as an AsyncAPI document, JSON Schemas and examples, and the HTTP API as an OpenAPI document.",
            discussion: """
                Needs no hub and no configuration. What the contract promises besides stands in docs/contract.md.

                Examples:
                  knutpunkt contract export ./contract
                  knutpunkt contract export ./contract --force --json
                """)

        @Argument(help: "The folder to write into; it is made when it isn't there.") var directory: String
        @Flag(help: "Also into a folder that has something in it.") var force = false
        @Flag(help: "List the files as JSON.") var json = false
        @Option(help: "Language of what people read: sv or en. Default: $KNUTPUNKT_LANG, $LANG, otherwise sv.")
        var lang: Language?

        func run() async throws {
            let export = try ContractExport()
            try export.write(to: self.directory, force: self.force)
            if self.json {
                say(try ReadableJSON.text(["files": export.files]))
                return
            }
            let language = self.lang ?? .preferred()
            say(
                language(
                    sv: "\(export.files.count) filer i \(self.directory)", en: "\(export.files.count) files in \(self.directory)")
            )
        }
    }
}
