import HTTPTypes
import Hub
import SchoolRecords

/// Where records have been and are, and what systems have of a person.
extension OpsAPI {
    /// Records of one answer.
    private static let mostJourneys = 50

    var traces: [APIOperation] {
        [
            APIOperation(
                method: .get, path: "\(Self.prefix)/traces", id: "getTrace", summary: "The way of a record, message or person",
                note: "Ids, times, errors and rules; never content. What flows made of a record stands behind it, with `madeOf`.",
                access: .area(.messages),
                query: [
                    APIField(
                        "record", .text(least: 1, most: 400, isWord: true), isRequired: true,
                        "An id, `entity/id`, `system/entity/id`, `failure/number`, or a trace's id. Never an identity number.")
                ], success: .init(status: 200, kind: Self.trace.kind, note: "What was found."), problems: [404]
            ) { call in
                let question: JourneyQuestion
                do throws(JourneyQuestion.Problem) {
                    question = try JourneyQuestion(call.text("record") ?? "", today: call.desk.clock.calendarDate)
                } catch {
                    throw APIProblem.badParameter(
                        "record", sv: MessagesPage.words(error, .sv), en: MessagesPage.words(error, .en))
                }
                let reader = JourneyReader(
                    store: call.desk.store, mappings: call.desk.mappings.set, key: call.desk.key, clock: call.desk.clock)
                guard let found = try await reader.answer(question, limit: Self.mostJourneys),
                    let answer = try await PersonDeeds(desk: call.desk).told(found, try call.visit)
                else { throw APIProblem.notFound }
                return APIAnswer(Self.trace.json(answer, call.language))
            },
            APIOperation(
                method: .post, path: "\(Self.prefix)/persons/show", id: "showPerson",
                summary: "What each system has of one person",
                note:
                    "Personal data, and so by POST: neither id nor reason stands in an address. Who looks, and why, is in the audit "
                    + "log first. Of a protected person nothing is told, unless `protected` is asked for by somebody with the role "
                    + "`cleared` whom the hub's permissions name for `see-protected`; never to a program in its own name.",
                access: .area(.person),
                body: .fields([
                    APIField("id", .id, isRequired: true, "The person's id; never an identity number."), Self.reason,
                    APIField("values", .boolean, "Show also what is as it should be."),
                    APIField("protected", .boolean, "The person has a protected identity: show what the vault has."),
                ]), success: .init(status: 200, kind: Self.person.kind, note: "The person."), problems: [404],
                example: ["id": "8e4ad7d3-0f9b-4a5c-9d55-0e1b0a9dd0f1", "reason": "vårdnadshavaren undrar, ärende 4711"]
            ) { call in
                let (deeds, id) = (PersonDeeds(desk: call.desk), call.word("id") ?? "")
                let view =
                    call.body["protected"]?.boolValue == true
                    ? try await deeds.lookInVault(at: id, reason: call.reason, try call.visit)
                    : try await deeds.look(
                        at: id, showsValues: call.body["values"]?.boolValue ?? false, reason: call.reason, try call.visit)
                guard let view else { throw APIProblem.notFound }
                return APIAnswer(Self.person.json(view, call.language))
            },
        ]
    }

    private static let trace = APIShape<JourneyReader.Answer>(
        "Trace",
        [
            .text("about", "What was found: `person`, `record`, `message`, `trace`, `batch` or `failure`.") { $0.about.rawValue },
            .text("subject", "Which.") { $0.subject },
            .flag("isProtected", "Whether it is a person with protected identity, of whom nothing more is told.") {
                $0.isProtected
            },
            .count("total", "Records that there are; at most 50 are told.") { $0.total },
            .list("journeys", Self.journey, "Their ways.") { answer in
                func all(_ journeys: [Journey]) -> [Journey] { journeys.flatMap { [$0] + all($0.derived) } }
                return all(answer.journeys)
            },
        ])

    private static let journey = APIShape<Journey>(
        "Journey",
        [
            .text("record", "`entity/id`.") { $0.record }, .maybeNumber("sequence", "The state.") { $0.sequence },
            .maybe("change", "What has become of the record: `created`, `updated` or `deleted`.") { $0.change?.rawValue },
            .maybe("source", "The system that it comes from, or the flow.") { $0.source },
            .maybe("message", "The message's id.") { $0.message }, .maybe("trace", "The trace's id.") { $0.trace },
            .maybe("flow", "The flow that made it.") { $0.made?.flow }, .maybe("rule", "The flow's rule.") { $0.made?.rule },
            .texts("madeOf", "`entity/id` of the records that it was made of.") { $0.made?.of ?? [] },
            .texts("held", "Mass changes of its source that wait for somebody.") { $0.held },
            .list("steps", Self.step, "From the source to the broker.") { $0.steps },
            .list("systems", Self.systemJourney, "What has become of it in each system.") { $0.systems },
            .flag("hasArrived", "Whether it has come to every system.") { $0.hasArrived },
            .flag("needsSomebody", "Whether somebody must do something for it to arrive.") { $0.needsSomebody },
        ])

