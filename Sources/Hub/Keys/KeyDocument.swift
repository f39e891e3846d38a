import Crypto
public import Foundation

/// What is wrong with a document of keys. Holds nothing of what is in it.
public struct KeyDocumentProblem: Error, Sendable, CustomStringConvertible {
    public let description: String
}

/// The hub's keys as they are kept outside of the store.
///
/// Two kinds: the *lasting* ones make opaque ids, blind indexes, fictitious identities and addresses, which must stay what they are;
/// the *generations* seal what the store keeps, and are replaced by `knutpunkt keys rotate` and after an erasure. The last generation
/// seals; earlier ones only open what hasn't been sealed anew yet.
///
/// As text, a line each: `knutpunkt-keys 2`, `lasting <purpose> <base64>`, `generation <number> <made> <base64>`. A single line of base64 is
/// the document of the first version: everything is derived from it.
public struct KeyDocument: Sendable {
    /// A key that seals the store.
    public struct Generation: Sendable {
        /// From 1, growing.
        public let number: Int
        /// RFC 3339 in UTC; `nil` for the first one of an old file.
        public let made: String?
        let secret: SymmetricKey
    }

    /// What the lasting keys are for.
    enum Purpose: String, CaseIterable {
        case name, notice, console, token, receiver, identity

        /// How the first version derived it.
        var derivation: String {
            switch self {
            case .name: "knutpunkt.name.v1"
            case .notice: "knutpunkt.notice.v1"
            case .console: "knutpunkt.console.v1"
            case .token: "knutpunkt.token.v1"
            case .receiver: "knutpunkt.cleared.v1"
            case .identity: "knutpunkt.fictitious.v1"
            }
        }
    }

    private static let title = "knutpunkt-keys 2"
    static let keyBytes = 32

    let lasting: [Purpose: SymmetricKey]
    /// The oldest first.
    public private(set) var generations: [Generation]

    /// The last generation: the one that seals.
    public var current: Int { self.generations.last?.number ?? 1 }
    /// Whether a change of keys has been begun and not ended.
    public var isChanging: Bool { self.generations.count > 1 }

    /// What the first version made of a file.
    ///
    /// - Parameter material: at least 32 random bytes.
    public init(material: Data) {
        let root = SymmetricKey(data: material)
        func derived(_ info: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: Data(info.utf8), outputByteCount: Self.keyBytes)
        }
        self.lasting = Dictionary(uniqueKeysWithValues: Purpose.allCases.map { ($0, derived($0.derivation)) })
        self.generations = [Generation(number: 1, made: nil, secret: derived("knutpunkt.seal.v1"))]
    }

    /// New keys.
    ///
    /// - Parameter time: RFC 3339 in UTC.
    public init(new time: String) {
        self.lasting = Dictionary(uniqueKeysWithValues: Purpose.allCases.map { ($0, SymmetricKey(size: .bits256)) })
        self.generations = [Generation(number: 1, made: time, secret: SymmetricKey(size: .bits256))]
    }

    /// - Parameter text: either form; what was decoded of it is overwritten in memory.
    public init(text: Data) throws(KeyDocumentProblem) {
        let lines = text.split(separator: UInt8(ascii: "\n")).map { line in
            line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t") }.map { Data($0) }
        }.filter { !$0.isEmpty && $0[0].first != UInt8(ascii: "#") }
        func word(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }
        if lines.count == 1, lines[0].count == 1 {
            guard var material = Data(base64Encoded: lines[0][0]), material.count >= Self.keyBytes else {
                throw KeyDocumentProblem(description: "it must hold at least 32 bytes in base64")
            }
            defer { material.resetBytes(in: 0..<material.count) }
            self.init(material: material)
            return
        }
        guard let title = lines.first?.map(word).joined(separator: " "), title == Self.title else {
            throw KeyDocumentProblem(description: "it begins with neither base64 nor \"\(Self.title)\"")
        }
        func secret(_ data: Data) throws(KeyDocumentProblem) -> SymmetricKey {
            guard var bytes = Data(base64Encoded: data), bytes.count == Self.keyBytes else {
                throw KeyDocumentProblem(description: "a key in it isn't 32 bytes in base64")
            }
            defer { bytes.resetBytes(in: 0..<bytes.count) }
            return SymmetricKey(data: bytes)
        }
        var lasting: [Purpose: SymmetricKey] = [:]
        var generations: [Generation] = []
        for line in lines.dropFirst() {
            switch (word(line[0]), line.count) {
            case ("lasting", 3): if let purpose = Purpose(rawValue: word(line[1])) { lasting[purpose] = try secret(line[2]) }
            case ("generation", 4):
                guard let number = Int(word(line[1])), (1...Int(UInt16.max)).contains(number),
                    number > generations.last?.number ?? 0
                else { throw KeyDocumentProblem(description: "the numbers of its generations don't grow") }
                let made = word(line[2])
                generations.append(Generation(number: number, made: made == "-" ? nil : made, secret: try secret(line[3])))
            default: throw KeyDocumentProblem(description: "it has a line that this version doesn't know")
            }
        }
        guard lasting.count == Purpose.allCases.count, !generations.isEmpty else {
            throw KeyDocumentProblem(description: "keys are missing in it")
        }
        self.init(lasting: lasting, generations: generations)
    }

    private init(lasting: [Purpose: SymmetricKey], generations: [Generation]) {
        self.lasting = lasting
        self.generations = generations
    }

    /// As it is kept: whoever gets it overwrites it when it is written.
    public func text() -> Data {
        var text = Data("\(Self.title)\n".utf8)
        func add(_ words: String, _ key: SymmetricKey) {
            text.append(Data("\(words) ".utf8))
            var encoded = key.withUnsafeBytes { unsafe Data($0) }.base64EncodedData()
            text.append(encoded)
            encoded.resetBytes(in: 0..<encoded.count)
            text.append(UInt8(ascii: "\n"))
        }
        for purpose in Purpose.allCases { if let key = self.lasting[purpose] { add("lasting \(purpose.rawValue)", key) } }
        for generation in self.generations { add("generation \(generation.number) \(generation.made ?? "-")", generation.secret) }
        return text
    }

    /// The same with a new generation that seals from now on.
    public func adding(made time: String) throws(KeyDocumentProblem) -> KeyDocument {
        guard self.current < Int(UInt16.max) else { throw KeyDocumentProblem(description: "there are no numbers left") }
        var document = self
        document.generations.append(Generation(number: self.current + 1, made: time, secret: SymmetricKey(size: .bits256)))
        return document
    }

    /// The same without the generations before the last.
    public func droppingEarlier() -> KeyDocument {
        var document = self
        document.generations = Array(self.generations.suffix(1))
        return document
    }
}
