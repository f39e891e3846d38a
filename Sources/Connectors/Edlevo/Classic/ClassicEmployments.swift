import ConnectorKit
import Foundation
import SchoolRecords

/// What the exports of the Personnel interface come to. Pure.
///
/// An employment at a unit of a primary school type stands in the export of every school type of the unit (Personnel API v8,
/// 5.1.1): it is one all the same.
struct ClassicEmployments: Sendable {
    struct Placement: Sendable {
        let id: String
        let person: String
        /// The unit, department or area.
        let place: String?
        /// The placement with what its employment says.
        let json: JSONValue
        let modified: WallClock?
    }

    private(set) var persons: [String: IMSObject] = [:]
    private(set) var placements: [String: Placement] = [:]
    private(set) var broken: [IMSOrganization.Broken] = []
    private var byPerson: [String: [String]] = [:]

    static let root = "personnel"
    static let nameSpace = "http://open.tieto.com/edu/personnel/v8"

    /// Takes an export of everything of one school type.
    ///
    /// - Throws: ``XMLProblem``; nothing of the document counts then.
    mutating func take(_ data: Data, system: String) throws(XMLProblem) -> IMSProperties {
        var properties: IMSProperties?
        var taken = self
        try XMLDocument.read(data, root: Self.root, nameSpace: Self.nameSpace) { tree throws(XMLProblem) in
            switch tree.name {
            case "properties":
                let found = IMSProperties(tree)
                guard found.type?.lowercased() == "completepersonnel" else { throw .anotherDocument }
                properties = found
            case "person":
                guard properties != nil else { throw .wrongShape }
                taken.take(tree, system)
            default: break
            }
        }
        guard let properties else { throw .wrongShape }
        taken.byPerson = Dictionary(grouping: taken.placements.values.map { $0 }, by: \.person).mapValues {
            $0.map(\.id).sorted()
        }
        self = taken
        return properties
    }

    func placements(of person: String) -> [Placement] { (self.byPerson[person] ?? []).compactMap { self.placements[$0] } }

    private mutating func take(_ tree: XMLTree, _ system: String) {
        guard let id = (tree.value("id") ?? tree.value("uniqueid")).flatMap({ ElementReading.usable(.string($0)) }) else {
            self.broken.append(
                .init(entity: .duty, code: .recordWithoutID, words: "a person of the personnel has no usable id"))
            return
        }
        var own = tree
        own.children.removeAll { ["employment", "workarea", "teachingqualification"].contains($0.name) }
        self.persons[id] = IMSObject(own)
        let modified = tree.value("timestamp").flatMap { WallClock($0) }
        for employment in tree.all("employment") {
            var shared = employment
            shared.children.removeAll { $0.name == "placement" }
            for placement in employment.all("placement") {
                let place = placement["place"]?.value("id").flatMap { ElementReading.usable(.string($0)) }
                let parts = [id, place ?? "", employment.value("start") ?? "", placement.value("start") ?? ""]
                let key =
                    placement.value("id").flatMap { ElementReading.usable(.string($0)) }
                    ?? RowID.uuid(system: system, entity: .duty, parts: parts)
                var json = JSONValue(placement, lists: IMSOrganization.lists.subtracting(["placement"]))
                json["employment"] = JSONValue(shared, lists: IMSOrganization.lists)
                self.placements[key] = Placement(id: key, person: id, place: place, json: json, modified: modified)
            }
        }
    }

    /// Somebody who is employed and has no role in the organisation.
    func person(_ id: String, made: WallClock) -> JSONValue? {
        guard let object = self.persons[id] else { return nil }
        let own = object.json
        var name: JSONValue = [:]
        name["n"] = ["given": own["firstname"] ?? .null, "family": own["lastname"] ?? .null]
        var document = own
        for field in ["firstname", "lastname", "middlename", "personid", "uniqueid", "gender", "bday", "privacy", "status"] {
            document[field] = nil
        }
        document["name"] = name
        if let pid = own["personid"] { document["userid"] = [["useridtype": "PID", "value": pid]] }
        var demographics: JSONValue = [:]
        demographics["gender"] = own["gender"]
        demographics["bday"] = own["bday"]
        document["demographics"] = demographics
        var more: JSONValue = [:]
        for field in ["privacy", "status"] { more[field] = own[field] }
        document["extension"] = more
        document["institutionrole"] = [["primaryrole": "Yes", "institutionroletype": "Staff"]]
        document["id"] = .string(id)
        document["securityMarking"] = ClassicRecords.marking([own["privacy"]])
        let modified = own["timestamp"]?.stringValue.flatMap { WallClock($0) } ?? made
        document["meta"] = ["modified": .string(Instant.text(modified.date))]
        return document
    }
}
