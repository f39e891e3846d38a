import Foundation
import LeakScan
import TestChance
import Testing

@Suite("Texts are found, whichever way they are written")
struct LeakScannerTests {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyzåäöéABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ")

    private static func text(_ random: inout SeededRandom) -> String {
        let length = Int.random(in: 8...24, using: &random)
        var text = String((0..<length).map { _ in Self.letters.randomElement(using: &random) ?? "a" })
        // Always something that escapes and encodings treat in their own ways.
        text.insert("ö", at: text.index(text.startIndex, offsetBy: 4))
        if Bool.random(using: &random) { text.insert(" ", at: text.index(text.startIndex, offsetBy: 6)) }
        return text
    }

    private static func noise(_ count: Int, _ random: inout SeededRandom) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    private static func tokens(_ count: Int, _ random: inout SeededRandom) -> [(token: LeakToken, text: String)] {
        (0..<count).map { number in
            let text = Self.text(&random)
            return (LeakToken(owner: "p\(number)", field: "f", text: text), text)
        }
    }

    @Test(arguments: Disguise.allCases)
    func `a text in random bytes is found in every form, at its place and once`(disguise: Disguise) {
        var random = SeededRandom(seed: 17)
        let tokens = Self.tokens(300, &random)
        let scanner = LeakScanner(tokens.map(\.token))
        for (token, text) in tokens.prefix(40) {
            let before = Self.noise(Int.random(in: 0...900, using: &random), &random) + [0x2E]
            let planted = disguise.bytes(text, &random)
            let hits = scanner.hits(in: before + planted + [0x2E] + Self.noise(300, &random))
            #expect(hits.map(\.token) == [token], "\(disguise): \(text) \(hits)")
            for hit in hits {
                #expect(hit.offset >= before.count && hit.offset < before.count + planted.count, "\(disguise): \(text)")
            }
        }
    }

