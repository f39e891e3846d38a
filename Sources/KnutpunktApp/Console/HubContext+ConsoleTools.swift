import Console
import Foundation
import Hub
import Mapping
import Reconciliation

/// What the console's pages ask the program for.
extension HubContext {
    func consoleTools(clock: HubClock) -> ConsoleTools {
        let configuration = self.configuration
        return ConsoleTools(
            files: { MappingSet.files(directory: configuration.mappingsDirectory) },
            load: { HubContext.load(configuration, files: $0) },
            fields: {
                do {
                    let check = try FieldCheck(self, clock: clock)
                    let (probe, interrupted) = try await self.lastProbe()
                    return FieldPicture(
                        lines: check.lines, findings: InteropReport.findings(check, probe, systems: nil), probe: probe,
                        interrupted: interrupted)
                } catch let error as AppError { throw error.consoleRefusal }
            },
            setUp: { self.setUp },
            examine: { await Doctor(configuration, logger: self.logger).examine().map(\.consoleVerdict) })
    }

    private var setUp: HubSetUp {
        let files = ["", "-wal"].compactMap { ending in
            (try? FileManager.default.attributesOfItem(atPath: self.configuration.storePath + ending))?[.size] as? Int
        }
        return HubSetUp(
            version: Self.programVersion, process: RunState.read(from: self.configuration.dataDirectory).map { Int($0.pid) },
            dataDirectory: self.configuration.dataDirectory, mappingsDirectory: self.configuration.mappingsDirectory,
            storeBytes: files.isEmpty ? nil : files.reduce(0, +), hasPrivateBroker: self.configuration.brokerURL == nil,
            settings: self.configuration.settingsInForce)
    }
}

extension Verdict {
    fileprivate var consoleVerdict: ConsoleVerdict {
        let grade: ConsoleVerdict.Grade =
            switch self.grade {
            case .ok: .good
            case .warning: .warn
            case .error: .bad
            }
        return ConsoleVerdict(
            subject: self.subject, grade: grade, finding: self.finding, remedy: self.remedy, runbook: self.runbook)
    }
}
