import Hub
import SchoolRecords
import Synchronization
import Testing

/// A way in which what a source says goes wrong for most at once, and what the hub must notice.
struct WrongReading: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let counts: ChangeCounts
    /// What it says of the whole.
    var hint: SetHint.Kind?
    /// What it says of a field.
    var field: (name: String, hint: ValueHint.Kind?, days: Int?)?
    let happen: @Sendable (GuardedSource) -> Void

    static let all: [WrongReading] = [
        .init(
            testDescription: "an empty list", counts: ChangeCounts(deletes: 200), hint: .everythingGone,
            happen: { guarded in guarded.source.state.withLock { $0.documents[.person] = [] } }),
        .init(
            testDescription: "half of the pages", counts: ChangeCounts(deletes: 100),
            happen: { guarded in
                guarded.source.state.withLock { $0.documents[.person]?.removeLast(100) }
            }),
        .init(
            testDescription: "40 % of the pupils ended", counts: ChangeCounts(updates: 80),
            field: ("enrolments[].endDate", .filled, nil),
            happen: { guarded in
                guarded.edit(100..<180) { document in
                    document["enrolments"] = [
                        [
                            "enroledAt": ["id": .string(Documents.id(2))], "schoolType": "GR", "schoolYear": 5,
                            "startDate": "2020-08-01", "endDate": "2026-08-02",
                        ]
                    ]
                }
            }),
        .init(
            testDescription: "as many new pupils as vanished ones", counts: ChangeCounts(creates: 60, deletes: 60),
            hint: .asManyNew,
            happen: { guarded in
                for number in 100..<160 {
                    guarded.source.remove(.person, Documents.id(number))
                    guarded.source.put(.person, GuardedSource.pupil(number + 300))
                }
            }),
        .init(
            testDescription: "columns shifted", counts: ChangeCounts(updates: 200), field: ("givenName", .shifted, nil),
            happen: { guarded in
                guarded.edit(GuardedSource.numbers) { document in
                    document["givenName"] = document["familyName"]
                    document["familyName"] = "2013-01-01"
                }
            }),
        .init(
            testDescription: "birth dates moved a day", counts: ChangeCounts(updates: 200), field: ("birthDate", .movedDays, 1),
            happen: { guarded in guarded.edit(GuardedSource.numbers) { $0["birthDate"] = "2013-01-02" } }),
        .init(
            testDescription: "å and ö read in another encoding", counts: ChangeCounts(updates: 200),
            field: ("givenName", .doubleEncoded, nil),
            happen: { guarded in
                for number in GuardedSource.numbers {
                    guarded.source.put(.person, GuardedSource.pupil(number, name: "Ã\u{85}ke Ã\u{96}rjan \(number)"))
                }
            }),
        .init(
            testDescription: "å and ö lost", counts: ChangeCounts(updates: 200),
            field: ("givenName", .replacementCharacters, nil),
            happen: { guarded in
                for number in GuardedSource.numbers {
                    guarded.source.put(.person, GuardedSource.pupil(number, name: "\u{FFFD}ke \u{FFFD}rjan \(number)"))
                }
            }),
    ]
}
