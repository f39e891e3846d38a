import ConnectorKit
import Foundation
import Mapping
import Messaging
import SchoolRecords
import Synchronization
import Testing

@testable import Hub

@Suite("Every message has one journey, and it can be told")
struct JourneyTests {
    /// What stands in the documents of these tests and must stand in no trace. (A failure's text names the code that has no row.)
    private static let personal = ["Testsson", "Prov", "Enhet", "TF0", "Grundskol", "Klass", "2013-01-01", "Hemlig"]

    private func reader(_ hub: TestHub) -> JourneyReader {
        JourneyReader(store: hub.store, mappings: hub.mappings.set, key: hub.key)
    }

    /// Asks, and holds the answer to what every answer must be.
    private func ask(_ hub: TestHub, _ question: JourneyQuestion) async throws -> JourneyReader.Answer {
        let answer = try #require(try await self.reader(hub).answer(question, limit: 100))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let text = String(decoding: try encoder.encode(answer), as: UTF8.self)
        for word in Self.personal { #expect(!text.contains(word), "\(word) in \(text)") }
        return answer
    }

    private func unikum(_ journey: Journey) throws -> SystemJourney {
        try #require(journey.systems.first { $0.system == "unikum" })
    }

    @Test func `a record that has arrived: read, mapped, taken, published, mapped, delivered, each with its time`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            var other = Documents.group(31, school: 1, members: [10])
            other["groupType"] = "Undervisning"
            source.put(.group, other)
            _ = try await hub.intake(source).run(.full)
            let key = RecordKey(.person, Documents.id(10))
            let message = try #require(try await hub.store.next(limit: 100).first { $0.change.key == key }?.change)
            let before = try await self.ask(hub, .record(key, system: "unikum"))
            #expect(try self.unikum(before.journeys[0]).state == .unpublished)
            #expect(before.journeys[0].steps.map(\.kind) == [.read, .mapped, .taken])
            let target = RecordingTarget()
            try await hub.run(target) { try await hub.isAtRest() }

            let journey = try #require(try await self.ask(hub, .record(key, system: "unikum")).journeys.first)
            #expect(
                journey.record == "\(key)" && journey.sequence == 1 && journey.change == .created && journey.source == "edlevo")
            #expect(journey.message == message.id && journey.trace == message.trace?.traceID)
            #expect(journey.steps.map(\.kind) == [.read, .mapped, .taken, .published])
            #expect(journey.steps.filter { $0.kind != .mapped }.allSatisfy { $0.time != nil })
            #expect(journey.steps[2].milliseconds != nil && journey.steps[1].rule == "edlevo/person.yaml")
            let system = try self.unikum(journey)
            #expect(system.state == .delivered && system.has == 1 && system.milliseconds != nil && system.next.isEmpty)
            #expect(system.steps.map(\.kind) == [.mapped, .delivered] && system.steps.allSatisfy { $0.milliseconds != nil })
            #expect(system.steps[0].rule == "unikum/person.yaml" && target.batchIDs.contains(system.steps[1].batch ?? ""))
            #expect(journey.hasArrived && !journey.needsSomebody)
            let times = (journey.steps + system.steps).compactMap(\.time)
            #expect(times == times.sorted() && times.count == 5)
            // The trace goes on into what is written.
            let write = target.state.withLock { $0.batches.flatMap(\.writes).first { $0.record == key } }
            #expect(write?.trace?.traceID == journey.trace)

            // What the mapping leaves out has come as far as it ever will.
            let group = try await self.ask(hub, .record(RecordKey(.group, Documents.id(31)), system: "unikum")).journeys[0]
            #expect(try self.unikum(group).state == .leftOut && group.hasArrived)

            // The same is found by the message, the trace, the batch, and among all of the person's.
            #expect(try await self.ask(hub, .id(message.id)).about == .message)
            #expect(try await self.ask(hub, .trace(try #require(journey.trace))).journeys.map(\.record) == ["\(key)"])
            let batch = try await self.ask(hub, .trace(try #require(system.steps[1].batchTrace)))
            #expect(batch.about == .batch && batch.journeys.contains { $0.record == "\(key)" })
            #expect(try await self.ask(hub, .id(key.id)).about == .person)
            #expect(try await self.reader(hub).answer(.id("nobody"), limit: 1) == nil)
            #expect(try await self.reader(hub).answer(.trace("4bf92f3577b34da6a3ce929d0e0e4736"), limit: 1) == nil)
        }
    }

