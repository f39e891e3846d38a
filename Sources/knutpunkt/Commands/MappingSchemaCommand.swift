import ArgumentParser
import KnutpunktApp
import Mapping

struct MappingSchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Write the JSON Schema of mapping files, for editors that complete and check YAML.",
        discussion: """
            Examples:
              knutpunkt mapping schema > mapping.schema.json
              knutpunkt mapping schema --system > system.schema.json

            In an editor with yaml-language-server, the first line of a mapping file names it:
              # yaml-language-server: $schema=../../docs/mapping.schema.json
            """)

    @Flag(help: "The schema of system.yaml: directions and limits.") var system = false

    func run() async throws { say(try ReadableJSON.text(self.system ? MappingSchema.system : MappingSchema.json)) }
}
