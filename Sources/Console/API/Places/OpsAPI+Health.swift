import ConnectorKit
import HTTPTypes
import Hub
import Mapping
import SchoolRecords

/// How the hub and its systems are.
extension OpsAPI {
    var health: [APIOperation] {
        let area = APIOperation.Access.area(.overview)
        return [
            APIOperation(
                method: .get, path: "\(Self.prefix)/health", id: "getHealth", summary: "How the hub is now", access: area,
                success: .init(status: 200, kind: Self.reading.kind, note: "What was read within the last quarter of a minute.")
            ) { call in APIAnswer(Self.reading.json(await call.desk.reading(), call.language)) },
            APIOperation(
                method: .get, path: "\(Self.prefix)/alarms", id: "listAlarms", summary: "The alarms that are open", access: area,
                query: APIPage.parameters, success: .init(status: 200, kind: APIPage.kind(of: Self.alarm), note: "The alarms.")
            ) { call in try call.page(await call.desk.alarms(), Self.alarm) },
            APIOperation(
                method: .get, path: "\(Self.prefix)/systems", id: "listSystems", summary: "The systems, and how they are",
                access: area,
                query: APIPage.parameters, success: .init(status: 200, kind: APIPage.kind(of: Self.system), note: "The systems.")
            ) { call in try call.page(await Self.systems(call.desk), Self.system) },
            APIOperation(
                method: .get, path: "\(Self.prefix)/systems/{system}", id: "getSystem", summary: "One system, and how it is",
                access: area, places: [Self.id("system", "The system's name.")],
                success: .init(status: 200, kind: Self.system.kind, note: "The system."), problems: [404]
            ) { call in
                guard let system = await Self.systems(call.desk).first(where: { $0.name == call.place("system") }) else {
                    throw APIProblem.notFound
                }
                return APIAnswer(Self.system.json(system, call.language))
            },
            APIOperation(
                method: .get, path: "\(Self.prefix)/queues", id: "listQueues",
                summary: "The broker's queues, and what waits in them",
                access: area, query: APIPage.parameters,
                success: .init(status: 200, kind: APIPage.kind(of: Self.queue), note: "The queues.")
            ) { call in
                let reading = await call.desk.reading()
                let queues =
                    reading.targets.map { Queue(name: "deliver.\($0.system)", messages: $0.queued) }
                    + reading.queues.sorted { $0.key < $1.key }.map { Queue(name: $0.key, messages: $0.value) }
                return try call.page(queues, Self.queue)
            },
        ]
    }

    struct Queue: Sendable {
        let name: String
        let messages: Int?
    }

    struct System: Sendable {
        let name: String
        var target: HealthReading.Target?
        var source: HealthReading.Source?
    }

    private static func systems(_ desk: ConsoleDesk) async -> [System] {
        let reading = await desk.reading()
        var systems: [String: System] = [:]
        for name in desk.mappings.set.systems.keys { systems[name] = System(name: name) }
        for target in reading.targets { systems[target.system, default: System(name: target.system)].target = target }
        for source in reading.sources { systems[source.system, default: System(name: source.system)].source = source }
        return systems.values.sorted { $0.name < $1.name }
    }

    private static let queue = APIShape<Queue>(
        "Queue",
        [
            .text("name", "The queue.") { $0.name },
            .maybeCount("messages", "Messages in it; missing when the broker can't be asked.") { $0.messages },
        ])

    private static let system = APIShape<System>(
        "System",
        [
            .text("name", "Its name in the mappings.") { $0.name },
            .part("target", Self.target, "As a system that is written to.") { $0.target },
            .part("source", Self.source, "As a system that is read.") { $0.source },
        ])

    private static let target = APIShape<HealthReading.Target>(
        "TargetHealth",
        [
            .flag("isDown", "Whether it takes nothing now.") { $0.breaker == .open },
            .maybeInstant("lastSuccess", "When it last took a batch; missing when it hasn't since the hub started.") {
                $0.lastSuccess
            },
            .seconds("downSeconds", "Seconds that it has been down.") { $0.downSeconds },
            .maybe("code", "The error that it is down by.") { $0.code },
            .maybe("reason", "The same in words.") { $0.reason },
            .maybe("runbook", "Where the remedy is written.") { $0.runbook },
            .maybeCount("queued", "Messages in its queue; missing when the broker can't be asked.") { $0.queued },
            .seconds("oldestSeconds", "The age in seconds of the oldest message that it hasn't taken.") { $0.oldestSeconds },
            .count("waiting", "Records that wait for another record, or a planned retry.") { $0.waiting },
            .count("failed", "Open failed messages.") { $0.failed },
            .count("deliveredLately", "Messages delivered in the last minutes.") { $0.deliveredLately },
            .count("failedLately", "Messages failed in the last minutes.") { $0.failedLately },
        ])

    private static let source = APIShape<HealthReading.Source>(
        "SourceHealth",
        [
            .flag("isDown", "Whether it can't be read now.") { $0.isDown },
            .maybeInstant("lastRead", "When it was last read to its end.") { $0.lastRead },
            .seconds("silentSeconds", "Seconds since then; missing = never.") { $0.silentSeconds },
            .seconds("downSeconds", "Seconds that it has been down.") { $0.downSeconds },
            .maybe("code", "The error that it can't be read by.") { $0.code },
            .maybe("reason", "The same in words.") { $0.reason },
            .maybe("runbook", "Where the remedy is written.") { $0.runbook },
            .count("failed", "Open failed messages of its intake.") { $0.failed },
        ])

    private static let reading = APIShape<HealthReading>(
        "Health",
        [
            .instant("time", "When it was read.") { $0.time },
            .flag("isBrokerUp", "Whether the broker answers.") { $0.isBrokerUp },
            .maybe("brokerReason", "Why it doesn't.") { $0.brokerReason },
            .count("outbox", "Changes that wait to be published.") { $0.outbox },
            .seconds("outboxSeconds", "The age in seconds of the oldest of them.") { $0.outboxSeconds },
            .count("publishedLately", "Messages published in the last minutes.") { $0.publishedLately },
            .texts("down", "The systems that are down.") { reading in
                Set(
                    reading.targets.filter { $0.breaker == .open }.map(\.system)
                        + reading.sources.filter(\.isDown).map(\.system)
                ).sorted()
            },
            .count("failed", "Open failed messages.") { reading in
                reading.targets.reduce(0) { $0 + $1.failed } + reading.sources.reduce(0) { $0 + $1.failed }
            },
            .count("held", "Mass changes that wait for somebody.") { $0.held.count },
            .count("rolePlans", "Role plans of the schedule that wait for somebody.") { $0.rolePlans.count },
            .maybeCount("diskFreeMebibytes", "What is left on the disk.") { $0.diskFreeMebibytes },
        ])

    private static let alarm = APIShape<Alarm>(
        "Alarm",
        [
            .text("cause", "The same as long as the trouble lasts, and whenever it comes back.") { $0.cause },
            .choice("kind", "What is wrong.") { $0.kind },
            .text("subject", "What it is about, e.g. a system.") { $0.subject },
            .text("severity", "`warning` or `critical`.") { $0.severity.rawValue },
            .words("text", "What is wrong, how much and what to do.") { $0.text($1) },
            .instant("raised", "Since when.") { $0.raised },
            .text("runbook", "Where the remedy is written.") { $0.runbook },
        ])
}
