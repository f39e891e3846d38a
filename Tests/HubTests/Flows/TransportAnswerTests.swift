import Hub
import Mapping
import SchoolRecords
import Testing

@Suite("Preliminary transport decisions")
struct TransportAnswerTests {
    /// A pupil at unit gr-1 of school-1 with an application and an answer; every part can be changed.
    private struct Case {
        var application: JSONValue? = [
            "id": "app-1", "child": ["id": "pupil-1"], "organisation": ["id": "gr-1"], "reasons": ["distance"],
            "submittedAt": "2026-11-20T08:00:00Z", "startDate": "2026-12-01", "endDate": "2027-06-30",
        ]
        var answer: JSONValue? = [
            "id": "answer-1", "application": ["id": "app-1"], "child": ["id": "pupil-1"], "outcome": "granted",
            "distanceMetres": 4200, "limitMetres": 4000, "reasons": ["distance"], "answeredAt": "2026-11-20T08:00:01Z",
        ]
        var placements: [JSONValue] = []
        var decisions: [JSONValue] = []
        var address = "Storgatan 1"
        var unit = "gr-1"
        var earlier: [FlowRecord] = []
        var settings = ""

        mutating func place(_ id: String, at unit: String, type: String = "FTH") {
            self.placements.append([
                "id": .string(id), "child": ["id": "pupil-1"], "placedAt": ["id": .string(unit)], "schoolType": .string(type),
                "startDate": "2026-08-01",
            ])
        }

        func derived() throws -> [DerivedRecord] {
            var records = [
                try FlowFixture.record(
                    .person,
                    [
                        "id": "pupil-1", "givenName": "Prov", "familyName": "Provsson",
                        "addresses": [["type": "Folkbokföring", "streetAddress": .string(self.address)]],
                        "enrolments": [
                            ["enroledAt": ["id": .string(self.unit)], "schoolType": "GR", "startDate": "2026-08-01"]
                        ],
                    ])
            ]
            if let application { records.append(try FlowFixture.record(.transportApplication, application, source: "vega")) }
            if let answer { records.append(try FlowFixture.record(.transportEligibility, answer, source: "vega-answers")) }
            records += try self.placements.map { try FlowFixture.record(.placement, $0) }
            records += try self.decisions.map { try FlowFixture.record(.transportDecision, $0, source: "vega") }
            var organisations: [RecordKey: FlowRecord] = [:]
            for (id, school) in [("gr-1", "school-1"), ("fth-1", "school-1"), ("fth-2", "school-2"), ("gr-2", "school-2")] {
                let record = try FlowFixture.record(
                    .organisation,
                    [
                        "id": .string(id), "displayName": "Enhet", "organisationType": "Skolenhet",
                        "parentOrganisation": ["id": .string(school)],
                    ])
                organisations[record.key] = record
            }
            let flow = TransportAnswer(try FlowFixture.settings("transport-answer", "system: vega\n" + self.settings))
            let state = SubjectState(person: "pupil-1", records: records, lookedUp: organisations, earlier: self.earlier)
            #expect(flow.needs(state).isSubset(of: Set(organisations.keys)) || self.unit == "nowhere")
            return try flow.decide(state, today: try #require(CalendarDate("2026-11-28")))
        }

        func decision() throws -> TransportDecision? {
            let derived = try self.derived()
            #expect(derived.count <= 1)
            return try derived.first.map { try TransportDecision(json: $0.json) }
        }

        /// Keeps what was decided as the flow finds it next time.
        mutating func remember() throws {
            self.earlier = try self.derived().map {
                try FlowFixture.record(.transportDecision, $0.json, source: "transport-answer")
            }
        }
    }

    @Test func `an answer becomes a preliminary decision with its reasons, and nothing before it is there`() throws {
        var it = Case()
        let decision = try #require(try it.decision())
        #expect(decision.outcome == .granted)
        #expect(decision.preliminary)
        #expect(decision.reasons == [.distance])
        #expect(decision.distanceMetres == 4200)
        #expect(decision.application?.id == "app-1")
        #expect(decision.organisation?.id == "gr-1")
        #expect(decision.decidedDate == CalendarDate("2026-11-20"))
        #expect(decision.startDate == CalendarDate("2026-12-01"))
        #expect(decision.endDate == CalendarDate("2027-06-30"))
        #expect(decision.reviews == nil)
        #expect(try it.derived().first?.rule == "answer-granted")
        it.answer?["outcome"] = "refused"
        #expect(try it.decision()?.outcome == .refused)
        it.answer = nil
        #expect(try it.derived().isEmpty)
        it.application = nil
        #expect(try it.derived().isEmpty)
    }

    @Test func `deciding again from its own result changes nothing`() throws {
        var it = Case()
        it.place("p1", at: "fth-2")
        let first = try it.derived()
        try it.remember()
        #expect(try it.derived() == first)
    }

    @Test func `no answer in time is for a person, and a late answer takes its place under the same id`() throws {
        var it = Case()
        let answer = it.answer
        it.answer = [
            "id": "answer-1", "application": ["id": "app-1"], "child": ["id": "pupil-1"], "outcome": "needsReview",
            "review": "noAnswer", "answeredAt": "2026-11-20T08:00:30Z",
        ]
        let without = try #require(try it.decision())
        #expect(without.outcome == .needsReview)
        #expect(without.reviews == [.noAnswer])
        try it.remember()
        it.answer = answer
        let late = try #require(try it.decision())
        #expect(late.outcome == .granted)
        #expect(late.id == without.id)
    }