    @Test func `a record that waits for another names it, and one that a system doesn't take now says so`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            source.remove(.person, Documents.id(12))
            _ = try await hub.intake(source).run(.full)
            let target = RecordingTarget()
            target.state.withLock {
                $0.refused = [
                    RecordKey(.person, Documents.id(10)): ConnectorFailure(.transient, code: .tooManyRequests, message: "locked")
                ]
            }
            let locked = RecordKey(.person, Documents.id(10))
            try await hub.run(target) {
                let places = try await hub.store.whereabouts(of: locked, systems: ["unikum"])
                return try await hub.store.waitingCounts()["unikum"] == 2 && !places.retries.isEmpty
            }
            let group = try self.unikum(
                try await self.ask(hub, .record(RecordKey(.group, Documents.id(30)), system: nil)).journeys[0])
            #expect(group.state == .waiting && group.waitsFor == ["person/\(Documents.id(12))"])
            #expect(group.next == ["knutpunkt trace person/\(Documents.id(12))"])
            let person = try self.unikum(try await self.ask(hub, .record(locked, system: nil)).journeys[0])
            #expect(person.state == .retry && person.due != nil)
        }
    }

    /// A duty with a title that has no code, failed.
    private func failed(_ hub: TestHub, _ target: RecordingTarget) async throws -> (ScriptedSource, RecordKey, FailedMessage) {
        let source = ScriptedSource()
        Documents.fill(source)
        source.put(.duty, Documents.duty(50, person: 21, school: 1, title: "X901 Provare"))
        _ = try await hub.intake(source).run(.full)
        try await hub.run(target) {
            guard try await hub.isSettled() else { return false }
            return try await !hub.store.list(FailureFilter()).isEmpty
        }
        return (source, RecordKey(.duty, Documents.id(50)), try #require(try await hub.store.list(FailureFilter()).first))
    }

    @Test func `failed, corrected and replayed: each step by whom and why, and what to do as long as something is to be done`()
        async throws
    {
        try await TestHub.with { hub in
            let target = RecordingTarget()
            let (_, key, failure) = try await self.failed(hub, target)
            let open = try await self.ask(hub, .failure(failure.id)).journeys[0]
            #expect(open.needsSomebody && !open.hasArrived && open.record == "\(key)")
            var system = try self.unikum(open)
            #expect(system.state == .failed && system.steps.map(\.kind) == [.failed])
            #expect(system.wouldPass == false && system.waited != nil)
            #expect(system.steps[0].code == "value-without-code" && system.steps[0].rule?.hasPrefix("unikum/duty.yaml:") == true)
            #expect(system.next == ["knutpunkt failed show \(failure.id)", "knutpunkt failed replay \(failure.id) --dry-run"])

            let record = try #require(try await hub.store.records([key])[key])
            let edited = try MessageEdit.apply(
                [.init(path: "description", value: "2752 Grundskollärare")], to: try JSONValue(parsing: record.body))
            let time = HubClock.system.timestamp
            try await hub.store.edit(
                FailureEdit(
                    failure: failure.id, sequence: 1, body: edited.canonicalData, fields: ["description"], reason: "case 7",
                    person: "anna", time: time, needsApproval: true))
            system = try self.unikum(try await self.ask(hub, .record(key, system: "unikum")).journeys[0])
            #expect(system.next.contains("knutpunkt failed edit \(failure.id) --approve"))
            #expect(system.wouldPass == false, "what isn't approved isn't sent")
            try await hub.store.approveEdit(of: failure.id, by: "bo", time: HubClock.system.timestamp)
            system = try self.unikum(try await self.ask(hub, .record(key, system: "unikum")).journeys[0])
            #expect(system.wouldPass == true)
            let batch = try await hub.store.select(
                FailureFilter(), plan: ReplayPlan(), by: "bo", time: HubClock.system.timestamp)
            try await hub.store.change(batch.id, .start, by: "bo", time: HubClock.system.timestamp)
            try await hub.store.advance(batch.id, now: .now)
            system = try self.unikum(try await self.ask(hub, .record(key, system: "unikum")).journeys[0])
            #expect(system.state == .replaying)
            let sent = try #require(try await hub.store.next(limit: 9).first { $0.change.key == key })
            #expect(sent.change.trace?.traceID == open.trace, "a replay goes on with the trace")
            try await hub.run(target) { try await hub.store.message(failure.id)?.state == .replayed }

            let journey = try await self.ask(hub, .record(key, system: "unikum")).journeys[0]
            system = try self.unikum(journey)
            #expect(system.state == .delivered && journey.hasArrived && journey.trace == open.trace)
            #expect(system.wouldPass == nil && system.waited == nil)
            #expect(system.steps.map(\.kind) == [.failed, .corrected, .approved, .replayed, .mapped, .delivered])
            #expect(system.steps.compactMap(\.person) == ["anna", "bo", "bo"] && system.steps[3].replay == batch.id)
            #expect(system.steps[1].reason?.contains("case 7") == true)
            #expect(system.steps.allSatisfy { $0.isOpen != true })
        }
    }

    @Test func `overtaken by a newer state: told of the failure, and the earlier message leads to the record`() async throws {
        try await TestHub.with { hub in
            let target = RecordingTarget()
            let (source, key, failure) = try await self.failed(hub, target)
            let first = try #require(try await self.ask(hub, .record(key, system: "unikum")).journeys[0].message)
            source.put(.duty, Documents.duty(50, person: 21, school: 1, title: "2752 Grundskollärare"))
            _ = try await hub.intake(source).run(.full)
            // What has failed isn't waited for by itself: the newer state is, which overtakes it.
            try await hub.run(target) {
                guard try await hub.isAtRest() else { return false }
                return try await hub.store.message(failure.id)?.state != .failed
            }
            let answer = try await self.ask(hub, .id(first))
            #expect(answer.about == .message && answer.subject == first)
            let journey = answer.journeys[0]
            #expect(journey.sequence == 2 && journey.change == .updated && journey.message != first)
            #expect(journey.earlier.map(\.message) == [first] && journey.earlier[0].publishedAt != nil)
            let system = try self.unikum(journey)
            #expect(system.state == .delivered)
            #expect(system.steps.map(\.kind) == [.failed, .overtaken, .mapped, .delivered])
            #expect(system.steps[0].sequence == 1 && system.steps[0].isOpen == false)
        }
    }

    @Test func `given up, and failed on the way in: both are told, also of a record that never came in`() async throws {
        try await TestHub.with { hub in
            let target = RecordingTarget()
            let (source, key, failure) = try await self.failed(hub, target)
            #expect(
                try await hub.store.discard([failure.id], reason: "case 8", by: "bo", time: HubClock.system.timestamp) == 1)
            let system = try self.unikum(try await self.ask(hub, .record(key, system: "unikum")).journeys[0])
            #expect(system.state == .discarded && system.steps.map(\.kind) == [.failed, .discarded])
            #expect(system.next == ["knutpunkt audit --subject failure/\(failure.id)"])
            var broken = Documents.person(13, unit: 2)
            broken["birthDate"] = "yesterday"
            source.put(.person, broken)
            _ = try await hub.intake(source).run(.full)
            let journey = try await self.ask(hub, .id(Documents.id(13))).journeys[0]
            #expect(journey.sequence == nil && journey.needsSomebody && journey.systems.isEmpty)
            #expect(journey.steps.map(\.kind) == [.failed] && journey.steps[0].isOpen == true)
            #expect(journey.steps[0].system == "edlevo")
            // What a flow can't decide stands with the person.
            let person = RecordKey(.person, Documents.id(10))
            try await hub.store.record(
                [
                    NewFailure(
                        stage: .flow, system: "absence-once", key: person, sequence: nil, kind: "flow", code: "absence-too-long",
                        field: nil, place: nil, message: "too long", body: nil)
                ], time: HubClock.system.timestamp)
            let undecided = try await self.ask(hub, .record(person, system: nil)).journeys[0]
            #expect(undecided.needsSomebody && undecided.steps.last?.system == "absence-once")
        }
    }

    @Test func `what a flow makes goes on with the notice's trace, from school to care, and back when it is withdrawn`()
        async throws
    {
        try await TestHub.with { hub in
            let (child, place, absence) = (Documents.id(1), Documents.id(20), RecordKey(.absence, Documents.id(2)))
            func state(_ entity: Entity, _ json: JSONValue) throws -> RecordState {
                let record = try SchoolRecord.validate(entity, json)
                return RecordState(
                    key: RecordKey(entity, record["id"]?.stringValue ?? ""), owner: child, body: record.canonicalData)
            }
            func take(_ states: [RecordState], of source: String, for notice: TraceContext?) async throws {
                let origin = ChangeOrigin.reading(at: HubClock.system.timestamp, trace: notice)
                _ = try await ChangeOrigin.$current.withValue(origin) {
                    try await hub.store.take(
                        states, withheld: [], failures: [], source: source, time: HubClock.system.timestamp)
                }
            }
            try await take(
                [
                    state(
                        .placement,
                        [
                            "id": .string(place), "placedAt": ["id": .string(Documents.id(30))], "child": ["id": .string(child)],
                            "schoolType": "FTH", "startDate": "2026-01-01", "endDate": "2026-12-31",
                        ])
                ], of: "edlevo", for: nil)
            let (notice, withdrawal) = (TraceContext.begin(), TraceContext.begin())
            try await take(
                [
                    state(
                        .absence,
                        [
                            "id": .string(absence.id), "startTime": "2026-03-02T08:00:00+01:00", "type": "Anmäld frånvaro",
                            "endTime": "2026-03-02T15:00:00+01:00", "student": ["id": .string(child)],
                        ])
                ], of: "skola24", for: notice)
            let flow = FlowService(
                .absenceOnce, broker: hub.broker, store: hub.store, mappings: hub.mappings,
                clock: TestHub.clock("2026-03-01T08:00:00Z"), logger: hub.logger)
            #expect(try await flow.run(for: [absence]).created == 1)
            let made = try #require(try await hub.store.next(limit: 99).map(\.change).first { $0.source == "absence-once" })
            #expect(made.trace?.traceID == notice.traceID && made.trace?.parentID != notice.parentID)

            let answer = try await self.ask(hub, .trace(notice.traceID))
            #expect(answer.journeys.map(\.record) == ["\(absence)"] && answer.total == 2)
            let derived = try #require(answer.journeys[0].derived.first)
            #expect(derived.record == "\(made.key)" && derived.source == "absence-once" && derived.trace == notice.traceID)
            #expect(derived.made?.flow == "absence-once" && derived.made?.of.contains("\(absence)") == true)
            #expect(derived.systems.contains { $0.system == "tempus" && $0.state == .unpublished })

            try await take([RecordState(key: absence, owner: nil, body: nil)], of: "skola24", for: withdrawal)
            #expect(try await flow.run(for: [absence]).deleted == 1)
            let gone = try #require(try await hub.store.next(limit: 99).map(\.change).first { $0.key == made.key })
            #expect(gone.operation == .deleted && gone.trace?.traceID == withdrawal.traceID)
            let latest = try await self.ask(hub, .record(made.key, system: nil)).journeys[0]
            #expect(latest.trace == withdrawal.traceID && latest.earlier.map(\.trace) == [notice.traceID])
        }
    }

    @Test func `a person whose identity is protected is told to be, and no more`() async throws {
        try await TestHub.with { hub in
            let source = ScriptedSource()
            Documents.fill(source)
            source.put(.person, Documents.person(11, name: "Hemlig", unit: 2, marking: "Sekretessmarkering", guardians: [20]))
            _ = try await hub.intake(source).run(.full)
            for id in [Documents.id(11), hub.key.opaqueKey(for: RecordKey(.person, Documents.id(11))).id] {
                let answer = try await self.ask(hub, .id(id))
                #expect(answer.isProtected && answer.journeys.isEmpty)
            }
        }
    }
}

