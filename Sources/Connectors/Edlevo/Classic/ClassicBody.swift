import Foundation
import SchoolRecords

/// The XML of what is written, as the vendor's schemas have it. Pure.
struct ClassicBody: Sendable {
    /// What every document says of itself.
    let dataSource: String
    let made: WallClock

    /// A GUID in the form in which Edlevo gives it; other ids as they are.
    static func id(_ text: String) -> String {
        let id = RecordKey.normalID(text)
        return id.utf8.count == 36 && id.utf8.filter { $0 == UInt8(ascii: "-") }.count == 4 ? "{\(id.uppercased())}" : text
    }

    private func properties(_ writer: inout XMLWriter, type: String? = nil, _ more: (inout XMLWriter) -> Void = { _ in }) {
        writer.element("properties") {
            $0.leaf("datetime", self.made.text)
            $0.leaf("datasource", self.dataSource)
            $0.leaf("type", type)
            more(&$0)
        }
    }

    private func personRoot(_ type: String, _ content: (inout XMLWriter) -> Void) -> [UInt8] {
        XMLWriter.document(ClassicAPI.person.root, nameSpace: ClassicAPI.person.nameSpace) {
            self.properties(&$0, type: type)
            content(&$0)
        }
    }

    private static func userID(_ id: String, _ writer: inout XMLWriter) {
        let isGUID = Self.id(id).hasPrefix("{")
        writer.leaf("userid", Self.id(id), ["useridtype": isGUID ? "GUID" : "PID"])
    }

    func contact(_ fields: [String: String]) -> [UInt8] {
        self.personRoot("PersonInfo") {
            $0.element("person") {
                Self.userID(fields["person"] ?? "", &$0)
                for name in ["emailhome", "emailworkschool", "emailworkschool2"] { $0.leaf(name, fields[name]) }
                for (name, type) in [("phone", "Voice"), ("mobile", "Mobile"), ("work", "Work")] {
                    $0.leaf("tel", fields[name], ["teltype": type])
                }
            }
        }
    }

    /// Extra attributes for a service that a person has none of yet.
    func newAttributes(_ fields: [String: String], service: String) -> [UInt8] {
        self.personRoot("ExtraAttribute") {
            $0.element("person") {
                Self.userID(fields["person"] ?? "", &$0)
                $0.element("extraattribute") {
                    $0.leaf("service", service)
                    $0.leaf("eduPersonPrincipalName", fields["eppn"])
                }
            }
        }
    }

    /// The elements of extra attributes, in the schema's order.
    private static let attributes = [
        "eduPersonPersistentId", "eduPersonPrincipalName", "eduPersonUniqueId", "eduPersonTargetedId", "eduPersonAffiliation",
        "eduPersonScopedAffiliation", "eduPersonEntitlement",
    ]

    /// Extra attributes that are there, with another principal name: what is left out would be deleted.
    func attributes(_ there: XMLTree, eppn: String) -> [UInt8] {
        self.personRoot("ExtraAttribute") {
            $0.element("extraattribute") { writer in
                writer.leaf("attributeid", there.value("attributeid"))
                writer.leaf("service", there.value("service"))
                for name in Self.attributes {
                    let texts = name == "eduPersonPrincipalName" ? [eppn] : there.all(name).compactMap { $0.value() }
                    for text in texts { writer.leaf(name, text) }
                }
            }
        }
    }

    func busCard(_ fields: [String: String]) -> [UInt8] {
        self.personRoot("BusCardInfo") {
            $0.element("buscardinfo") {
                $0.element("student") {
                    $0.leaf("id", Self.id(fields["student"] ?? ""))
                    $0.leaf("personid", fields["personid"])
                    $0.leaf("uniqueid", fields["uniqueid"] ?? RecordKey.normalID(fields["student"] ?? ""))
                }
                $0.leaf("eligible-for-buscard", "true")
                $0.element("dateframe") {
                    $0.leaf("start", fields["start"])
                    $0.leaf("end", fields["end"] ?? "9999-12-31")
                }
                $0.leaf("distance", fields["distance"])
                $0.leaf("buscardtype", fields["type"])
                $0.leaf("buscardnumber", fields["number"])
            }
        }
    }