    @Test func `a moved pupil, another placement or another school after the answer is for a person; a new answer settles it`()
        throws
    {
        for change in 0..<3 {
            var it = Case()
            it.place("p1", at: "fth-1")
            try it.remember()
            switch change {
            case 0: it.address = "Lillgatan 2"
            case 1:
                it.placements = []
                it.place("p2", at: "fth-1")
            default: it.application?["organisation"] = ["id": "gr-2"]
            }
            let changed = try #require(try it.decision())
            #expect(changed.outcome == .needsReview)
            #expect(changed.reviews?.first == .factsChanged, "change \(change)")
            try it.remember()
            #expect(try it.decision()?.reviews?.first == .factsChanged)
            it.answer?["answeredAt"] = "2026-11-27T10:00:00Z"
            #expect(try it.decision()?.reviews?.contains(.factsChanged) != true)
        }
    }

    @Test func `a change that is taken back brings the decision back`() throws {
        var it = Case()
        try it.remember()
        it.address = "Lillgatan 2"
        #expect(try it.decision()?.outcome == .needsReview)
        try it.remember()
        it.address = "Storgatan 1"
        #expect(try it.decision()?.outcome == .granted)
    }

    @Test func `after-school care at the school changes nothing, elsewhere is for a person, or as is set`() throws {
        var it = Case()
        it.place("p1", at: "fth-1")
        #expect(try it.decision()?.outcome == .granted)
        it.placements = []
        it.place("p1", at: "fth-2", type: "FS")
        #expect(try it.decision()?.outcome == .granted)
        it.placements = []
        it.place("p1", at: "fth-2")
        #expect(try it.decision()?.reviews == [.afterSchoolCareElsewhere])
        it.settings = "after_school_elsewhere: answer"
        #expect(try it.decision()?.outcome == .granted)
        it.settings = "after_school_elsewhere: refuse"
        #expect(try it.decision()?.outcome == .refused)
        #expect(try it.derived().first?.rule == "after-school-care-refused")
    }

    @Test func `a place that has ended before the transport begins isn't looked at`() throws {
        var it = Case()
        it.place("p1", at: "fth-2")
        it.placements[0]["endDate"] = "2026-11-30"
        #expect(try it.decision()?.outcome == .granted)
        it.placements[0]["endDate"] = "2026-12-01"
        #expect(try it.decision()?.outcome == .needsReview)
    }

    @Test func `transport to after-school care is for a person, or as is set`() throws {
        var it = Case()
        it.place("p1", at: "fth-1")
        it.application?["placement"] = ["id": "p1"]
        #expect(try it.decision()?.reviews == [.toAfterSchoolCare])
        it.settings = "to_after_school: answer"
        #expect(try it.decision()?.outcome == .granted)
    }

    @Test func `who lives near and has other reasons is judged by a person, who lives far rides`() throws {
        var it = Case()
        it.application?["reasons"] = ["traffic"]
        #expect(try it.decision()?.outcome == .granted)
        it.answer?["outcome"] = "refused"
        #expect(try it.decision()?.reviews == [.otherReasons])
        #expect(try it.decision()?.reasons == [.traffic])
        it.settings = "other_reasons: answer"
        #expect(try it.decision()?.outcome == .refused)
    }

    @Test func `a pupil who isn't enrolled at the school then is for a person; another unit of the school is the school`() throws
    {
        var it = Case()
        it.unit = "gr-2"
        #expect(try it.decision()?.reviews == [.notEnrolled])
        it.unit = "fth-1"
        #expect(try it.decision()?.outcome == .granted)
    }

    @Test func `the transport system's own decision takes the place of the preliminary one`() throws {
        var it = Case()
        it.decisions = [
            [
                "id": "final-1", "application": ["id": "app-1"], "child": ["id": "pupil-1"], "outcome": "refused",
                "preliminary": false, "decidedDate": "2026-11-25",
            ]
        ]
        #expect(try it.derived().isEmpty)
        // About another application.
        it.decisions[0]["application"] = ["id": "app-0"]
        #expect(try it.derived().count == 1)
        // One that names no application: about this time and school, decided after it was asked for.
        it.decisions[0]["application"] = nil
        it.decisions[0]["organisation"] = ["id": "gr-1"]
        it.decisions[0]["startDate"] = "2026-12-01"
        #expect(try it.derived().isEmpty)
        it.decisions[0]["decidedDate"] = "2026-05-01"
        #expect(try it.derived().count == 1)
    }

    @Test func `it is explained by application, answer, pupil and placement`() throws {
        var it = Case()
        it.place("p1", at: "fth-2")
        let derived = try #require(try it.derived().first)
        #expect(derived.rule == "review-afterSchoolCareElsewhere")
        #expect(
            Set(derived.origins) == [
                RecordKey(.transportApplication, "app-1"), RecordKey(.transportEligibility, "answer-1"),
                RecordKey(.person, "pupil-1"), RecordKey(.placement, "p1"),
            ])
    }
}
