import ConnectorKit
import Hub

/// What the hub was asked to mend, what waits for somebody else, and whether it helped.
struct RepairsPage: ConsolePage {
    let desk: ConsoleDesk
    let frame: Frame

    func add(to routes: ConsoleRoutes) {
        routes.show("agreement/repairs", .agreement) { visit in try await self.show(visit) }
        routes.act("agreement/repairs/:id", .agreement) { visit, form in
            let id: String = try visit.parameter("id")
            let approves = form["do"] == "approve"
            try await self.desk.repairs.decide(id, approves: approves, reason: try FailurePage.reason(form), visit)
            return .redirect(Address("/agreement/repairs", ["said": approves ? "approved" : "rejected"]))
        }
    }

    private func show(_ visit: Visit) async throws -> Reply {
        let language = visit.language
        let times = TimeText(language, now: self.desk.clock.now())
        let orders = try await self.desk.store.repairs(of: nil).prefix(ListPage.size)
        var page = Frame.Page(language(sv: "Rättningar", en: "Repairs"))
        page.trail = [(language(sv: "Överensstämmelse", en: "Agreement"), Address("/agreement"))]
        page.view["tabs"] = AgreementPage.tabs("/agreement/repairs", language)
        page.view["repairs?"] = !orders.isEmpty
        page.view["repairs"] = orders.map { order in
            var texts = ["\(times.moment(order.madeAt)), \(order.madeBy)"]
            texts.append(
                language(
                    sv: "\(order.findings.count) skillnader, \(order.records) poster sända",
                    en: "\(order.findings.count) differences, \(order.records) records sent"))
            if let decider = order.decidedBy { texts.append("\(decider): \(order.reason ?? "")") }
            if let left = order.left {
                texts.append(language(sv: "\(left) skiljer sig än", en: "\(left) differ still"))
            }
            let (state, tone) = Self.word(order.state, language)
            var view: View = [
                "id": order.id, "state": state, "tone": tone.rawValue, "text": texts.joined(separator: " · "),
                "parts": FindingsPage.parts(of: order, language),
            ]
            if order.state == .waiting, order.madeBy != visit.user.name, visit.user.may(.approveRepairs) {
                view["decide"] = "\(Address(parts: ["agreement", "repairs", order.id]))"
            }
            return view
        }
        return self.frame.show(page, "repairs", in: .agreement, visit)
    }

    private static func word(_ state: RepairOrder.State, _ language: Language) -> (String, Tone) {
        switch state {
        case .waiting: (language(sv: "väntar på någon annans godkännande", en: "waits for somebody else's approval"), .warn)
        case .sent: (language(sv: "sänd", en: "sent"), .warn)
        case .verified: (language(sv: "prövad av en ny jämförelse", en: "looked at by a later comparison"), .good)
        case .rejected: (language(sv: "avvisad", en: "rejected"), .plain)
        }
    }
}
