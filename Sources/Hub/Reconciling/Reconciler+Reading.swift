import ConnectorKit
import Foundation
import Mapping
import Reconciliation
import SchoolRecords

/// Reading both sides of systems.
extension Reconciler {
    struct Reading: Sendable {
        var failures: [String: ConnectorFailure] = [:]
        /// As of when systems told what they hold, where that was earlier.
        var asOf: [String: Date] = [:]
        var unmapped: [String: [RecordKey: MappingFailure]] = [:]
        var protected: Set<String> = []
    }

    /// Both sides at once: reading the systems is mostly waiting.
    func read(
        _ run: ReconcileRun, _ pairs: [(Target, SystemRows)], whole: Set<String>,
        _ progress: @escaping @Sendable (Progress) async -> Void
    ) async throws -> Reading {
        var reading = Reading()
        reading.protected = try await self.store.withheldPersons()
        for (target, _) in pairs {
            // What is wrong is told by the reading itself.
            if let asOf = try? await target.connector.heldAsOf() { reading.asOf[target.connector.system] = asOf }
        }
        let sides = Dictionary(uniqueKeysWithValues: pairs.map { ($0.0.connector.system, $0.1) })
        let held = Task { try await self.readHeld(run, pairs, progress) }
        do {
            let expected = ExpectedReading(
                store: self.store, mappings: self.mappings, systems: whole.sorted(), today: self.clock.calendarDate)
            var records = 0
            try await expected.read { page in
                for (system, rows) in page.rows { try await sides[system]?.addExpected(rows) }
                for unmapped in page.unmapped { reading.unmapped[unmapped.system, default: [:]][unmapped.key] = unmapped.failure }
                records += page.records
                try await self.checkGoing(run)
                await progress(.expected(records: records))
            }
        } catch {
            held.cancel()
            _ = await held.result
            throw error
        }
        reading.failures = try await withTaskCancellationHandler {
            try await held.value
        } onCancel: {
            held.cancel()
        }
        return reading
    }

    private func readHeld(
        _ run: ReconcileRun, _ pairs: [(Target, SystemRows)], _ progress: @escaping @Sendable (Progress) async -> Void
    ) async throws -> [String: ConnectorFailure] {
        try await withThrowingTaskGroup(of: (String, ConnectorFailure?).self) { group in
            for (target, side) in pairs {
                group.addTask {
                    let pace = Pace(perSecond: target.settings.pagesPerSecond, clock: self.clock)
                    do {
                        try await target.connector.readHeld { rows in
                            try await self.checkGoing(run)
                            try await side.addHeld(rows)
                            await progress(.held(system: side.system, rows: await side.heldCount))
                            try await pace.wait()
                        }
                        return (target.connector.system, nil)
                    } catch let failure as ConnectorFailure {
                        return (target.connector.system, failure)
                    }
                }
            }
            var failures: [String: ConnectorFailure] = [:]
            for try await (system, failure) in group { failures[system] = failure }
            return failures
        }
    }

    /// What stands for protected persons alone, of whom the system isn't cleared to have real data.
    ///
    /// - Parameter isCleared: of those instead for whom it is.
    func leakTokens(for system: String, isCleared: Bool = false) async throws -> LeakTokens {
        var tokens = LeakTokens()
        let forms = try await SystemForms.read(self.store, system: system, self.mappings).living
        for (key, body) in try await self.store.withheldContents(of: .person) {
            guard (forms[self.key.opaqueKey(for: key)]?.form == .cleared) == isCleared else { continue }
            tokens.insert(key.id)
            guard let person = try? JSONValue(parsing: body) else { continue }
            if let number = person["civicNo"]?["value"]?.stringValue {
                tokens.insert(number)
                if number.count == 12 { tokens.insert(String(number.dropFirst(2))) }
            }
            for name in person["eduPersonPrincipalNames"]?.arrayValue ?? [] {
                if let name = name.stringValue { tokens.insert(name) }
            }
            for email in person["emails"]?.arrayValue ?? [] {
                // A private address may be a guardian's too.
                if email["type"]?.stringValue?.hasPrefix("Skola") == true, let value = email["value"]?.stringValue {
                    tokens.insert(value)
                }
            }
        }
        return tokens
    }
}
