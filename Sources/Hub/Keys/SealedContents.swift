/// A place in the walk over everything that is sealed.
public struct ResealPlace: Sendable, Hashable {
    package let part: Int
    package let last: [String]

    package init(part: Int, last: [String]) {
        self.part = part
        self.last = last
    }
}

/// What a step of sealing anew did.
public struct ResealStep: Sendable, Hashable {
    /// Where it goes on; `nil` at the end.
    public let next: ResealPlace?
    public let looked: Int
    public let resealed: Int

    public init(next: ResealPlace?, looked: Int, resealed: Int) {
        self.next = next
        self.looked = looked
        self.resealed = resealed
    }
}

/// Everything that the store has sealed with the hub's key itself, which is sealed anew when the key changes.
public protocol SealedContents: Sendable {
    /// Puts a generation in force: every transaction of every process that begins after this seals with it.
    func useGeneration(_ number: Int) async throws

    /// Seals anew, in one short transaction, what an earlier generation sealed: at most `limit` rows are looked at.
    func reseal(after place: ResealPlace?, limit: Int) async throws -> ResealStep

    /// How much each generation has sealed of what is there now; 0 = without a number, by the first version.
    func sealedCounts() async throws -> [Int: Int]

    /// Ends a change of keys, in one transaction: from now on nothing that an earlier generation sealed can come in.
    ///
    /// - Returns: `false` when there is something left of one; nothing is changed then.
    func closeGenerations(before number: Int) async throws -> Bool

    /// Removes what was deleted or replaced from the database's logs and free pages, as far as nobody reads it just now.
    ///
    /// - Returns: whether all of it went.
    func purge() async throws -> Bool
}
