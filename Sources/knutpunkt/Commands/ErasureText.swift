import Hub
import KnutpunktApp

/// Erasures, for people and as JSON.
struct ErasureText {
    let language: Language
    let context: HubContext

    struct SystemProof: Encodable {
        let system: String
        let rows: [String: Int]
        /// Kinds of row that the system lets nobody delete from outside.
        let byHand: [String]
        let confirmedAt: String?
        let givenUpBy: String?
    }

    struct Proof: Encodable {
        let person: String
        let time: String
        let by: String
        let reason: String
        let state: String
        let destroyed: [String: Int]
        let systems: [SystemProof]
        let destroyedKeyGeneration: Int?
        let finishedAt: String?
        let liftedBy: String?
        let liftedAt: String?

        init(_ erasure: Erasure, _ context: HubContext) {
            self.person = erasure.person
            self.time = erasure.time
            self.by = erasure.by
            self.reason = erasure.reason
            self.state = erasure.state.rawValue
            self.destroyed = erasure.destroyed
            let departures = context.departures(erasure.systems.map { DepartedData(system: $0.system, rows: $0.rows) })
            self.systems = erasure.systems.map { system in
                SystemProof(
                    system: system.system, rows: system.rows,
                    byHand: departures.filter { $0.system == system.system && !$0.isRemovable }.map(\.kind),
                    confirmedAt: system.confirmedAt, givenUpBy: system.givenUpBy)
            }
            self.destroyedKeyGeneration = erasure.droppedGeneration
            self.finishedAt = erasure.finishedAt
            self.liftedBy = erasure.liftedBy
            self.liftedAt = erasure.liftedAt
        }
    }

    struct Outlook: Encodable {
        let person: String
        let isKnown: Bool
        let isActive: Bool
        let records: [String: Int]
        let systems: [HubContext.Departure]
        let legalHold: Bool
        let erasedAt: String?

        init(_ outlook: Eraser.Outlook, _ context: HubContext) {
            self.person = outlook.person
            self.isKnown = outlook.isKnown
            self.isActive = outlook.isActive
            self.records = outlook.records
            self.systems = context.departures(outlook.departed)
            self.legalHold = outlook.hold != nil
            self.erasedAt = outlook.earlier.flatMap { $0.state == .lifted ? nil : $0.time }
        }
    }

    func outlook(_ outlook: Eraser.Outlook) -> [String] {
        var lines = [
            self.language(
                sv: "Ingenting är ändrat. Utanför valvet heter personen \(outlook.person).",
                en: "Nothing is changed. Outside of the vault the person is called \(outlook.person).")
        ]
        if !outlook.isKnown {
            lines.append(self.language(sv: "Navet känner ingen sådan person.", en: "The hub knows of no such person."))
        }
        if let hold = outlook.hold {
            lines.append(
                self.language(
                    sv: "Går inte: uppgifterna måste bevaras (\(hold.reason)).",
                    en: "Can't be: the data must be kept (\(hold.reason))."))
        }
        if outlook.isActive {
            lines.append(
                self.language(
                    sv: "En källa har personen nu: --although-active behövs.",
                    en: "A source has the person now: --although-active is needed."))
        }
        for (entity, count) in outlook.records.sorted(by: { $0.key < $1.key }) { lines.append("  \(entity)  \(count)") }
        for departure in self.context.departures(outlook.departed) {
            lines.append("  \(departure.system)  \(departure.kind)  \(departure.rows)  \(self.how(departure.isRemovable))")
        }
        lines.append(self.language(sv: "Gör det med --yes.", en: "Do it with --yes."))
        return lines
    }

    private func how(_ isRemovable: Bool) -> String {
        isRemovable
            ? self.language(sv: "tas bort av navet", en: "removed by the hub")
            : self.language(sv: "TA BORT FÖR HAND i systemet", en: "REMOVE BY HAND in the system")
    }

    func proof(_ erasure: Erasure) -> [String] {
        var lines = [
            "\(erasure.time)  \(erasure.person)  \(self.state(erasure.state))  \(erasure.by): \(erasure.reason)"
        ]
        if !erasure.destroyed.isEmpty {
            let counts = erasure.destroyed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            lines.append("  " + self.language(sv: "förstört här: \(counts)", en: "destroyed here: \(counts)"))
        }
        for system in Proof(erasure, self.context).systems {
            let state: String
            if let time = system.confirmedAt {
                state = self.language(sv: "bekräftat \(time)", en: "confirmed \(time)")
            } else if let person = system.givenUpBy {
                state = self.language(sv: "uppgivet av \(person)", en: "given up by \(person)")
            } else {
                state = self.language(sv: "inte bekräftat än", en: "not confirmed yet")
            }
            lines.append("  \(system.system)  \(state)")
            for kind in system.byHand { lines.append("    \(kind)  \(self.how(false))") }
        }
        if let generation = erasure.droppedGeneration {
            lines.append(
                "  "
                    + self.language(
                        sv:
                            "nyckel \(generation) är förstörd: kopior av lagret från före \(erasure.finishedAt ?? "") kan inte öppnas. "
                            + "Ta en ny säkerhetskopia nu, av lagret och av nyckeln.",
                        en:
                            "key \(generation) is destroyed: copies of the store from before \(erasure.finishedAt ?? "") can't be "
                            + "opened. Take a new backup now, of the store and of the key."))
        }
        return lines
    }

    private func state(_ state: Erasure.State) -> String {
        switch state {
        case .listed: self.language(sv: "ska raderas igen", en: "to be erased again")
        case .pending: self.language(sv: "raderad här, system återstår", en: "erased here, systems remain")
        case .done: self.language(sv: "klar", en: "done")
        case .lifted: self.language(sv: "hävd", en: "lifted")
        }
    }
}
