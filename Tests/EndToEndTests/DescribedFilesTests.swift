import Foundation
import Hub
import KnutpunktApp
import SchoolRecords
import StandIns
import Testing

/// Systems that are given files by a description alone, through the hub in a process of its own.
@Suite("Digiexam, CSN and the admission office get their files", .serialized)
struct DescribedFilesTests {
    private static let systems = ["admissions", "csn", "digiexam"]

    @Test(.timeLimit(.minutes(15)))
    func `what each is given is what the source says, and nothing of protected persons`() async throws {
        try await TemporaryDirectory.with { directory in
            var options = Rehearsal.Options(
                scale: .custom(children: 300), seed: 12, directory: directory, mappings: Program.mappings,
                executable: Program.path)
            for system in Self.systems {
                for folder in [system, "\(system)-given"] {
                    try FileManager.default.createDirectory(atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
                }
                options.moreSystems +=
                    "\(system):\n  enabled: true\n  drop_folder: \(directory)/\(system)\n  state_folder: \(directory)/\(system)-given\n"
            }
            try await Rehearsal.with(options) { rehearsal in
                try rehearsal.startHub()
                try await rehearsal.waitUntilRunning()
                try await rehearsal.settle(allowingFailures: true)
                let protected = Set(rehearsal.municipality.protectedPersons.map(\.id))
                let people = try await rehearsal.edlevo.truth(.person).filter { !protected.contains($0.key) }
                let units = try await rehearsal.edlevo.truth(.organisation).mapValues { $0["schoolUnitCode"]?.stringValue }
                func enrolments(_ person: JSONValue, in types: Set<String>) -> [JSONValue] {
                    let today = "\(HubClock.system.calendarDate)"
                    return (person["enrolments"]?.arrayValue ?? []).filter { enrolment in
                        types.contains(enrolment["schoolType"]?.stringValue ?? "")
                            && enrolment["startDate"]?.stringValue ?? "" <= today
                            && today <= enrolment["endDate"]?.stringValue ?? "9999"
                    }
                }
                func lines(_ system: String) throws -> [String] {
                    try FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(system)").sorted().flatMap { name in
                        let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(system)/\(name)"))
                        return (String(data: data, encoding: .isoLatin1) ?? "").components(separatedBy: "\r\n")
                            .dropFirst().filter { !$0.isEmpty }
                    }
                }

                // Digiexam: from year 4 on, each at the own unit, and the page refuses nothing.
                let exam = try DigiexamStandIn(folder: directory + "/digiexam")
                #expect(exam.refusals == [])
                var wanted: Set<String> = []
                for (id, person) in people
                where person["emails"]?.arrayValue?.contains(where: { $0["type"] == "Skola elev" }) == true {
                    let all: Set<String> = ["GR", "GRS", "GRA", "SP", "SAM", "GY", "GYS", "GYA", "VUXGR", "VUXGY"]
                    for enrolment in enrolments(person, in: all) {
                        let type = enrolment["schoolType"]?.stringValue ?? ""
                        guard type.hasPrefix("GY") || type.hasPrefix("VUX") || enrolment["schoolYear"]?.integerValue ?? 0 >= 4,
                            let unit = units[enrolment["enroledAt"]?["id"]?.stringValue ?? ""] ?? nil
                        else { continue }
                        wanted.insert("\(id) \(unit)")
                    }
                }
                #expect(!wanted.isEmpty && Set(exam.users.filter { $0.role == nil }.map { "\($0.code) \($0.unit)" }) == wanted)

                // CSN: upper-secondary school.
                let students = people.filter { !enrolments($0.value, in: ["GY", "GYS", "GYA"]).isEmpty }
                let numbers = Set(students.values.compactMap { $0["civicNo"]?["value"]?.stringValue })
                let told = try lines("csn").compactMap { $0.split(separator: ";").first.map(String.init) }
                #expect(!numbers.isEmpty && Set(told) == numbers && told.count == numbers.count)

                // The admission office: year 9, none with a temporary number, and everybody in this municipality has one until a list is given.
                let ninth = people.filter { person in
                    enrolments(person.value, in: ["GR", "GRS", "GRA", "SP", "SAM"]).contains {
                        $0["schoolYear"]?.integerValue == 9
                    }
                }
                let regular = ninth.values.compactMap { $0["civicNo"]?["value"]?.stringValue }.filter { !$0.contains("TF") }
                #expect(!ninth.isEmpty)
                #expect(
                    try Set(lines("admissions").compactMap { $0.split(separator: ";").first.map(String.init) }) == Set(regular))

                for system in Self.systems {
                    let text = try lines(system).joined(separator: "\n")
                    for person in rehearsal.municipality.protectedPersons { #expect(!text.contains(person.id)) }
                }
            }
        }
    }
}