    private static let step = APIShape<JourneyStep>(
        "JourneyStep",
        [
            .text("kind", "What was done.") { $0.kind.rawValue }, .maybeInstant("time", "When.") { $0.time },
            .maybeCount("milliseconds", "Since the step before it.") { $0.milliseconds },
            .maybe("rule", "The mapping file.") { $0.rule },
            .maybe("system", "Where it failed.") { $0.system },
            .maybeNumber("failure", "The failed message's number.") { $0.failure },
            .maybeCount("attempt", "The try's number.") { $0.attempt }, .maybe("code", "The error.") { $0.code },
            .maybe("text", "The error in words.") { $0.text }, .maybe("person", "Who did it.") { $0.person },
            .maybe("reason", "Why.") { $0.reason }, .maybe("replay", "The replay's id.") { $0.replay },
            .maybe("batch", "The batch that it was written with.") { $0.batch },
        ])

    private static let systemJourney = APIShape<SystemJourney>(
        "SystemJourney",
        [
            .text("system", "The system.") { $0.system }, .text("state", "How it stands there.") { $0.state.rawValue },
            .maybeCount("milliseconds", "From the hub's taking it until it was delivered.") { $0.milliseconds },
            .maybeCount("waited", "Milliseconds that it has been where it is.") { $0.waited },
            .texts("waitsFor", "`entity/id` of what it waits for.") { $0.waitsFor },
            .maybeInstant("due", "When the next try is.") { $0.due }, .list("steps", Self.step, "What was done.") { $0.steps },
        ])

    private static let person = APIShape<PersonView>(
        "Person",
        [
            .text("person", "The id, as asked.") { $0.person }, .text("subject", "What the audit log calls them.") { $0.subject },
            .flag("isProtected", "Protected identity: then nothing else is told, but `vault` and `given` to who is cleared.") {
                $0.isProtected
            },
            .list("vault", Self.vaultEntry, "What the vault has of a protected person; empty for who isn't cleared.") {
                $0.vault ?? []
            },
            .list("given", Self.given, "How much each system is given of a protected person; empty for who isn't cleared.") {
                ($0.given ?? [:]).sorted { $0.key < $1.key }
            },
            .texts("sources", "The sources of the person's records.") { $0.isProtected ? [] : $0.sources },
            .list("systems", Self.holding, "What each system has in all.") { $0.isProtected ? [] : $0.systems },
            .list("fields", Self.personLine, "Field by field.") { $0.isProtected ? [] : $0.lines },
        ])

    private static let vaultEntry = APIShape<PersonView.VaultEntry>(
        "VaultEntry",
        [
            .text("entity", "E.g. `placement`.") { $0.entity }, .text("source", "The source of the record.") { $0.source },
            .list("fields", Self.vaultField, "What it has.") { $0.fields.sorted { $0.key < $1.key } },
        ])

    private static let vaultField = APIShape<(key: String, value: [String])>(
        "VaultField",
        [
            .text("path", "E.g. `addresses.streetAddress`.") { $0.key },
            .texts("values", "Of identity numbers the last four digits are hidden.") { $0.value },
        ])

    private static let given = APIShape<(key: String, value: String)>(
        "GivenForm",
        [
            .text("system", "The system.") { $0.key },
            .text("form", "`withhold`, `masked`, `fictitious` or `cleared`.") { $0.value },
        ])

    private static let holding = APIShape<PersonView.Holding>(
        "PersonHolding",
        [
            .text("system", "The system.") { $0.system }, .count("records", "Records that it was given.") { $0.records },
            .count("present", "Of these, those of which it has the present state.") { $0.present },
            .count("differing", "Fields that aren't as they should be.") { $0.differing },
            .texts("failing", "Errors of records that it can't be given.") { $0.failing },
        ])

    private static let personLine = APIShape<PersonView.Line>(
        "PersonField",
        [
            .text("origin", "Entity and path, e.g. `person.givenName`.") { $0.origin },
            .any("register", "The register's values; missing where they aren't shown.") { $0.register.map(Self.array) },
            .list("cells", Self.cell, "What each system has.") { $0.cells },
        ])

    private static let cell = APIShape<PersonView.Cell>(
        "PersonCell",
        [
            .text("system", "The system.") { $0.system },
            .text("mark", "`same`, `differs`, `missing` or `left`.") { $0.mark.rawValue },
            .texts("fields", "In the system's words.") { $0.fields },
            .any("has", "What it has; missing where it isn't shown.") { $0.has.map(Self.array) },
            .any("should", "What it should have; missing where it isn't shown.") { $0.should.map(Self.array) },
        ])

    private static func array(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
