/// Where the hub's keys are kept outside of the store.
public protocol KeyKeeper: Sendable {
    func read() throws -> KeyDocument

    /// Puts another document in the place of the one that is there, as a whole: after a crash there is one or the other.
    func write(_ document: KeyDocument) throws

    /// - Returns: what holds the right to change the keys as long as it lives; `nil` when somebody else has it.
    func claim() throws -> (any Sendable)?
}

/// What a change of keys came to.
public struct KeyRotation: Sendable, Hashable, Codable {
    /// The generation that seals now.
    public var generation: Int
    /// Whether one that had been begun was ended, and no new one made.
    public var wasResumed: Bool
    /// Rows that were sealed anew.
    public var resealed: Int
    /// The generations that are gone: nobody can open any more what they sealed.
    public var dropped: [Int]
}

/// Somebody else changes the keys just now.
public struct KeysBusy: Error, Sendable {
    public init() {}
}

/// Gives the hub a new key while it runs.
///
/// 1. The document gets a new generation beside the present one. 2. The store says that it is in force: every transaction of every process
/// looks there first, and reads the document again. 3. Everything is sealed anew in short transactions. 4. One transaction makes sure
/// that nothing is left, and closes the earlier generation. 5. It is dropped from the document. Killed anywhere, the next call goes
/// on: what is under the earlier generation can be opened until step 5.
public struct KeyRotator: Sendable {
    static let stepSize = 400

    private let store: any SealedContents & AuditLog
    private let key: HubKey
    private let keeper: any KeyKeeper
    private let clock: HubClock

    public init(store: any SealedContents & AuditLog, key: HubKey, keeper: any KeyKeeper, clock: HubClock = .system) {
        self.store = store
        self.key = key
        self.keeper = keeper
        self.clock = clock
    }

    /// - Parameters:
    ///   - needsNew: whether a change that had been begun earlier isn't enough: it is ended, and another one made.
    ///   - onStep: told after each transaction how many rows have been looked at; what it throws ends the work there.
    /// - Throws: ``KeysBusy``, ``KeyDocumentProblem``, and what store and keeper throw.
    @discardableResult
    public func rotate(
        by person: String, reason: String, needsNew: Bool = false, onStep: (Int) async throws -> Void = { _ in }
    ) async throws -> KeyRotation {
        guard let claim = try self.keeper.claim() else { throw KeysBusy() }
        defer { withExtendedLifetime(claim) {} }
        var document = try self.keeper.read()
        let isResumed = document.isChanging
        var rotation = KeyRotation(generation: document.current, wasResumed: isResumed, resealed: 0, dropped: [])
        if isResumed { document = try await self.finish(document, &rotation, by: person, reason, onStep) }
        if !isResumed || needsNew {
            rotation.wasResumed = false
            document = try document.adding(made: self.clock.timestamp)
            try self.keeper.write(document)
            try await onStep(0)
            _ = try await self.finish(document, &rotation, by: person, reason, onStep)
        }
        return rotation
    }

    private func finish(
        _ document: KeyDocument, _ rotation: inout KeyRotation, by person: String, _ reason: String,
        _ onStep: (Int) async throws -> Void
    ) async throws -> KeyDocument {
        self.key.adopt(document)
        try await self.store.useGeneration(document.current)
        var looked = 0
        repeat {
            var place: ResealPlace?
            repeat {
                let step = try await self.store.reseal(after: place, limit: Self.stepSize)
                looked += step.looked
                rotation.resealed += step.resealed
                place = step.next
                try await onStep(looked)
            } while place != nil
        } while try await !self.store.closeGenerations(before: document.current)
        let earlier = document.generations.dropLast().map(\.number)
        try await self.store.note(
            "keys.rotate", of: "key/\(document.current)", reason: reason, by: person, time: self.clock.timestamp)
        try await onStep(looked)
        let last = document.droppingEarlier()
        try self.keeper.write(last)
        self.key.adopt(last)
        _ = try await self.store.purge()
        rotation.generation = last.current
        rotation.dropped += earlier
        return last
    }
}
