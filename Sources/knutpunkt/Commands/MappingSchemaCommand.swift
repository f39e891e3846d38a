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
              knutpunkt mapping schema --roles > roles.schema.json
              knutpunkt mapping schema --role-catalog > role-catalog.schema.json
              knutpunkt mapping schema --privacy > privacy.schema.json

            In an editor with yaml-language-server, the first line of a mapping file names it:
              # yaml-language-server: $schema=../../docs/mapping.schema.json
            """)

    @Flag(help: "The schema of system.yaml: directions and limits.") var system = false

    @Flag(help: "The schema of roles.yaml: who gets which role where.") var roles = false
    @Flag(help: "The schema of roles/<system>.yaml: the roles that a system has.") var roleCatalog = false
    @Flag(help: "The schema of privacy.yaml: what systems may be given of protected persons.") var privacy = false

    func validate() throws {
        if [self.system, self.roles, self.roleCatalog, self.privacy].filter(\.self).count > 1 {
            throw ValidationError("Say one of --system, --roles, --role-catalog and --privacy.")
        }
    }

    func run() async throws {
        let schema =
            if self.system {
                MappingSchema.system
            } else if self.roles {
                MappingSchema.roles
            } else if self.roleCatalog {
                MappingSchema.roleCatalog
            } else if self.privacy {
                MappingSchema.privacy
            } else {
                MappingSchema.json
            }
        say(try ReadableJSON.text(schema))
    }
}