@Suite("A question about a journey is read, or told why not")
struct JourneyQuestionTests {
    private static let today = CalendarDate(year: 2026, month: 11, day: 28)
    private static let id = "9d2c7a52-0a0e-4a0c-8d5e-6f3b8c1f2a11"
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test func `ids, records, failures and traces are told apart`() throws {
        for (text, question) in [
            (Self.id, JourneyQuestion.id(Self.id)), (Self.id.uppercased(), .id(Self.id)), ("17", .id("17")),
            ("person/\(Self.id)", .record(RecordKey(.person, Self.id), system: nil)),
            ("attendanceschedule/a/b", .record(RecordKey(.attendanceSchedule, "a/b"), system: nil)),
            ("unikum/duty/4f1c", .record(RecordKey(.duty, "4f1c"), system: "unikum")), ("failure/17", .failure(17)),
            (Self.trace, .trace(Self.trace)), (Self.trace.uppercased(), .trace(Self.trace)),
            ("00-\(Self.trace)-00f067aa0ba902b7-01", .trace(Self.trace)),
        ] {
            #expect(try JourneyQuestion(text, today: Self.today) == question)
        }
    }

    /// Temporary numbers, which belong to nobody.
    @Test(arguments: ["20130101TF01", "person/20130101-TF01", "130101TF01"])
    func `identity numbers are refused`(_ text: String) {
        #expect(throws: JourneyQuestion.Problem.identityNumber) { try JourneyQuestion(text, today: Self.today) }
    }

    @Test(arguments: [
        ("", JourneyQuestion.Problem.empty), ("a b", .empty), ("person/", .empty), ("00000000000000000000000000000000", .noTrace),
        ("00-\(trace.uppercased())-00f067aa0ba902b7-01", .noTrace), ("ff-\(trace)-00f067aa0ba902b7-01", .noTrace),
    ])
    func `what can't be one is told`(_ text: String, _ problem: JourneyQuestion.Problem) {
        #expect(throws: problem) { try JourneyQuestion(text, today: Self.today) }
    }
}
