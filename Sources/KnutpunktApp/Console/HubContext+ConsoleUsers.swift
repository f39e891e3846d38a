import Console
import Foundation
public import Hub
import Mapping

/// Accounts of the console, for those who run the hub.
extension HubContext {
    /// What an account is to be.
    public struct ConsoleUserChange: Sendable, Hashable {
        public var displayName: String?
        /// Roles by name.
        public var roles: [String]?
        /// Ids of school units; `["*"]` for all.
        public var units: [String]?
        /// Systems; `["*"]` for all.
        public var systems: [String]?

        public init() {}
    }

    /// The roles that an account may have.
    public static var consoleRoles: [String] { ConsoleRole.allCases.map(\.rawValue) }

    public func consoleUsers() async throws -> [ConsoleAccount] { try await self.store.consoleAccounts() }

    /// Why a password can't be chosen; `nil` when it can.
    public static func problem(withPassword password: String, names: [String], language: Language) -> String? {
        PasswordRules.problem(with: password, names: names).map { language(sv: $0.swedish, en: $0.english) }
    }

    /// Makes an account.
    ///
    /// - Parameter written: its name, as somebody wrote it.
    /// - Throws: ``AppError`` (`configuration`, `not-allowed`).
    public func addConsoleUser(
        _ written: String, _ change: ConsoleUserChange, password: String, by person: String, clock: HubClock = .system,
        language: Language
    ) async throws -> ConsoleAccount {
        try await self.addConsoleUser(
            written, change, password: password, by: person, clock: clock, language: language, hasher: PasswordHasher())
    }

    /// The same with another cost of the password's digest, for whoever signs in again and again and tries something else by it.
    func addConsoleUser(
        _ written: String, _ change: ConsoleUserChange, password: String, by person: String, clock: HubClock = .system,
        language: Language, hasher: PasswordHasher
    ) async throws -> ConsoleAccount {
        try await self.require(.accounts, on: [], by: person, clock: clock)
        guard let name = AccountName.normal(written) else {
            throw AppError(
                .configuration,
                language(
                    sv: "\"\(written)\" kan inte vara ett kontonamn: a-z, 0-9, punkt, _ och -, 2-64 tecken, en bokstav först.",
                    en: "\"\(written)\" can't be an account's name: a-z, 0-9, dot, _ and -, 2-64 of them, a letter first."))
        }
        let roles = try Self.roles(change.roles ?? [], language)
        let shown = change.displayName ?? name
        let account = ConsoleAccount(
            name: name, displayName: shown, roles: roles, units: try Self.units(change.units ?? ["*"], language),
            systems: try self.systems(change.systems ?? ["*"], language),
            password: try await Self.digest(password, names: [name, shown], language, hasher), createdAt: clock.timestamp)
        guard try await self.store.add(account, by: person, time: clock.timestamp) else {
            throw AppError(
                .configuration,
                language(
                    sv: "Det finns redan ett konto \(name). Ändra det: knutpunkt console user change \(name)",
                    en: "There is an account \(name) already. Change it: knutpunkt console user change \(name)"))
        }
        return account
    }

    /// Changes what an account may do, and signs its person out.
    ///
    /// - Throws: ``AppError`` (`configuration`, `not-found`, `not-allowed`).
    public func changeConsoleUser(
        _ name: String, _ change: ConsoleUserChange, by person: String, clock: HubClock = .system, language: Language
    ) async throws -> ConsoleAccount {
        try await self.require(.accounts, on: [], by: person, clock: clock)
        let roles = try change.roles.map { try Self.roles($0, language) }
        let units = try change.units.map { try Self.units($0, language) }
        let systems = try change.systems.map { try self.systems($0, language) }
        let words = [
            change.roles.map { "roles " + $0.joined(separator: ", ") },
            change.units.map { "units " + $0.joined(separator: ", ") },
            change.systems.map { "systems " + $0.joined(separator: ", ") },
        ].compactMap(\.self)
        return try await self.change(
            name, "console.account.change", words.isEmpty ? "name shown" : words.joined(separator: "; "), person, clock, language
        ) { account in
            account.displayName = change.displayName ?? account.displayName
            account.roles = roles ?? account.roles
            account.units = units ?? account.units
            account.systems = systems ?? account.systems
        }
    }

