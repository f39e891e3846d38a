import ArgumentParser
import Hub
import KnutpunktApp
import LeakScan

extension PrivacyCommand {
    struct Scan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for real data of protected persons outside of the vault.",
            discussion: """
                Looks in the data directory (store, private broker, state, alarms), in the folders by which systems are given \
                files, and in each PATH (logs, backups, exports; a folder with all that is in it) for the names, numbers, addresses \
                and ids of those who are protected now: as they are, in capitals, in UTF-16 and ISO 8859-1, percent-encoded, with the \
                escapes of JSON, XML, HTML and mail, in base64 and hexadecimal, and in gzip, zlib and ZIP. Told are place, offset, form, \
                field and opaque id, never the value; a file whose name gives somebody away is told by its inode (find -inum).

                A value that somebody has who isn't protected is no evidence and isn't looked for alone; how many these are is told. \
                What a system holds of persons for whom it is cleared, in its own folder, is counted apart. A broker of your own \
                keeps its files elsewhere: give their folder as a PATH, on its machine.

                Nothing is changed. The audit log says who looked and why.

                Examples:
                  knutpunkt privacy scan
                  knutpunkt privacy scan /var/log/knutpunkt /srv/backup --reason "monthly, case 4711"
                  knutpunkt privacy scan --json | jq '.leaks | length'

                Exit status: 0 nothing found; 1 something found; 64 wrong use; 66 a PATH isn't there; 69 nothing found, but something \
                couldn't be looked through; 74 the store.
                """)

        @Argument(help: "More files and folders to look through.")
        var path: [String] = []
        @Option(help: "Why: kept in the audit log. No personal data.")
        var reason = "looking for leaks"
        @Flag(help: "As JSON.")
        var json = false
        @OptionGroup var options: HubOptions

        func run() async throws {
            let language = self.options.language
            try requireReason(self.reason, language)
            let context = try await self.options.context()
            let scan = try await context.scanForLeaks(also: self.path, reason: self.reason, by: operatorName)
            if self.json {
                say(try ReadableJSON.text(scan))
            } else {
                for line in PrivacyScanText(language: language).lines(scan) { say(line) }
            }
            if !scan.leaks.isEmpty { throw ExitCode(1) }
            if !scan.unread.isEmpty { throw ExitCode(69) }
        }
    }
}

/// What a search for leaks found, for people.
struct PrivacyScanText {
    let language: Language

    func lines(_ scan: PrivacyScan) -> [String] {
        var lines = scan.leaks.map { leak in
            let name = leak.isInName ? self.language(sv: " (i namnet)", en: " (in the name)") : ""
            let times = leak.count > 1 ? " × \(leak.count)" : ""
            return "\(leak.place)\(name):\(leak.offset)  \(leak.field)  \(self.forms(leak.forms))  \(leak.owner)\(times)"
        }
        lines.append(
            self.language(
                sv:
                    "\(scan.leaks.count) fynd. \(scan.texts) texter om \(scan.persons) skyddade personer söktes i \(scan.files) filer, \(scan.bytes) byte.",
                en:
                    "\(scan.leaks.count) found. \(scan.texts) texts of \(scan.persons) protected persons were looked for in \(scan.files) files, \(scan.bytes) bytes."
            ))
        for (system, count) in scan.cleared.sorted(by: { $0.key < $1.key }) {
            lines.append(
                self.language(
                    sv: "\(system): \(count) i dess egen mapp, om personer som det får ha uppgifter om.",
                    en: "\(system): \(count) in its own folder, of persons for whom it is cleared."))
        }
        for (system, count) in scan.handedOver.sorted(by: { $0.key < $1.key }) {
            lines.append(
                self.language(
                    sv: "\(system): \(count) i filer som källan själv har lämnat.",
                    en: "\(system): \(count) in files that the source itself left."
                ))
        }
        let shared = scan.shared.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        if !shared.isEmpty {
            lines.append(
                self.language(
                    sv: "Söktes inte ensamma, eftersom någon utan skydd också har dem: \(shared).",
                    en: "Not looked for alone, as somebody without protection has them too: \(shared)."))
        }
        if scan.short > 0 {
            lines.append(
                self.language(
                    sv: "Söktes inte ensamma, eftersom de är för korta: \(scan.short).",
                    en: "Not looked for alone, as they are too short: \(scan.short)."))
        }
        for (place, why) in scan.unread.sorted(by: { $0.key < $1.key }) {
            lines.append(self.language(sv: "INTE GENOMSÖKT \(place): \(why)", en: "NOT LOOKED THROUGH \(place): \(why)"))
        }
        return lines
    }

    private func forms(_ forms: [LeakForm]) -> String {
        forms.map { form in
            switch form {
            case .plain: self.language(sv: "klartext", en: "plain")
            case .escaped: self.language(sv: "kodade tecken", en: "escaped")
            case .compressed: self.language(sv: "komprimerat", en: "compressed")
            case .hexadecimal: self.language(sv: "hexadecimalt", en: "hexadecimal")
            case .latin1, .utf16LE, .utf16BE, .base64: form.rawValue
            }
        }.joined(separator: " › ")
    }
}
