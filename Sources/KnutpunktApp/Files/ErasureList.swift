import Foundation
import Glibc

/// Who was erased, kept outside of the store: an older store that is put back learns from it whom it must erase again. A line each: opaque
/// id, time, `erased` or `lifted`; the last line about somebody counts. It names nobody to whoever lacks the hub's key.
struct ErasureList {
    let path: String

    struct Entry: Hashable {
        let person: String
        let time: String
        let isErased: Bool
    }

    /// - Throws: ``AppError`` when the file is there and can't be read, or holds something else.
    func read() throws -> [Entry] {
        guard FileManager.default.fileExists(atPath: self.path) else { return [] }
        guard let text = try? String(contentsOfFile: self.path, encoding: .utf8) else {
            throw AppError(
                .configuration, sv: "\(self.path): listan över raderade kan inte läsas.",
                en: "\(self.path): the list of the erased can't be read.")
        }
        var entries: [String: Entry] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3, ["erased", "lifted"].contains(words[2]) else {
                throw AppError(
                    .configuration, sv: "\(self.path): en rad är ingen radering: \"id tid erased|lifted\".",
                    en: "\(self.path): a line is no erasure: \"id time erased|lifted\".")
            }
            entries[words[0]] = Entry(person: words[0], time: words[1], isErased: words[2] == "erased")
        }
        return entries.values.sorted { ($0.time, $0.person) < ($1.time, $1.person) }
    }

    /// On disk when it returns.
    func add(_ entry: Entry) throws {
        let descriptor = open(self.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        let line = Data("\(entry.person) \(entry.time) \(entry.isErased ? "erased" : "lifted")\n".utf8)
        let count = descriptor < 0 ? -1 : unsafe line.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        let isThere = count == line.count && fsync(descriptor) == 0
        if descriptor >= 0 { close(descriptor) }
        guard isThere else {
            throw AppError(
                .configuration,
                sv:
                    "\(self.path): listan över raderade kan inte skrivas. Ge navets användare rätt till filen (privacy.erasure_list).",
                en:
                    "\(self.path): the list of the erased can't be written. Give the hub's user the right to the file (privacy.erasure_list)."
            )
        }
    }
}
