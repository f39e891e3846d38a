import ConnectorKit
import Hub

/// How everything is, at a glance: what needs somebody now, the systems and their flows. Nothing in it is about a person.
struct OverviewPage: ConsolePage {
    /// Between two looks while somebody has the page open.
    private static let pause = Duration.seconds(3)

    let desk: ConsoleDesk
    let frame: Frame
    private let feed: LiveFeed

    init(desk: ConsoleDesk, frame: Frame) {
        self.desk = desk
        self.frame = frame
        self.feed = LiveFeed(every: Self.pause, clock: desk.clock) { languages in
            let overview = await Overview(desk)
            return Dictionary(
                uniqueKeysWithValues: languages.map { language in
                    (language, frame.templates.render("overview-now", OverviewView(overview, language).view, in: language))
                })
        }
    }

    func add(to routes: ConsoleRoutes) {
        routes.show("", .overview) { visit in
            var page = Frame.Page(visit.language(sv: "Översikt", en: "Overview"))
            page.lead = visit.language(
                sv: "Hur systemen och flödena mår just nu.", en: "How systems and flows do right now.")
            page.view = OverviewView(await Overview(self.desk), visit.language).view
            return self.frame.show(page, "overview", in: .overview, visit)
        }
        routes.show("live/overview", .overview) { visit in .live(await self.feed.events(in: visit.language)) }
    }
}

/// What the overview tells.
struct Overview: Sendable {
    let reading: HealthReading
    let alarms: [Alarm]

    init(_ desk: ConsoleDesk) async {
        self.reading = await desk.reading()
        self.alarms = await desk.alarms()
    }
}