    /// A person's employments, in the order in which Edlevo is to take them.
    func employments(_ rows: [[String: String]]) -> [UInt8] {
        XMLWriter.document(ClassicAPI.personnel.root, nameSpace: ClassicAPI.personnel.nameSpace) {
            self.properties(&$0, type: "DeltaPersonnel") {
                $0.element("timeframe") {
                    $0.leaf("start", self.made.text)
                    $0.leaf("end", self.made.text)
                }
            }
            $0.element("person") {
                for name in ["personid", "uniqueid", "firstname", "lastname"] { $0.leaf(name, rows.first?[name]) }
                for placements in ClassicEmploymentOrder.employments(rows) { Self.employment(placements, &$0) }
            }
        }
    }

    private static func employment(_ placements: [[String: String]], _ writer: inout XMLWriter) {
        let fields = placements.last ?? [:]
        writer.element("employment") {
            for name in ["employeenumber", "percent", "years", "start"] { $0.leaf(name, fields[name]) }
            $0.leaf("end", fields["end"] ?? "9999-12-31")
            for name in ["titlecode", "titlename", "type"] { $0.leaf(name, fields[name]) }
            for placement in placements { $0.element("placement") { Self.placement(placement, &$0) } }
        }
    }

    private static func placement(_ fields: [String: String], _ writer: inout XMLWriter) {
        writer.leaf("externalemploymentinfo", fields["info"])
        writer.leaf("signature", fields["signature"])
        writer.leaf("category", fields["category"])
        writer.leaf("start", fields["placement_start"] ?? fields["start"])
        writer.leaf("end", fields["placement_end"] ?? fields["end"] ?? "9999-12-31")
        writer.element("place") {
            $0.leaf("id", Self.id(fields["place"] ?? ""))
            $0.leaf("name", fields["place_name"])
            $0.leaf("schooltype", fields["schooltype"])
            $0.leaf("placetype", fields["placetype"] ?? "Unit")
        }
        writer.leaf("percent", fields["placement_percent"] ?? fields["percent"])
        writer.leaf("titlecode", fields["titlecode"])
    }

    /// A time in the form of the schema.
    static func time(_ text: String?) -> String? { text.flatMap { WallClock($0)?.text } }

    func absence(_ fields: [String: String]) -> [UInt8] {
        XMLWriter.document("reportabsence", nameSpace: ClassicAPI.absence.nameSpace) {
            self.properties(&$0)
            $0.leaf("studentid", Self.id(fields["student"] ?? ""))
            $0.leaf("guardianid", Self.id(fields["guardian"] ?? ""))
            $0.leaf("start", Self.time(fields["start"]))
            $0.leaf("stop", Self.time(fields["stop"]))
        }
    }

    func total(_ fields: [String: String]) -> [UInt8] {
        XMLWriter.document(ClassicAPI.monitoring.root, nameSpace: ClassicAPI.monitoring.nameSpace) {
            self.properties(&$0) {
                $0.leaf("schooltype", fields["schooltype"])
                $0.element("timeframe") {
                    $0.leaf("start", Self.time(fields["start"]))
                    $0.leaf("end", Self.time(fields["end"]))
                }
            }
            $0.element("\(fields["kind"] ?? "absence")aggregation") {
                $0.element("student") { $0.leaf("id", Self.id(fields["student"] ?? "")) }
                $0.leaf("time", fields["minutes"])
                if fields["kind"] == "presence" { $0.leaf("timeoffered", fields["offered"]) }
                $0.leaf("start", Self.time(fields["start"]))
                $0.leaf("end", Self.time(fields["end"]))
                $0.leaf("code", fields["code"])
                if fields["kind"] != "presence" { $0.leaf("reason", fields["reason"]) }
            }
        }
    }
}