    /// Gives an account another password, and signs its person out.
    ///
    /// - Throws: ``AppError`` (`configuration`, `not-found`, `not-allowed`).
    public func setConsolePassword(
        of name: String, _ password: String, by person: String, clock: HubClock = .system, language: Language
    ) async throws {
        try await self.require(.accounts, on: [], by: person, clock: clock)
        guard let account = try await self.store.consoleAccount(name) else { throw Self.nobody(name, language) }
        let digest = try await Self.digest(password, names: [name, account.displayName], language, PasswordHasher())
        _ = try await self.change(name, "console.account.password", nil, person, clock, language) { $0.password = digest }
    }

    /// Locks an account, and signs its person out; or opens it again.
    ///
    /// - Throws: ``AppError`` (`not-found`, `not-allowed`).
    public func lockConsoleUser(
        _ name: String, isLocked: Bool, by person: String, clock: HubClock = .system, language: Language
    ) async throws {
        try await self.require(.accounts, on: [], by: person, clock: clock)
        let action = isLocked ? "console.account.lock" : "console.account.unlock"
        _ = try await self.change(name, action, nil, person, clock, language) { $0.isLocked = isLocked }
    }

    /// Removes an account, and signs its person out.
    ///
    /// - Throws: ``AppError`` (`not-found`, `not-allowed`).
    public func removeConsoleUser(
        _ name: String, by person: String, clock: HubClock = .system, language: Language
    ) async throws {
        try await self.require(.accounts, on: [], by: person, clock: clock)
        guard try await self.store.removeConsoleAccount(name, by: person, time: clock.timestamp) else {
            throw Self.nobody(name, language)
        }
    }

    private func change(
        _ name: String, _ action: String, _ reason: String?, _ person: String, _ clock: HubClock, _ language: Language,
        _ change: @escaping @Sendable (inout ConsoleAccount) -> Void
    ) async throws -> ConsoleAccount {
        guard
            let account = try await self.store.changeConsoleAccount(
                name, action: action, reason: reason, by: person, time: clock.timestamp, change)
        else { throw Self.nobody(name, language) }
        return account
    }

    // MARK: What is written

    private static func nobody(_ name: String, _ language: Language) -> AppError {
        AppError(
            .notFound,
            language(
                sv: "Det finns inget konto \(name). Alla konton: knutpunkt console user list",
                en: "There is no account \(name). All accounts: knutpunkt console user list"))
    }

    private static func digest(
        _ password: String, names: [String], _ language: Language, _ hasher: PasswordHasher
    ) async throws -> PasswordDigest {
        if let problem = Self.problem(withPassword: password, names: names, language: language) {
            throw AppError(.configuration, problem)
        }
        return try await hasher.digest(password)
    }

    static func roles(_ names: [String], _ language: Language) throws -> Set<String> {
        let unknown = names.filter { ConsoleRole(rawValue: $0) == nil }
        let known = Self.consoleRoles.joined(separator: ", ")
        guard !names.isEmpty, unknown.isEmpty else {
            let wrong = unknown.joined(separator: ", ")
            throw AppError(
                .configuration,
                names.isEmpty
                    ? language(
                        sv: "Kontot behöver minst en roll. Det finns: \(known).",
                        en: "The account needs a role. There are: \(known).")
                    : language(
                        sv: "Det finns ingen roll \(wrong). Det finns: \(known).",
                        en: "There is no role \(wrong). There are: \(known)."))
        }
        return Set(names)
    }

    static func units(_ ids: [String], _ language: Language) throws -> UnitScope {
        if ids == ["*"] { return .all }
        guard !ids.isEmpty, !ids.contains("*"), !ids.contains("") else {
            throw AppError(
                .configuration,
                language(
                    sv: "Skriv skolenheternas id, eller \"*\" ensam för alla.",
                    en: "Write ids of school units, or \"*\" alone for all."))
        }
        return .units(Set(ids))
    }

    func systems(_ names: [String], _ language: Language) throws -> Permissions.Scope {
        if names == ["*"] { return .all }
        let known = self.mappings.set.systems.keys.sorted()
        let unknown = names.filter { !known.contains($0) }
        guard !names.isEmpty, unknown.isEmpty else {
            throw AppError(
                .configuration,
                language(
                    sv: "Det finns inget system \(unknown.joined(separator: ", ")). Det finns: \(known.joined(separator: ", ")).",
                    en: "There is no system \(unknown.joined(separator: ", ")). There are: \(known.joined(separator: ", "))."))
        }
        return .systems(Set(names))
    }
}
