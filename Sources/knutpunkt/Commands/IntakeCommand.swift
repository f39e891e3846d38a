import ArgumentParser
import ConnectorKit
import Foundation
import Hub
import KnutpunktApp

struct IntakeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intake", abstract: "Hand in records of a source.", subcommands: [UploadFile.self])

    struct UploadFile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "upload", abstract: "Hand in a file, as JSON or as the CSV of the source's settings.",
            discussion: """
                It goes the way of what the hub reads from the source: mapping, guard, vault, register, outbox. Without --complete, rows that \
                can't be used are left out and nothing is deleted by absence; with it, the file is all that the source has of the entity, and \
                is taken as a whole or not at all (docs/intake.md).

                Examples:
                  knutpunkt intake upload elever.csv --source friskolan --entity person --dry-run
                  knutpunkt intake upload elever.csv --source friskolan --entity person --complete

                Exit status: 0 taken; 1 some of it couldn't be used, or it waits for approval; 66 no such source; 78 it can't be read.
                """)

        @Argument(help: "The file; its name ends with .csv or .json.") var file: String
        @Option(help: "The source.") var source: String
        @Option(help: "The kind of record, e.g. person.") var entity: String
        @Flag(help: "The file is all that the source has of the entity.") var complete = false
        @Flag(help: "Only tell what would become of it.") var dryRun = false
        @Flag(help: "As JSON.") var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            let isCSV = self.file.lowercased().hasSuffix(".csv")
            guard isCSV || self.file.lowercased().hasSuffix(".json") else {
                throw ValidationError(
                    language(
                        sv: "Filens namn ska sluta med .csv eller .json.", en: "The file's name must end with .csv or .json."))
            }
            guard let data = FileManager.default.contents(atPath: self.file) else {
                throw AppError(
                    .notFound, sv: "\(self.file) går inte att läsa.", en: "\(self.file) can't be read.")
            }
            let context = try await self.options.context()
            try await context.require(.sync, on: [self.source], by: operatorName)
            let what = HandedIn(
                source: self.source, entity: self.entity, data: data, isCSV: isCSV, isComplete: self.complete,
                isDryRun: self.dryRun, units: .all, person: operatorName)
            let report: UploadReport
            do { report = try await context.handIn(what) } catch let refusal as UploadRefusal {
                let isUnknown = refusal.code == .unknownSource || refusal.code == .unknownEntity
                throw AppError(isUnknown ? .notFound : .configuration, sv: refusal.message.sv, en: refusal.message.en)
            }
            if self.json { say(try ReadableJSON.text(Shown(report))) } else { self.tell(report, language) }
            if report.count(.failed) > 0 || report.outcome == .held { throw ExitCode(1) }
        }

        private func tell(_ report: UploadReport, _ language: Language) {
            for row in report.rows {
                guard let problem = row.problem else { continue }
                let place = row.line.map {
                    language(sv: "rad \(row.number) (textrad \($0))", en: "row \(row.number) (line \($0))")
                }
                say(
                    "\(place ?? language(sv: "rad \(row.number)", en: "row \(row.number)")): \(problem.code): "
                        + language(sv: problem.message.sv, en: problem.message.en))
            }
            func told(_ outcome: UploadReport.Row.Outcome, _ sv: String, _ en: String) -> String? {
                let count = report.count(outcome)
                return count == 0 ? nil : "\(count) \(language(sv: sv, en: en))"
            }
            let counts = [
                told(.created, "nya", "new"), told(.updated, "ändrade", "changed"), told(.unchanged, "oförändrade", "unchanged"),
                told(.deleted, "borttagna", "gone"), told(.excluded, "utelämnade", "left out"),
                told(.failed, "oanvändbara", "unusable"),
                report.missing == 0
                    ? nil : language(sv: "\(report.missing) finns inte i filen", en: "\(report.missing) aren't in the file"),
            ].compactMap(\.self).joined(separator: ", ")
            let outcome =
                switch report.outcome {
                case .taken: language(sv: "Taget", en: "Taken")
                case .dryRun: language(sv: "Prov, inget är taget", en: "A trial, nothing was taken")
                case .refused:
                    language(
                        sv: "Inget är taget: filen tas bara som helhet",
                        en: "Nothing was taken: the file is taken as a whole alone")
                case .held:
                    language(
                        sv: "Inget är taget: så många ändringar ska godkännas, se knutpunkt held show \(report.held ?? "")",
                        en: "Nothing was taken: so many changes must be approved, see knutpunkt held show \(report.held ?? "")")
                }
            say("\(outcome): \(counts.isEmpty ? "0" : counts)")
        }

        private struct Shown: Encodable {
            struct Row: Encodable {
                let row: Int
                let line: Int?
                let outcome: String
                let code: String?
                let column: String?
                let sv: String?
                let en: String?
            }

            let source: String
            let entity: String
            let complete: Bool
            let outcome: String
            let missing: Int
            let held: String?
            let rows: [Row]

            init(_ report: UploadReport) {
                self.source = report.source
                self.entity = report.entity
                self.complete = report.isComplete
                self.outcome = report.outcome.rawValue
                self.missing = report.missing
                self.held = report.held
                self.rows = report.rows.map { row in
                    Row(
                        row: row.number, line: row.line, outcome: row.outcome.rawValue, code: row.problem?.code,
                        column: row.problem?.column, sv: row.problem?.message.sv, en: row.problem?.message.en)
                }
            }
        }
    }
}
