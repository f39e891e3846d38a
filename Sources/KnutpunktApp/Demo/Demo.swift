import Foundation
public import Hub
import Messaging
import RabbitMQBroker

/// The hub's main job as a story: a full load, a day of changes, an outage, a failure put right, a kill, and the proof.
///
/// Everything is real but the systems at the ends: the hub is a process of its own, with its own RabbitMQ node.
public struct Demo: Sendable {
    private let options: Rehearsal.Options
    private let narrator: Narrator
    private let keepsDirectory: Bool

    /// - Parameters:
    ///   - language: of what is told.
    ///   - keepsDirectory: leave the directory behind for a look around.
    ///   - tellsOnError: tell on standard error, where standard output is for something else.
    public init(_ options: Rehearsal.Options, language: Language, keepsDirectory: Bool = false, tellsOnError: Bool = false) {
        self.options = options
        self.narrator = Narrator(language: language, output: tellsOnError ? .standardError : .standardOutput)
        self.keepsDirectory = keepsDirectory
    }

    /// Plays the story to its end.
    ///
    /// - Throws: ``AppError`` when something doesn't come about as it should; what went before is told by then.
    public func play() async throws -> DemoReport {
        let started = Date()
        do { try NodeInstallation.debian.check() } catch { throw AppError(.broker, error.message, cause: error) }
        defer {
            if !self.keepsDirectory { try? FileManager.default.removeItem(atPath: self.options.directory) }
        }
        self.narrator.title(
            sv: "Knutpunkt: demonstration (\(self.options.scale), frö \(self.options.seed))",
            en: "Knutpunkt: demo (\(self.options.scale), seed \(self.options.seed))")
        return try await Rehearsal.with(self.options) { rehearsal in
            let story = DemoStory(rehearsal: rehearsal, narrator: self.narrator)
            return try await story.play(since: started)
        }
    }
}
