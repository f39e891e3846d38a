import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import StandIns

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See the whole way on a synthetic municipality, with real queues.",
        discussion: """
            Starts stand-ins of Edlevo, Skola24, Tempus, Unikum, Vega and an e-service and a hub with its own RabbitMQ
            node, and plays a story: full load, absence reported once, applications for school transport, studies broken
            off, a day of changes, an outage, a failure put right and replayed, a kill, an Edlevo that answers with half
            of its persons, term start, everything read again, and the proof that all agree.
            Ends with status 0 only when there are no differences.

            On the scale of Luleå it plays Edlevo and Unikum alone unless --systems all is given: five systems are some
            minutes of work there. With --roles it plays another story: the roles of all staff in Skola24, Skolon, Tempus,
            Unikum and Vega, planned, approved, applied and read back, and term start on top of it.

            Examples:
              knutpunkt demo
              knutpunkt demo --scale lulea --report report.json
              knutpunkt demo --scale lulea --systems all
              knutpunkt demo --roles
              knutpunkt demo --seed 7 --keep ./demo
            """)

    enum ScaleName: String, ExpressibleByArgument, CaseIterable {
        case small, lulea

        var scale: SyntheticMunicipality.Scale { self == .small ? .small : .lulea }
    }

    @Option(help: "How large: small (120 children) or lulea (14,403 children).")
    var scale = ScaleName.small

    enum Systems: String, ExpressibleByArgument, CaseIterable { case all, unikum }

    @Option(
        help:
            "Who takes part beside Edlevo: all (Skola24, Tempus, Unikum, Vega, an e-service) or unikum. Default: all, with lulea unikum."
    )
    var systems: Systems?

    @Flag(help: "Play the roles of the staff at term start instead.") var roles = false

    @Option(help: "The same seed gives the same people.")
    var seed: UInt64 = 1

    @Option(help: "Write the outcome as JSON to this file.")
    var report: String?

    @Flag(help: "Print the outcome as JSON; the story goes to standard error.")
    var json = false

    @Option(
        help: "Officially published test identity numbers, one a line (12 digits). Others carry numbers that can't be issued.")
    var identityNumbers: String?

    @Option(help: "Directory of the mappings.")
    var mappings = "Mappings"

    @Option(help: "Work in this directory and leave it behind.")
    var keep: String?

    @Option(help: "Language: sv or en.")
    var lang: Language?

    func run() async throws {
        let directory =
            self.keep ?? FileManager.default.temporaryDirectory.path
            + "/knutpunkt-demo-\(ProcessInfo.processInfo.processIdentifier)"
        let absolute = URL(fileURLWithPath: directory).standardizedFileURL.path
        var options = Rehearsal.Options(
            scale: self.scale.scale, seed: self.seed, directory: absolute,
            mappings: URL(fileURLWithPath: self.mappings).standardizedFileURL.path, executable: try Self.ownPath())
        if (self.systems ?? (self.scale == .small ? .all : .unikum)) == .all {
            options.others = Set(TwoWaySystem.allCases)
            options.othersEverySeconds = 30
            options.hasSkola24Files = true
            options.hasBreakOffList = true
        }
        if self.roles {
            options.others = [.skola24, .tempus, .vega]
            options.othersEverySeconds = 30
            (options.hasSkola24Files, options.hasBreakOffList) = (false, false)
            (options.hasRoles, options.hasSkolon) = (true, true)
        }
        guard FileManager.default.fileExists(atPath: options.mappings) else {
            throw AppError(
                .notFound, "\(options.mappings): there are no mappings. Run from the project's directory or give --mappings.")
        }
        if let file = self.identityNumbers {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw AppError(.notFound, "\(file): can't be read (--identity-numbers).")
            }
            options.identityNumbers = text.split(whereSeparator: \.isNewline).map { String($0.filter { !$0.isWhitespace }) }
                .filter { !$0.isEmpty }
        }
        if let path = self.report { try Self.checkWritable(path) }
        let outcome: DemoReport
        do {
            outcome = try await Demo(
                options, language: self.lang ?? .preferred(), keepsDirectory: self.keep != nil,
                tellsOnError: self.json
            ).play()
        } catch let error as StandInError {
            throw AppError(.demo, error.message, cause: error)
        }
        if let path = self.report {
            do {
                try outcome.json().write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                throw AppError(
                    .demo, "\(path): the report can't be written. Check the directory and the space on it.", cause: error)
            }
        }
        if self.json { print(String(decoding: try outcome.json(), as: UTF8.self), terminator: "") }
        if outcome.differences != 0 { throw ExitCode(1) }
    }

    /// Said before the story begins, not when it is over.
    private static func checkWritable(_ path: String) throws {
        let files = FileManager.default
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        let isThere = files.fileExists(atPath: path, isDirectory: &isFolder)
        guard !isFolder.boolValue, files.isWritableFile(atPath: isThere ? path : folder) else {
            throw AppError(
                .notFound, "\(path): no report can be written there (--report). Name a file in a folder that is there.")
        }
    }

    /// The program that runs now, to start it again as the hub.
    private static func ownPath() throws -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw AppError(
                .demo, "/proc/self/exe can't be read; the demo starts itself again as the hub and needs its own path.",
                cause: error)
        }
    }
}
