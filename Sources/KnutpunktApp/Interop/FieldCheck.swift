public import Hub
public import Mapping
public import Reconciliation
import Foundation
public import SchoolRecords

/// The mappings held against what was agreed of every field, and tried with the probe's records: without a hub and any system.
public struct FieldCheck: Sendable {
    public let lines: [FieldLine]
    /// `nil` when nothing was agreed yet.
    public let agreed: AgreedFields?
    /// One for each field.
    public let findings: [ProbeFinding]

    /// - Throws: ``AppError`` when what was agreed can't be read.
    public init(_ set: MappingSet, directory: String, today: CalendarDate) throws {
        let dry = DryProbe(mappings: set, today: today)
        let lines = dry.lines()
        let agreed = try Self.agreed(in: directory)
        let check = ProbeCheck(agreed: agreed, now: lines)
        self.lines = lines
        self.agreed = agreed
        self.findings = ProbeFinding.first(of: (agreed?.findings(now: lines) ?? []) + dry.findings(check))
    }

    /// The mappings of a hub.
    ///
    /// - Throws: as ``init(_:directory:today:)``.
    public init(_ context: HubContext, clock: HubClock = .system) throws {
        try self.init(
            context.mappings.set, directory: context.configuration.mappingsDirectory, today: clock.calendarDate)
    }

    /// The lines of some systems.
    public func lines(of systems: Set<String>?) -> [FieldLine] {
        self.lines.filter { systems?.contains($0.system) ?? true }
    }

    static func agreed(in directory: String) throws -> AgreedFields? {
        let path = "\(directory)/\(AgreedFields.fileName)"
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try AgreedFields(data: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw AppError(
                .mappings,
                sv: "\(path): går inte att läsa som JSON. Hämta tillbaka filen ur versionshanteringen, eller skriv den på nytt: "
                    + "knutpunkt interop --accept",
                en: "\(path): can't be read as JSON. Take it back from version control, or write it anew: "
                    + "knutpunkt interop --accept", cause: error)
        }
    }

    /// Writes down what all mappings do now, those of systems that are switched off too, as what is agreed.
    ///
    /// - Returns: the file, and how many fields are in it.
    /// - Throws: ``AppError`` when the mappings have errors, or the file can't be written.
    public static func accept(
        _ configuration: HubConfiguration, today: CalendarDate
    ) throws -> (path: String, fields: Int) {
        let settings = SystemSettings(configuration: configuration)
        let load = MappingSet.load(directory: configuration.mappingsDirectory) { name, written in
            settings.adjusted(written, of: name).switchedOn
        }
        guard let set = load.set else {
            throw AppError(.mappings, load.diagnostics.map(\.description).joined(separator: "\n"))
        }
        let lines = DryProbe(mappings: set, today: today).lines()
        let path = "\(configuration.mappingsDirectory)/\(AgreedFields.fileName)"
        do {
            try AgreedFields(lines: lines).data().write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw AppError(
                .store, sv: "\(path): går inte att skriva. Se över mappen och rättigheterna till den.",
                en: "\(path): can't be written. Check the folder and the rights on it.", cause: error)
        }
        return (path, lines.count)
    }
}

extension JSONValue {
    /// A system's settings with everything in use.
    fileprivate var switchedOn: JSONValue {
        var settings = self
        if settings["enabled"] != nil { settings["enabled"] = true }
        for side in ["source", "target"] {
            guard var block = settings[side], block["enabled"] != nil else { continue }
            block["enabled"] = true
            settings[side] = block
        }
        return settings
    }
}
