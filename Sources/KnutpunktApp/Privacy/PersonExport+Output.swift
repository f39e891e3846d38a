public import Foundation
public import Hub
import SchoolRecords

extension PersonExport {
    /// Kind by kind, in the order in which they were found.
    private var groups: [(kind: String, items: [HeldItem])] {
        var kinds: [String] = []
        for item in self.items where kinds.last != item.kind { kinds.append(item.kind) }
        let grouped = Dictionary(grouping: self.items, by: \.kind)
        return kinds.map { ($0, grouped[$0] ?? []) }
    }

    /// As JSON with sorted names: everything, under the names that it has in the hub.
    public func json() throws -> Data {
        func object(_ item: HeldItem) -> JSONValue {
            var fields = item.fields.mapValues(JSONValue.string)
            if let content = item.content { fields["content"] = content }
            return .object(fields)
        }
        let value: JSONValue = .object([
            "person": .string(self.person), "opaqueId": .string(self.opaque), "isProtected": .bool(self.isProtected),
            "time": .string(self.time),
            "holds": .object(
                Dictionary(uniqueKeysWithValues: self.groups.map { ($0.kind, .array($0.items.map(object))) })),
            "systems": .object(
                Dictionary(
                    self.departed.map { departed in
                        (departed.system, .object(departed.rows.mapValues { .integer(Int64($0)) }))
                    }, uniquingKeysWith: { first, _ in first })),
        ])
        return try JSONSerialization.data(
            withJSONObject: JSONSerialization.jsonObject(with: value.canonicalData),
            options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// For people, a line for each thing.
    public func text(_ language: Language) -> String {
        let words = ExportWords(language: language)
        var lines = self.beginning(language)
        for (kind, items) in self.groups {
            lines += ["", "\(words.kind(kind)) (\(items.count))"]
            for item in items {
                lines.append("  " + Self.line(item.fields))
                for (path, value) in Self.leaves(item.content) { lines.append("    \(path): \(value)") }
            }
        }
        return lines.joined(separator: "\n")
    }

    /// One page that stands by itself.
    public func html(_ language: Language) -> String {
        let words = ExportWords(language: language)
        let title = language(sv: "Registerutdrag", en: "Personal data held")
        var body = ["<h1>\(title)</h1>"] + self.beginning(language).map { "<p>\(HTMLText.escaped($0))</p>" }
        for (kind, items) in self.groups {
            body.append("<h2>\(HTMLText.escaped(words.kind(kind))) (\(items.count))</h2>")
            for item in items {
                let rows = Self.leaves(item.content).map {
                    "<tr><th>\(HTMLText.escaped($0.path))</th><td>\(HTMLText.escaped($0.value))</td></tr>"
                }
                body.append("<p>\(HTMLText.escaped(Self.line(item.fields)))</p>")
                if !rows.isEmpty { body.append("<table>\(rows.joined())</table>") }
            }
        }
        return """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)">
            <head><meta charset="utf-8"><title>\(title)</title>
            <style>body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse;margin:.5em 0 1em}\
            th,td{border:1px solid #999;padding:.2em .6em;text-align:left;font-weight:normal}th{background:#eee}</style></head>
            <body>
            \(body.joined(separator: "\n"))
            </body></html>
            """
    }

    private func beginning(_ language: Language) -> [String] {
        let systems = self.departed.map { departed in
            "\(departed.system) (\(departed.rows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")))"
        }
        return [
            language(
                sv: "Allt som navet har om person \(self.person), \(self.time).",
                en: "All that the hub holds about person \(self.person), \(self.time)."),
            self.isProtected
                ? language(
                    sv: "Personen har skyddad identitet: utanför valvet heter den \(self.opaque).",
                    en: "The person has a protected identity: outside of the vault it is called \(self.opaque).")
                : language(
                    sv: "I loggen över vem som har tittat heter personen \(self.opaque).",
                    en: "In the log of who has looked the person is called \(self.opaque)."),
            systems.isEmpty
                ? language(sv: "Inget system har fått något av navet.", en: "The hub has given no system anything.")
                : language(
                    sv: "System som har fått uppgifter: \(systems.joined(separator: "; ")).",
                    en: "Systems that have been given data: \(systems.joined(separator: "; "))."),
        ]
    }

    private static func line(_ fields: [String: String]) -> String {
        fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: " · ")
    }

    /// Every value with the way to it.
    private static func leaves(_ value: JSONValue?, at path: String = "") -> [(path: String, value: String)] {
        guard let value else { return [] }
        if let object = value.objectValue {
            return object.sorted { $0.key < $1.key }.flatMap {
                Self.leaves($0.value, at: path.isEmpty ? $0.key : "\(path).\($0.key)")
            }
        }
        if let array = value.arrayValue {
            return array.enumerated().flatMap { Self.leaves($0.element, at: "\(path)[\($0.offset + 1)]") }
        }
        return [(path, value.stringValue ?? String(decoding: value.canonicalData, as: UTF8.self))]
    }
}
