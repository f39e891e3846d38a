import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

extension Failed {
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Correct failed messages: another content for this system, until the source has been mended.",
            discussion: """
                The register keeps what the source says, and the next change of the record goes as it is. Identity, \
                protection and the hub's own fields can't be corrected. A correction is sent by the next replay of the \
                message and can be undone until then; the audit log says who made it and why.

                What stands in --field is seen by others on this machine while the command runs: give personal data with \
                --file, which holds the whole record as knutpunkt failed show --record prints it.

                Examples:
                  knutpunkt failed edit 17 --field enrolments[0].schoolYear=4 --reason "year missing in Edlevo" --dry-run
                  knutpunkt failed edit --group 4f1c2a --field description="2752 Lärare" --reason "title without code"
                  knutpunkt failed edit 17 --file record.json --reason "address in two lines"
                  knutpunkt failed edit 17 --approve
                  knutpunkt failed edit 17 --undo
                """)
        @Argument(help: "Numbers of failed messages.") var ids: [Int64] = []
        @OptionGroup var selection: Selection
        @Option(help: "A place in the record and its new value, e.g. emails[0].value=a@b.example. JSON, or else text.")
        var field: [String] = []
        @Option(help: "A place in the record whose content is taken away.") var remove: [String] = []
        @Option(help: "A file with the whole corrected record, for one message.") var file: String?
        @Option(help: "Why. No personal data.") var reason: String?
        @Flag(help: "Let corrections by somebody else go.") var approve = false
        @Flag(help: "Take corrections back.") var undo = false
        @Flag(name: .long, help: "Say what would be sent of each, and change nothing.") var dryRun = false
        @OptionGroup var options: HubOptions

        private var changesContent: Bool { !self.field.isEmpty || !self.remove.isEmpty || self.file != nil }

        func validate() throws {
            guard !self.ids.isEmpty || !self.selection.isEmpty else {
                throw ValidationError("Say which: numbers, --group, --system, --entity, --record, --code, --since or --until.")
            }
            guard [self.approve, self.undo, self.changesContent].count(where: { $0 }) == 1 else {
                throw ValidationError("Say what: --field and --remove, --file, --approve or --undo.")
            }
            if self.file != nil, self.ids.count != 1 || !self.field.isEmpty || !self.remove.isEmpty {
                throw ValidationError("--file is the whole record of one message.")
            }
            if self.changesContent, self.reason?.allSatisfy(\.isWhitespace) ?? true {
                throw ValidationError("--reason must say why.")
            }
            for change in self.field where !change.contains("=") {
                throw ValidationError("--field \(change): write it as place=value.")
            }
        }

        func run() async throws {
            let context = try await self.options.context()
            let language = self.options.language
            var filter = try await self.selection.filter(context)
            filter.ids = self.ids
            let failures = try await context.store.list(filter)
            guard !failures.isEmpty else {
                throw AppError(
                    .notFound,
                    language(sv: "Inget öppet misslyckat meddelande stämmer.", en: "No open failed message matches."))
            }
            if !self.dryRun {
                try await context.require(
                    self.approve ? .approve : .edit, on: Set(failures.map(\.failure.system)), by: operatorName)
            }
            var (done, problems): (Int, [String]) = (0, [])
            for failure in failures {
                do {
                    if self.approve {
                        try await context.store.approveEdit(of: failure.id, by: operatorName, time: HubClock.system.timestamp)
                    } else if self.undo {
                        try await context.store.undoEdit(of: failure.id, by: operatorName, time: HubClock.system.timestamp)
                    } else {
                        try await self.correct(failure, context)
                    }
                    done += 1
                } catch let problem as MessageEdit.Problem {
                    problems.append("\(failure.id): \(problem)")
                } catch let refusal as EditRefusal {
                    problems.append("\(refusal)")
                }
            }
            if !self.dryRun { say(self.summary(done, of: failures.count, context)) }
            guard problems.isEmpty else { throw AppError(.notFound, problems.joined(separator: "\n")) }
        }

        private func correct(_ failure: FailedMessage, _ context: HubContext) async throws {
            guard failure.failure.stage == .delivery, let key = failure.failure.key,
                let record = try await context.store.records([key])[key]
            else { throw EditRefusal(failure: failure.id, reason: .overtaken) }
            let original = try JSONValue(parsing: record.body)
            let (edited, fields) = try MessageEdit.check(try self.edited(original), of: key.entity, original: original)
            if self.dryRun {
                let forecast = ReplayForecast(store: context.store, mappings: context.mappings)
                guard let outcome = try await forecast.outcome(of: failure, corrected: edited.canonicalData) else { return }
                return say(
                    ForecastView(failure, outcome).text(self.options.language) + "  [\(fields.joined(separator: ", "))]")
            }
            try await context.store.edit(
                FailureEdit(
                    failure: failure.id, sequence: record.sequence, body: edited.canonicalData, fields: fields,
                    reason: self.reason ?? "", person: operatorName, time: HubClock.system.timestamp,
                    needsApproval: context.configuration.editsNeedApproval))
        }

        /// The record with what was asked for.
        private func edited(_ original: JSONValue) throws -> JSONValue {
            if let file = self.file {
                guard let data = FileManager.default.contents(atPath: file), let record = try? JSONValue(parsing: data) else {
                    throw MessageEdit.Problem(description: "\(file) can't be read as JSON.")
                }
                return record
            }
            var changes: [MessageEdit.Change] = self.field.map { text in
                let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let value = String(parts[1])
                return MessageEdit.Change(
                    path: String(parts[0]), value: (try? JSONValue(parsing: Data(value.utf8))) ?? .string(value))
            }
            changes += self.remove.map { MessageEdit.Change(path: $0, value: nil) }
            return try MessageEdit.apply(changes, to: original)
        }

        private func summary(_ done: Int, of number: Int, _ context: HubContext) -> String {
            let language = self.options.language
            let which = self.selection.group.map { "--group \($0)" } ?? self.ids.map(String.init).joined(separator: " ")
            if self.undo {
                return language(sv: "\(done) av \(number) rättelser ångrade.", en: "\(done) of \(number) corrections undone.")
            }
            if self.changesContent, context.configuration.editsNeedApproval {
                return language(
                    sv: "\(done) av \(number) rättade. En annan person godkänner: ",
                    en: "\(done) of \(number) corrected. Somebody else approves: ") + "knutpunkt failed edit \(which) --approve"
            }
            return language(
                sv: "\(done) av \(number) rättade. Sänd dem: ", en: "\(done) of \(number) corrected. Send them: ")
                + "knutpunkt failed replay \(which)"
        }
    }
}
