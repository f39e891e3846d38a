public import LeakScan

/// What was found of protected persons outside of the vault, and how far was looked.
public struct PrivacyScan: Sendable, Encodable {
    /// Where it stands, in which form, of whom and what: where it must not.
    public var leaks: [LeakReport.Finding] = []
    /// What a system was rightly given: in its own folder, of persons for whom it is cleared. By system, how many texts.
    public var cleared: [String: Int] = [:]
    /// What a source left in its own folder. By system, how many texts.
    public var handedOver: [String: Int] = [:]
    public var persons = 0
    /// How many texts were looked for.
    public var texts = 0
    /// What wasn't looked for as somebody has it who isn't protected, by what it tells.
    public var shared: [String: Int] = [:]
    /// How many weren't looked for as they are too short.
    public var short = 0
    public var files = 0
    public var bytes = 0
    /// What couldn't be looked through whole, and why.
    public var unread: [String: String] = [:]

    /// Whether all was looked through, and nothing was found.
    public var isClean: Bool { self.leaks.isEmpty && self.unread.isEmpty }
}
