import ArgumentParser
import Foundation
import KnutpunktApp

/// The command line.
@main
struct Knutpunkt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "knutpunkt",
        abstract: "Integration hub for school systems.",
        discussion: """
            Records walk from source systems through RabbitMQ queues, translated by the files in Mappings/, into the
            systems that need them. Failed messages are kept, explained and replayed.

            Examples:
              knutpunkt demo                         see the whole way on a synthetic municipality
              knutpunkt doctor --config hub.yaml     check broker, store, mappings and systems
              knutpunkt serve --config hub.yaml      run the hub
              knutpunkt failed groups                what needs somebody now, by cause
              knutpunkt held                         mass changes that wait for approval
              knutpunkt roles plan --term HT2026     who gets which role, and what has to be done
              knutpunkt reconcile                    whether the systems agree, and what to do where they don't
              knutpunkt quality                      what the sources lack, and whose task it is
              knutpunkt interop --fields             what each system gets of each field, and how
              knutpunkt protect PERSON --reason …    hide somebody from every system, at once
              knutpunkt trace person/4f1c…           where a record has been, and where it is now

            Exit status: 0 done; 1 done, with differences, failures or findings (reconcile and interop: 2); 64 wrong use;
            66 no such thing;
            69 something outside can't be reached; 74 the store; 75 try again; 77 not allowed; 78 wrong set-up.
            """,
        version: HubContext.programVersion,
        subcommands: [
            Serve.self, DemoCommand.self, Sync.self, NoticesCommand.self, Resend.self, Failed.self, Held.self, TraceCommand.self,
            PersonCommand.self, Protect.self, Unprotect.self, PrivacyCommand.self, AuditCommand.self, PermissionsCommand.self,
            Status.self, HealthCommand.self, AlarmsCommand.self,
            DoctorCommand.self, ReportCommand.self, QualityCommand.self, ReconcileCommand.self, Interop.self, Roles.self,
            MappingCommand.self, APICommand.self, BrokerCommand.self, ContractCommand.self, ConsoleCommand.self,
            IntakeCommand.self, KeysCommand.self,
        ])

    static func main() async {
        // A broken pipe (a pager closed early) is an error of a write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        CoreDumps.switchOff()
        do {
            var command = try Self.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard let error = AppError(error) else { Self.exit(withError: error) }
            FileHandle.standardError.write(Data(ErrorText(error, arguments: CommandLine.arguments).text.utf8))
            Foundation.exit(error.exitCode)
        }
    }
}
