import Foundation
import Hub
import KnutpunktApp

/// A person's data side by side, as people read it.
struct PersonText {
    let language: Language

    func lines(_ view: PersonView) -> [String] {
        var lines = ["person/\(view.person)  \(self.language(sv: "i loggen", en: "in the audit log")): \(view.subject)"]
        if let vault = view.vault { return lines + self.lines(of: vault, view.given ?? [:]) }
        if view.isProtected {
            lines.append(
                self.language(
                    sv: "Skyddade personuppgifter: allt om personen hålls tillbaka, och inget visas.",
                    en: "Protected identity: everything about the person is held back, and nothing is shown."))
            return lines
        }
        lines.append("\(self.language(sv: "källor", en: "sources")): \(view.sources.joined(separator: ", "))")
        for system in view.systems { lines += self.lines(system) }
        if !view.lines.isEmpty { lines += [""] + self.table(view) }
        let hidden = view.lines.flatMap(\.cells).contains { $0.has == nil }
        lines.append("")
        lines.append(
            self.language(
                sv: "= som det ska vara   ≠ annat än det ska   – inte given   + finns kvar fast den inte ska",
                en: "= as it should be   ≠ other than it should   – not given   + still there though it shouldn't"))
        if hidden {
            lines.append(
                self.language(
                    sv: "Värden visas där något skiljer. Alla: --values",
                    en: "Values are shown where something differs. All: --values"))
        }
        return lines
    }

    /// What the vault has, and how much each system is given.
    private func lines(of vault: [PersonView.VaultEntry], _ given: [String: String]) -> [String] {
        var lines = [
            self.language(
                sv: "Skyddade personuppgifter, ur valvet. Att du tittar står i granskningsloggen.",
                en: "Protected identity, out of the vault. That you look is in the audit log.")
        ]
        for (system, form) in given.sorted(by: { $0.key < $1.key }) { lines.append("\(system): \(form)") }
        for entry in vault {
            lines += ["", "\(entry.entity) (\(entry.source))"]
            for (path, values) in entry.fields.sorted(by: { $0.key < $1.key }) {
                lines.append("  \(path): \(values.joined(separator: " | "))")
            }
        }
        return lines
    }

    private func lines(_ system: PersonView.Holding) -> [String] {
        var text = "\(system.system): "
        text +=
            system.records == 0
            ? self.language(sv: "har inget", en: "has nothing")
            : self.language(
                sv: "\(system.records) \(system.records == 1 ? "post" : "poster")",
                en: "\(system.records) \(system.records == 1 ? "record" : "records")")
        text +=
            system.differing == 0
            ? self.language(sv: ", allt som det ska vara", en: ", all as it should be")
            : self.language(
                sv: ", \(system.differing) fält skiljer",
                en: system.differing == 1 ? ", 1 field differs" : ", \(system.differing) fields differ")
        var lines = [text]
        for (record, state) in system.open.sorted(by: { $0.key < $1.key }) {
            lines.append("    \(record)  \(state.rawValue)  → knutpunkt trace \(system.system)/\(record)")
        }
        for failure in system.failing {
            lines.append("    \(self.language(sv: "kan inte ges", en: "can't be given")): \(failure)")
        }
        return lines
    }

    private func table(_ view: PersonView) -> [String] {
        let systems = view.systems.map(\.system)
        var rows = [[self.language(sv: "fält", en: "field"), self.language(sv: "registret", en: "register")] + systems]
        for line in view.lines {
            rows.append(
                [
                    line.origin == "-" ? self.language(sv: "(alltid samma)", en: "(always the same)") : line.origin,
                    Self.text(line.register),
                ]
                    + systems.map { system in line.cells.first { $0.system == system }.map(Self.text) ?? "" })
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return padded.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }

    private static func text(_ values: [String]?) -> String {
        values.map { $0.isEmpty ? "–" : $0.joined(separator: " | ") } ?? "•••"
    }

    private static func text(_ cell: PersonView.Cell) -> String {
        switch cell.mark {
        case .same: cell.has == nil ? "=" : "= \(Self.text(cell.has))"
        case .differs: "≠ \(Self.text(cell.has)) → \(Self.text(cell.should))"
        case .missing: "– → \(Self.text(cell.should))"
        case .left: "+ \(Self.text(cell.has))"
        }
    }
}
