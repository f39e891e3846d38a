public import Crypto
public import Foundation
public import SchoolRecords

/// A sealed text couldn't be opened: another key, or changed bytes.
public struct SealBroken: Error, Sendable, CustomStringConvertible {
    public var description: String { "sealed data can't be opened with this key" }
}

/// The hub's key, and what is derived from it: sealing at rest, and opaque ids.
///
/// Personal data is sealed with a data key per person, which this key wraps; deleting a data key erases the person.
public struct HubKey: Sendable {
    private let ring: KeyRing
    private let lasting: [KeyDocument.Purpose: SymmetricKey]
    /// Begun with the key for names, and copied for each text: what begins it costs as much as a short text.
    private let naming: HMAC<SHA256>

    /// The first and only generation, without a place where others come from.
    ///
    /// - Parameter material: at least 32 random bytes.
    public init(material: Data) { self.init(KeyDocument(material: material)) }

    /// - Parameter reload: reads the document again, when another process has changed the keys.
    public init(_ document: KeyDocument, reload: (@Sendable () throws -> KeyDocument)? = nil) {
        self.ring = KeyRing(document, reload: reload)
        self.lasting = document.lasting
        self.naming = HMAC(key: Self.key(.name, of: document.lasting))
    }

    private func lasting(_ purpose: KeyDocument.Purpose) -> SymmetricKey { Self.key(purpose, of: self.lasting) }

    private static func key(_ purpose: KeyDocument.Purpose, of lasting: [KeyDocument.Purpose: SymmetricKey]) -> SymmetricKey {
        // A document has them all.
        lasting[purpose] ?? SymmetricKey(size: .bits256)
    }

    /// The first 16 bytes of the authentication code of a text or content, with the key for names.
    private func name(_ data: Data) -> [UInt8] {
        var code = self.naming
        code.update(data: data)
        return Array(code.finalize().prefix(16))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// Bytes as hexadecimal digits.
    ///
    /// - Parameter dashes: before which bytes a dash stands.
    private static func hex(_ bytes: [UInt8], dashes: Set<Int> = []) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count + dashes.count)
        for (place, byte) in bytes.enumerated() {
            if dashes.contains(place) { text.append(UInt8(ascii: "-")) }
            text.append(Self.digits[Int(byte >> 4)])
            text.append(Self.digits[Int(byte & 0x0F)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Where a UUID has its dashes.
    private static let dashes: Set = [4, 6, 8, 10]

    // MARK: Generations

    /// The generation that seals now.
    public var generation: Int { self.ring.current }

    /// Goes by another document from now on, in all copies of this key. A generation that isn't in it opens for ten minutes more, for what a read
    /// under way has fetched.
    public func adopt(_ document: KeyDocument) { self.ring.adopt(document) }

    /// Seals with this generation from now on, reading the document again when that isn't the one in use.
    ///
    /// - Throws: ``KeyDocumentProblem`` when the document has no such generation.
    public func follow(_ generation: Int) throws { try self.ring.follow(generation) }

    /// The bytes that begin everything which this generation has sealed.
    public static func header(of generation: Int) -> Data { Data(KeyRing.header(generation)) }

    /// What the header of every generation begins with.
    public static var sealMark: Data { Data(KeyRing.mark) }

    /// The generation that something is sealed with; `nil` for what the first version sealed, and for what is sealed with a data key.
    public static func generation(of sealed: Data) -> Int? { KeyRing.generation(of: sealed) }

    /// What the console seals and signs with for a purpose: what it gives browsers to keep.
    public func consoleKey(_ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: self.lasting(.console), info: Data(purpose.utf8), outputByteCount: 32)
    }

    /// What real data of protected persons is encrypted with on its way to one receiving system, and to no other.
    public func clearedKey(for system: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: self.lasting(.receiver), info: Data(system.utf8), outputByteCount: 32)
    }

    /// Bytes by which a fictitious identity is chosen: always the same for a person, and not to be guessed without this key.
    ///
    /// - Parameter round: another choice, when the first is taken.
    func identityBytes(of person: RecordKey, round: Int) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Data("\(round)/\(person)".utf8), using: self.lasting(.identity)))
    }

    /// Signs what the hub gives out and gets back, e.g. access tokens.
    ///
    /// - Parameter use: what it is for; a signature of one use is none of another.
    public func signature(of data: Data, use: String) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data("\(use.utf8.count):\(use)".utf8) + data, using: self.lasting(.token)))
    }

    /// Whether a signature is ``signature(of:use:)``'s; takes the same time whichever of its bytes are wrong.
    public func isSignature(_ signature: Data, of data: Data, use: String) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            signature, authenticating: Data("\(use.utf8.count):\(use)".utf8) + data, using: self.lasting(.token))
    }

    /// The token in the address that a source posts its notices to: 32 hexadecimal digits that can't be guessed without this
    /// key, and are always the same for a source.
    public func noticeToken(for source: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data(source.utf8), using: self.lasting(.notice)).prefix(16)
            .map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// Seals with AES-256-GCM and the generation that seals now; `context` (e.g. table and key) must be the same when opening.
    public func seal(_ data: Data, context: String) throws -> Data { try self.ring.seal(data, context: context) }

    /// - Throws: ``SealBroken``.
    public func open(_ sealed: Data, context: String) throws -> Data { try self.ring.open(sealed, context: context) }

    /// Seals with a data key.
    public static func seal(_ data: Data, with key: SymmetricKey, context: String) throws -> Data {
        guard let sealed = try AES.GCM.seal(data, using: key, authenticating: Data(context.utf8)).combined else {
            throw SealBroken()
        }
        return sealed
    }

    /// - Throws: ``SealBroken``.
    public static func open(_ sealed: Data, with key: SymmetricKey, context: String) throws -> Data {
        do {
            return try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: Data(context.utf8))
        } catch {
            throw SealBroken()
        }
    }

    /// A new data key, wrapped for storing.
    public func newDataKey(owner: String) throws -> (key: SymmetricKey, wrapped: Data) {
        let key = SymmetricKey(size: .bits256)
        return (key, try self.seal(key.withUnsafeBytes { unsafe Data($0) }, context: "data-key/\(owner)"))
    }

    /// - Throws: ``SealBroken``.
    public func dataKey(unwrapping wrapped: Data, owner: String) throws -> SymmetricKey {
        SymmetricKey(data: try self.open(wrapped, context: "data-key/\(owner)"))
    }

    /// The id under which everything outside the vault knows a protected person or a record about one: a UUID
    /// (version 8) that can't be led back to the source's id without this key, and is always the same for it.
    public func opaqueKey(for key: RecordKey) -> RecordKey {
        var bytes = self.name(Data("\(key.entity.rawValue)/\(key.id)".utf8))
        bytes[6] = (bytes[6] & 0x0F) | 0x80
        bytes[8] = (bytes[8] & 0x3F) | 0x80
        return RecordKey(key.entity, Self.hex(bytes, dashes: Self.dashes))
    }

    /// A keyed fingerprint of content, safe to store beside sealed data.
    public func contentHash(_ data: Data) -> String { Self.hex(self.name(data)) }
}
