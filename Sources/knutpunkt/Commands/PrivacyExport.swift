import ArgumentParser
import Foundation
import Hub
import KnutpunktApp

struct PrivacyExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Everything that the hub holds about a person, readable.",
        discussion: """
            For a person's right to see what is kept (GDPR, article 15): records with their history, what each system was given \
            and when, failed messages, decisions, roles, consents, and who has looked. Other persons are named by their ids only. \
            What receiving systems hold besides has to be asked for there.

            The answer is personal data: with --out it goes to a new file that its owner alone can read; a file that is there \
            is left as it is. The audit log gets who asked and why, before anything is looked up. For a person with protected \
            identity, permission protect is needed besides see.

            Examples:
              knutpunkt privacy export 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711" --out utdrag.html --html
              knutpunkt privacy export 9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11 --reason "case 4711" --json | gpg -e -r dso > utdrag.gpg

            Exit status: 0 done; 64 wrong use; 66 nothing is held, or the file is there; 74 the store; 77 not allowed.
            """)

    @Argument(help: "The person's id, or the opaque one that protect told.")
    var person: String
    @Option(help: "Why: kept in the audit log. No personal data.")
    var reason: String
    @Option(help: "A new file for it.")
    var out: String?
    @Flag(help: "As a page for a browser.")
    var html = false
    @Flag(help: "As JSON.")
    var json = false
    @OptionGroup var options: HubOptions

    func run() async throws {
        let language = self.options.language
        guard !(self.html && self.json) else {
            throw ValidationError(language(sv: "Antingen --html eller --json.", en: "Either --html or --json."))
        }
        try requireReason(self.reason, language)
        let id = try personID(self.person, language)
        if let out = self.out, FileManager.default.fileExists(atPath: out) { throw Self.isThere(out) }
        let context = try await self.options.context()
        try await context.require(.see, on: [], by: operatorName)
        let export = try await context.exportPerson(id, reason: self.reason, by: operatorName) {
            try await context.require(.protect, on: [], by: operatorName)
        }
        let data: Data
        if self.json {
            data = try export.json()
        } else {
            data = Data((self.html ? export.html(language) : export.text(language)).utf8)
        }
        guard let out = self.out else { return say(String(decoding: data, as: UTF8.self)) }
        try Self.write(data, to: out)
    }

    private static func isThere(_ path: String) -> AppError {
        AppError(.notFound, sv: "\(path) finns redan: ange en ny fil.", en: "\(path) is there already: name a new file.")
    }

    /// Never readable by others, and never in the place of another file.
    private static func write(_ data: Data, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw Self.isThere(path) }
            throw AppError(.notFound, sv: "\(path) kan inte skrivas.", en: "\(path) can't be written.")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: data + Data("\n".utf8))
            try handle.synchronize()
        } catch {
            throw AppError(.notFound, sv: "\(path) kan inte skrivas.", en: "\(path) can't be written.", cause: error)
        }
    }
}
