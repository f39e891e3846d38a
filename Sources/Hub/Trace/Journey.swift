/// A record's way through the hub, as far as it has come: a tree of steps with times, for people who ask where something is.
///
/// Ids, systems, times, errors and rules; no content of a record. Times are RFC 3339 in UTC.
public struct Journey: Sendable, Hashable, Codable {
    public enum Change: String, Sendable, Codable { case created, updated, deleted }

    /// `entity/id`.
    public let record: String
    /// The state that the journey is of; nothing for a record that never came in.
    public let sequence: Int64?
    public let change: Change?
    /// The system that it comes from, or the flow that made it.
    public let source: String?
    public let message: String?
    /// 32 hexadecimal digits.
    public let trace: String?
    /// Why it is there, when a flow made it.
    public let made: Made?
    /// Mass changes of its source that wait for approval: a newer state may be among them.
    public let held: [String]
    /// From the source to the broker.
    public let steps: [JourneyStep]
    /// What became of it in each receiving system.
    public let systems: [SystemJourney]
    /// The record's states before this one, the latest first.
    public let earlier: [EarlierState]
    /// The journeys of what flows made of it.
    public var derived: [Journey]

    /// A flow's decision.
    public struct Made: Sendable, Hashable, Codable {
        public let flow: String
        public let rule: String
        /// `entity/id` of the records it was made of.
        public let of: [String]
    }

    /// A state that has been followed by another.
    public struct EarlierState: Sendable, Hashable, Codable {
        public let sequence: Int64
        public let message: String?
        public let trace: String?
        public let takenAt: String
        /// When the broker confirmed it; nothing when a newer state went in its place.
        public let publishedAt: String?
    }

    /// Whether somebody must do something for it, or for what was made of it, to arrive.
    public var needsSomebody: Bool {
        self.steps.contains { $0.kind == .failed && $0.isOpen == true }
            || self.systems.contains { $0.state == .failed || $0.state == .held }
            || self.derived.contains(where: \.needsSomebody)
    }

    /// Whether it has come to every system, and so has what was made of it.
    public var hasArrived: Bool {
        !self.needsSomebody && self.systems.allSatisfy { $0.state.isEnd }
            && self.derived.allSatisfy(\.hasArrived)
    }
}

/// One step.
public struct JourneyStep: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
        /// The source was read.
        case read
        /// Translated by a mapping, on the way in or out.
        case mapped
        /// The hub took it into its register.
        case taken
        /// The broker confirmed it.
        case published
        /// A try that failed.
        case failed
        /// A person corrected the message, approved or took back the correction.
        case corrected, approved, undone
        /// Sent again by a replay.
        case replayed
        case delivered
        /// Given up by a person.
        case discarded
        /// A failure that a newer state made pointless.
        case overtaken
    }

    public let kind: Kind
    /// Nothing for a step whose time isn't kept.
    public var time: String?
    /// Milliseconds since the step before it whose time is known.
    public var milliseconds: Int?
    /// The mapping file, with the line where a rule failed.
    public var rule: String?
    /// Where it failed, for a failure outside of the receiving systems: the source or a flow.
    public var system: String?
    /// The failed message's number, the try's, the error's code and text, and whether it still waits for somebody.
    public var failure: Int64?
    public var attempt: Int?
    public var code: String?
    public var text: String?
    public var isOpen: Bool?
    /// Who did it, and why.
    public var person: String?
    public var reason: String?
    /// The replay's id.
    public var replay: String?
    /// The batch that it was written with, and the trace of requests that were made for several records at once.
    public var batch: String?
    public var batchTrace: String?
    /// The record's state, where it isn't the journey's.
    public var sequence: Int64?

    init(_ kind: Kind, time: String? = nil) {
        self.kind = kind
        self.time = time
    }
}

/// What became of a record in one receiving system.
public struct SystemJourney: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Codable {
        /// The system has this state. Without a batch nothing had to be written.
        case delivered
        /// It comes from this system.
        case own
        /// The system's mapping makes nothing of it.
        case leftOut = "left-out"
        /// The broker hasn't confirmed it.
        case unpublished
        /// In the system's queue.
        case queued
        /// In the batch that is being written, or waits for the system to be there again.
        case writing
        /// Set aside with a mass change that somebody must approve.
        case held
        /// What could be given has been; it waits for records that it refers to.
        case waiting
        /// Refused for now; another try is planned.
        case retry
        case failed
        /// Sent again; the outcome isn't known.
        case replaying
        case discarded
    }

    public let system: String
    public let state: State
    /// The state of the record that the system has, when it has one.
    public let has: Int64?
    /// Milliseconds from the hub's taking it until it was delivered.
    public let milliseconds: Int?
    /// Milliseconds that it has been where it is now, for what hasn't arrived.
    public let waited: Int?
    /// Whether what failed in mapping would go through if it were sent again now; nothing where that can't be told.
    public let wouldPass: Bool?
    /// `entity/id` of the records that it waits for.
    public let waitsFor: [String]
    /// When the next try is.
    public let due: String?
    public let steps: [JourneyStep]
    /// Commands that lead on.
    public let next: [String]
}

extension SystemJourney.State {
    /// Whether nothing more is to come.
    var isEnd: Bool { self == .delivered || self == .own || self == .leftOut }
}