    @Test(arguments: Disguise.allCases)
    func `a text is found over every border of what is looked through at a time, and of the pieces that come`(disguise: Disguise)
    {
        var random = SeededRandom(seed: 23)
        let tokens = Self.tokens(3, &random)
        let scanner = LeakScanner(tokens.map(\.token))
        let planted = disguise.bytes(tokens[1].text, &random)
        let window = 512
        for shift in 0...(planted.count + 2) {
            // The border falls on each byte of it in turn.
            let before = [UInt8](repeating: 0x2E, count: window - shift > 0 ? window - shift : 3 * window - shift)
            let bytes = before + planted + [UInt8](repeating: 0x2E, count: 4000)
            let reading = scanner.reading(window: window)
            let cut = before.count + shift % (planted.count + 1)
            let hits = reading.read(Array(bytes[..<cut])) + reading.read(Array(bytes[cut...])) + reading.finish()
            #expect(hits.map(\.token) == [tokens[1].token], "\(disguise) at \(shift)")
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `nothing is found in random bytes, texts and records`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let scanner = LeakScanner(Self.tokens(400, &random).map(\.token))
        #expect(scanner.hits(in: Self.noise(200_000, &random)).isEmpty)
        let words = (0..<300).map { _ in Self.text(&random) }
        let lines = (0..<500).map { number in
            #"{"id":"\#(number)-9d2c7a52-0a0e","name":"\#(words.randomElement(using: &random) ?? "")","data":"\#(Data(Self.noise(48, &random)).base64EncodedString())","u":"%C3%A5\u00e5&aring;"}"#
        }
        #expect(scanner.hits(in: lines.joined(separator: "\n").utf8).isEmpty)
    }

    @Test func `what gzip and zip write is opened`() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/knutpunkt-leaks-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var random = SeededRandom(seed: 3)
        let text = "Qvårtsbergåström"
        let content =
            Array(Data(Self.noise(200_000, &random)).base64EncodedString().utf8) + Array(text.utf8) + Self.noise(70_000, &random)
        try Data(content).write(to: URL(fileURLWithPath: folder + "/plain.bin"))
        for script in [
            "gzip -9 < plain.bin > a.gz", "cat a.gz a.gz > twice.gz",
            "python3 -c 'import zipfile; z = zipfile.ZipFile(\"b.zip\", \"w\", zipfile.ZIP_DEFLATED); z.write(\"plain.bin\", \"x.bin\"); z.close()'",
            "python3 -c 'import zlib; open(\"c.z\", \"wb\").write(b\"head\" + zlib.compress(open(\"plain.bin\", \"rb\").read()))'",
            "tar czf d.tgz plain.bin", "rm plain.bin",
        ] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "cd \(folder) && \(script)"]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(script)")
        }
        let search = LeakSearch(LeakScanner([LeakToken(owner: "p", field: "name", text: text)]))
        search.search(path: folder)
        let found = search.report.findings.map { "\($0.place.dropFirst(folder.count + 1)) \($0.count)" }
        #expect(found == ["a.gz 1", "b.zip 1", "c.z 1", "d.tgz 1", "twice.gz 2"])
        #expect(search.report.findings.allSatisfy { $0.forms == [.compressed, .plain] })
        #expect(search.report.places == 5 && search.report.unread.isEmpty)
    }

    @Test func `words and numbers are found whole alone`() {
        let scanner = LeakScanner([
            LeakToken(owner: "a", field: "name", text: "Lindgren", border: .word),
            LeakToken(owner: "b", field: "number", text: "070-1740605", border: .number),
            LeakToken(owner: "c", field: "name", text: "Åberg", border: .word),
        ])
        func found(_ text: String) -> [String] { scanner.hits(in: text.utf8).map(\.token.owner) }
        #expect(found("Lindgren;Åberg,070-1740605") == ["a", "c", "b"])
        #expect(found("lindgren_x.csv") == ["a"])
        #expect(found("Lindgrenska skolan, Blåberg, 070-17406051, 1070-1740605") == [])
        #expect(scanner.hits(in: "Max xÅberg".data(using: .utf16LittleEndian) ?? Data()).isEmpty)
        #expect(scanner.hits(in: " Åberg ".data(using: .utf16LittleEndian) ?? Data()).map(\.token.owner) == ["c"])
        #expect(scanner.hits(in: " Åberg ".data(using: .isoLatin1) ?? Data()).map(\.token.owner) == ["c"])
    }

    @Test func `a name that others have is found beside the person's other name alone`() {
        let scanner = LeakScanner([LeakToken(owner: "a", field: "names", text: "Andersson", companion: "Åsa", between: ["Maria"])]
        )
        func found(_ text: String) -> Int { scanner.hits(in: text.utf8).count }
        for text in [
            "Åsa Andersson", "andersson, åsa", "Andersson;Åsa", #"{"givenName":"Åsa","familyName":"Andersson"}"#,
            "Åsa Maria Andersson",
            "<given>Åsa</given>\n<family>Andersson</family>", "asa/Åsa_Andersson.csv", "%C3%85sa+Andersson",
            "Åsa-Lisa Andersson Åsa",
        ] { #expect(found(text) == 1, "\(text)") }
        for text in ["Åsa Berg, Bo Andersson", "Andersson", "Andersson Bo", "Åsas Andersson", "Åsa är inte Andersson"] {
            #expect(found(text) == 0, "\(text)")
        }
        #expect(scanner.hits(in: "Åsa Andersson".data(using: .utf16BigEndian) ?? Data()).count == 1)
    }

    @Test func `a token never shows its text`() {
        let token = LeakToken(owner: "p", field: "familyName", text: "Hemlig")
        var dumped = ""
        dump(token, to: &dumped)
        for text in ["\(token)", String(reflecting: token), dumped] { #expect(!text.contains("Hemlig"), "\(text)") }
    }

    @Test func `a name of a file is told by its number, and what can't be opened is told`() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/knutpunkt-leaks-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("nothing".utf8).write(to: URL(fileURLWithPath: folder + "/HEMLIGSSON.csv"))
        try Data([0x28, 0xB5, 0x2F, 0xFD, 1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/b.zst"))
        let search = LeakSearch(LeakScanner([LeakToken(owner: "p", field: "familyName", text: "Hemligsson")]))
        search.search(path: folder)
        search.search(path: folder + "/none")
        search.search("to hemligsson".utf8, at: "header")
        let report = search.report
        #expect(report.findings.map(\.isInName) == [true, false])
        #expect(report.findings.allSatisfy { !$0.place.lowercased().contains("hemlig") })
        #expect(report.unread.keys.sorted() == ["\(folder)/b.zst", "\(folder)/none"])
    }
}
