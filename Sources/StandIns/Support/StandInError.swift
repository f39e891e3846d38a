/// Why a stand-in could not do what it was told.
///
/// `message` names the thing and what to do; it never holds a value of a person.
public struct StandInError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, as a stable word.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Word: String { case badInput, notFound, notRunning, outOfNumbers }
        private let word: Word
        /// An argument that can't be used, e.g. a date that is no date.
        public static let badInput = Code(word: .badInput)
        /// Nothing in the stand-in fits what was asked for.
        public static let notFound = Code(word: .notFound)
        /// The stand-in's service does not run (any more).
        public static let notRunning = Code(word: .notRunning)
        /// A birth date has more people than the form of temporary numbers has room for.
        public static let outOfNumbers = Code(word: .outOfNumbers)
        public var description: String { self.word.rawValue }
    }

    public let code: Code
    /// One line: what failed, and what to do.
    public let message: String
    public let cause: (any Error)?

    /// Makes an error with a code, one line for people, and what caused it.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    public var description: String { self.message }
}
