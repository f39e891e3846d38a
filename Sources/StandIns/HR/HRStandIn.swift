import Foundation
import SchoolRecords

/// A stand-in for a personnel system such as Personec P or Heroma: it leaves files of all employments in a folder. Columns, words and
/// encoding are assumed, since neither has a public format.
public actor HRStandIn {
    public nonisolated let folder: String
    private var employments: [HREmployment] = []
    private var exports = 0
    private var isAway = false

    /// - Parameter folder: where files are left; made when it isn't there.
    public init(folder: String) { self.folder = folder }

    /// Employs everybody who has a duty in the student register, at a place of the school's with the title of the duty's description.
    ///
    /// - Returns: the place's code → the code of the first school unit of the school: what a table of places says.
    /// - Throws: ``StandInError`` when a record can't be read.
    @discardableResult
    public func employ(staffOf register: EdlevoStandIn) async throws -> [(unit: String, schoolUnitCode: String)] {
        let organisations = try await register.truth(.organisation)
        let persons = try await register.truth(.person)
        var units: [(school: String, unit: String, schoolUnitCode: String)] = []
        for (id, school) in organisations.sorted(by: { $0.key < $1.key }) where school["organisationType"] == "Skola" {
            let code = organisations.values.compactMap { unit in
                unit["parentOrganisation"]?["id"]?.stringValue == id ? unit["schoolUnitCode"]?.stringValue : nil
            }.min()
            if let code { units.append((id, "U\(1000 + units.count)", code)) }
        }
        let places = Dictionary(units.map { ($0.school, $0) }, uniquingKeysWith: { first, _ in first })
        for (number, duty) in try await register.truth(.duty).sorted(by: { $0.key < $1.key }).map(\.value).enumerated() {
            guard let person = duty["person"]?["id"]?.stringValue.flatMap({ persons[$0] }),
                let identity = person["civicNo"]?["value"]?.stringValue,
                let place = duty["dutyAt"]?["id"]?.stringValue.flatMap({ places[$0] })
            else { continue }
            let words = (duty["description"]?.stringValue ?? "").split(separator: " ", maxSplits: 1).map(String.init)
            var row = HREmployment(
                "A\(10_000 + number)", of: identity, at: place.unit, as: words.first ?? "",
                from: duty["startDate"]?.stringValue ?? "")
            row.unitName = organisations[place.school]?["displayName"]?.stringValue ?? ""
            row.titleName = words.count > 1 ? words[1] : ""
            row.percent = "\(duty["dutyPercent"]?.integerValue ?? 100),00"
            row.end = duty["endDate"]?.stringValue ?? "9999-12-31"
            row.type = duty["endDate"] == nil ? "tillsvidare" : "visstid"
            row.mark = SecurityMarking(json: person["securityMarking"]).isProtected ? "J" : ""
            self.employments.append(row)
        }
        return units.map { ($0.unit, $0.schoolUnitCode) }
    }

    /// The rows that the next file has.
    public var rows: [HREmployment] { self.employments }

    /// Puts rows in place of those that there are.
    public func set(_ rows: [HREmployment]) { self.employments = rows }

    /// Changes the rows that there are.
    public func change(_ change: @Sendable (inout [HREmployment]) -> Void) { change(&self.employments) }

    /// Leaves a file of all employments, whole.
    ///
    /// - Returns: the file's path.
    /// - Throws: ``StandInError`` when it is away or the folder can't be written.
    @discardableResult
    public func export(fault: ExportFault? = nil) throws(StandInError) -> String {
        guard !self.isAway else { throw StandInError(.notRunning, "the personnel system is away: it exports nothing") }
        self.exports += 1
        return try ExportedFile(folder: self.folder, prefix: "anstallningar-", encoding: .windowsCP1252)
            .write(HREmployment.columns, self.employments.map(\.values), number: self.exports, fault: fault)
    }

    /// Exports nothing from now on.
    public func goDown() { self.isAway = true }

    /// Exports again.
    public func comeBack() { self.isAway = false }
}
