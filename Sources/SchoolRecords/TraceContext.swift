/// Where something stands in a trace: W3C Trace Context, level 1, header `traceparent`.
///
/// It says which trace a message or a request belongs to and which step it comes from, and holds nothing else: no person, no
/// record. `tracestate` isn't carried on: it may hold anything.
public struct TraceContext: Sendable, Hashable {
    /// 32 hexadecimal digits in lower case, not all zero.
    public let traceID: String
    /// The step that it comes from: 16 hexadecimal digits in lower case, not all zero.
    public let parentID: String
    /// Whether whoever began the trace may have recorded it.
    public let isSampled: Bool

    /// The trace that calls made now belong to; a connector's HTTP requests carry it.
    @TaskLocal public static var current: TraceContext?

    /// - Returns: `nil` unless both are well formed.
    public init?(traceID: String, parentID: String, isSampled: Bool = true) {
        guard Self.isID(Substring(traceID).utf8, digits: 32), Self.isID(Substring(parentID).utf8, digits: 16) else { return nil }
        self.traceID = traceID
        self.parentID = parentID
        self.isSampled = isSampled
    }

    /// Reads a header's value as the standard says (§3.2, §4.3): version 00 exactly as it is written there; of a later version
    /// what this one knows, where more may follow after a dash.
    ///
    /// - Returns: `nil` for what is no trace context. Whoever gets that begins a trace of their own.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash, Self.areDigits(bytes[0..<2]),
            Self.areDigits(bytes[53..<55]), Self.isID(bytes[3..<35], digits: 32), Self.isID(bytes[36..<52], digits: 16)
        else { return nil }
        let version = String(decoding: bytes[0..<2], as: UTF8.self)
        guard version != "ff", version == "00" ? bytes.count == 55 : bytes.count == 55 || bytes[55] == dash else { return nil }
        self.traceID = String(decoding: bytes[3..<35], as: UTF8.self)
        self.parentID = String(decoding: bytes[36..<52], as: UTF8.self)
        // The flags are bits; those that this version doesn't know are not sent on.
        self.isSampled = (UInt8(String(decoding: bytes[53..<55], as: UTF8.self), radix: 16) ?? 0) & 1 == 1
    }

    /// The value of the header `traceparent`, version 00.
    public var header: String { "00-\(self.traceID)-\(self.parentID)-\(self.isSampled ? "01" : "00")" }

    /// A trace that begins here.
    public static func begin() -> TraceContext {
        TraceContext(known: Self.random() + Self.random(), Self.random(), isSampled: true)
    }

    /// The next step of the same trace: what a request made for it carries.
    public func step() -> TraceContext { TraceContext(known: self.traceID, Self.random(), isSampled: self.isSampled) }

    private init(known traceID: String, _ parentID: String, isSampled: Bool) {
        self.traceID = traceID
        self.parentID = parentID
        self.isSampled = isSampled
    }

    /// The trace of a message that begins one, or goes on with one: its step is the message.
    ///
    /// - Parameters:
    ///   - message: a UUID. Without its dashes it is an id of a trace, and its second half one of a step.
    ///   - trace: the trace that it goes on with; `nil` = the message's own.
    /// - Returns: `nil` when the message's id is no UUID, or the trace's is none.
    public init?(message: String, in trace: String? = nil) {
        guard let own = Self.id(ofMessage: message) else { return nil }
        self.init(traceID: trace ?? own, parentID: String(own.suffix(16)))
    }

    /// The trace that a message with this id begins; `nil` when the id is no UUID.
    public static func id(ofMessage message: String) -> String? {
        let parts = message.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        let id = parts.joined().lowercased()
        return Self.isID(Substring(id).utf8, digits: 32) && Self.isID(id.suffix(16).utf8, digits: 16) ? id : nil
    }

    /// The message that began a trace, if a message of the hub did: the other way round.
    public static func message(ofID trace: String) -> String? {
        guard Self.isID(Substring(trace).utf8, digits: 32) else { return nil }
        var rest = trace[...]
        return [8, 4, 4, 4, 12].map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: "-")
    }

    private static func isID(_ bytes: some Collection<UInt8>, digits: Int) -> Bool {
        bytes.count == digits && Self.areDigits(bytes) && bytes.contains { $0 != UInt8(ascii: "0") }
    }

    private static func areDigits(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }

    /// 16 digits.
    private static func random() -> String {
        let digits = String(UInt64.random(in: 1 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// As the header's value.
extension TraceContext: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let context = TraceContext(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no trace context")
        }
        self = context
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.header)
    }
}
