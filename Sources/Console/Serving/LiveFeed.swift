import Hub

/// Something that many look at: made once a round, in each language that somebody reads it in, and sent to all of them when it has
/// changed. While nobody looks nothing is made.
actor LiveFeed {
    private struct Viewer {
        let language: Language
        let continuation: AsyncStream<LiveEvent>.Continuation
    }

    private let pause: Duration
    private let clock: HubClock
    private let make: @Sendable (Set<Language>) async -> [Language: String]
    private var viewers: [Int: Viewer] = [:]
    private var last: [Language: String] = [:]
    private var count = 0
    private var rounds: Task<Void, Never>?

    /// - Parameters:
    ///   - pause: between two rounds.
    ///   - make: the HTML in each language that is asked for.
    init(every pause: Duration, clock: HubClock, make: @escaping @Sendable (Set<Language>) async -> [Language: String]) {
        self.pause = pause
        self.clock = clock
        self.make = make
    }

    deinit { self.rounds?.cancel() }

    /// How many look now.
    var audience: Int { self.viewers.count }

    /// What is sent to one more viewer, who is forgotten when nobody reads it any more. A viewer who is slow gets the latest state alone.
    func events(in language: Language) -> AsyncStream<LiveEvent> {
        let number = self.count
        self.count += 1
        let (stream, continuation) = AsyncStream.makeStream(of: LiveEvent.self, bufferingPolicy: .bufferingNewest(1))
        continuation.onTermination = { [weak self] _ in Task { await self?.forget(number) } }
        self.viewers[number] = Viewer(language: language, continuation: continuation)
        if let html = self.last[language] { continuation.yield(LiveEvent(html)) }
        if self.rounds == nil { self.rounds = Task { [weak self] in await self?.goRound() } }
        return stream
    }

    private func forget(_ number: Int) {
        self.viewers[number] = nil
        guard self.viewers.isEmpty else { return }
        self.rounds?.cancel()
        self.rounds = nil
        // Old news for the next one who comes.
        self.last = [:]
    }

    private func goRound() async {
        while !Task.isCancelled, !self.viewers.isEmpty {
            let made = await self.make(Set(self.viewers.values.map(\.language)))
            for (language, html) in made where self.last[language] != html {
                self.last[language] = html
                for viewer in self.viewers.values where viewer.language == language {
                    viewer.continuation.yield(LiveEvent(html))
                }
            }
            do { try await self.clock.sleep(self.pause) } catch { return }
        }
    }
}
