import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Where a record has been and where it is now: from the source to each receiving system, with times.",
        discussion: """
            WHAT is a person's or another record's id, entity/id (person/4f1c…), system/entity/id for one receiving system, a \
            message's id, failure/17 for a failed message, or a trace: 32 hexadecimal digits, or a whole traceparent. Of a \
            person all records are shown, those that have arrived on one line each; --full shows every step.

            Ids, systems, times, errors and rules are shown, and nothing that stands in a record. What people wrote as their \
            reason is shown as they wrote it.

            Examples:
              knutpunkt trace 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11
              knutpunkt trace person/9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --full
              knutpunkt trace unikum/duty/4f1c2a70-77b1-4f0e-8a70-0c1d2e3f4a5b
              knutpunkt trace failure/17
              knutpunkt trace 4bf92f3577b34da6a3ce929d0e0e4736 --json

            Exit status: 0 everything has arrived or is on its way; 1 something needs somebody; 64 wrong use; 66 no such thing.
            """)

    @Argument(help: "An id, entity/id, system/entity/id, failure/number or a trace.")
    var what: String
    @Flag(help: "Every step of every record.")
    var full = false
    @Option(help: "At most this many records.")
    var limit = 100
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func validate() throws {
        if self.limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let language = self.options.language
        let question: JourneyQuestion
        do throws(JourneyQuestion.Problem) {
            question = try JourneyQuestion(self.what, today: HubClock.system.calendarDate)
        } catch {
            throw ValidationError(error.words(in: language))
        }
        let answer = try await self.options.context().trace(question, limit: self.limit)
        if self.json {
            say(try ReadableJSON.text(answer))
        } else {
            let isColoured = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
            for line in TraceText(language: language, isFull: self.full, isColoured: isColoured).lines(answer) { say(line) }
        }
        if answer.journeys.contains(where: \.needsSomebody) { throw ExitCode(1) }
    }
}

extension JourneyQuestion.Problem {
    func words(in language: Language) -> String {
        switch self {
        case .identityNumber:
            language(
                sv: "Personnummer skrivs inte på kommandoraden: andra på datorn ser det, och det sparas. Ange personens id.",
                en:
                    "An identity number isn't written on a command line: others on this machine see it, and it is kept. Give the person's id."
            )
        case .empty:
            language(
                sv: "Ange ett id, entitet/id, system/entitet/id, failure/nummer eller ett spår, utan mellanslag.",
                en: "Give an id, entity/id, system/entity/id, failure/number or a trace, without spaces.")
        case .noTrace:
            language(
                sv:
                    "Det är inget spår: 32 hexadecimala siffror som inte alla är noll, eller en hel traceparent med små bokstäver.",
                en: "That is no trace: 32 hexadecimal digits that aren't all zero, or a whole traceparent in lower case.")
        }
    }
}
