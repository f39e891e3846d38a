import ArgumentParser
import Foundation
import Hub
import KnutpunktApp
import SchoolRecords

extension Failed {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All failed messages that match, for a spreadsheet or another program. Without their bodies.",
            discussion: """
                CSV as RFC 4180 has it, with a line of names first, or one JSON object a line.

                Examples:
                  knutpunkt failed export --system unikum > failed.csv
                  knutpunkt failed export --since 2026-08-17T00:00:00Z --format jsonl
                """)

        enum Format: String, ExpressibleByArgument, CaseIterable {
            case csv, jsonl
        }

        @OptionGroup var selection: Selection
        @Option(help: "csv or jsonl.") var format = Format.csv
        @OptionGroup var options: HubOptions

        func run() async throws {
            let context = try await self.options.context()
            var filter = try await self.selection.filter(context)
            filter.limit = 1000
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            if self.format == .csv {
                say(
                    Self.line([
                        "id", "system", "record", "code", "field", "rule", "group", "attempts", "first", "last", "message",
                        "runbook",
                    ]))
            }
            while true {
                let page = try await context.store.list(filter)
                guard let last = page.last else { return }
                filter.after = last.id
                for failure in page {
                    switch self.format {
                    case .csv: say(Self.line(Self.cells(failure)))
                    case .jsonl: say(String(decoding: try encoder.encode(FailureView(failure)), as: UTF8.self))
                    }
                }
            }
        }

        private static func cells(_ message: FailedMessage) -> [String] {
            let failure = message.failure
            return [
                String(message.id), failure.system, failure.key?.description ?? "", failure.code, failure.field ?? "",
                failure.place ?? "", message.fingerprint, String(message.attempts), message.firstAt, message.lastAt,
                failure.message, failure.runbook,
            ]
        }

        private static func line(_ cells: [String]) -> String {
            cells.map { cell in
                cell.contains { $0 == "," || $0 == "\"" || $0.isNewline }
                    ? "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : cell
            }.joined(separator: ",")
        }
    }
}
