import ConnectorKit
public import Hub
import Messaging
import SQLStores
public import SchoolRecords

/// What keeps the program from doing its job, said to the person who started it.
public struct AppError: DocumentedError, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        case configuration, mappings, store, broker, systems
        case alreadyRunning = "already-running"
        case notFound = "not-found"
        case notAllowed = "not-allowed"
        case demo, interrupted
    }

    public let code: Code
    /// What is wrong, where, and what to do; may have several lines.
    public let message: String
    /// The same in Swedish, where it is told in both languages.
    private let swedish: String?
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.swedish = nil
        self.cause = cause
    }

    /// An error that is told in the language of whoever reads it; logs have it in English.
    public init(_ code: Code, sv swedish: String, en english: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = english
        self.swedish = swedish
        self.cause = cause
    }

    /// What is wrong, for people to read.
    public func message(in language: Language) -> String { language(sv: self.swedish ?? self.message, en: self.message) }

    public var description: String { self.message }

    /// What lies behind has a section that says more.
    public var section: String { (self.cause as? any DocumentedError)?.section ?? self.code.rawValue }
    public var page: Runbook.Page { (self.cause as? any DocumentedError)?.page ?? .program }

    /// An error of a part of the hub that nobody else has taken: as it is told at the command line.
    public init?(_ error: any Error) {
        switch error {
        case let error as AppError: self = error
        case let error as StoreError: self.init(.store, error.message, cause: error)
        case let error as BrokerError: self.init(.broker, error.message, cause: error)
        case let error as ConnectorFailure:
            self.init(error.kind == .misconfigured ? .configuration : .systems, error.message, cause: error)
        default: return nil
        }
    }

    /// The exit status (sysexits): 78 configuration, 69 something outside isn't there, 75 try again, 77 not allowed.
    public var exitCode: Int32 {
        switch self.code {
        case .configuration, .mappings: 78
        case .store: 74
        case .broker, .systems: 69
        case .alreadyRunning: 75
        case .notFound: 66
        case .notAllowed: 77
        case .demo: 1
        case .interrupted: 130
        }
    }
}
