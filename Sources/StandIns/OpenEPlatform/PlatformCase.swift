public import Foundation

/// One element of a case's XML: a text, or other elements.
public struct PlatformElement: Sendable, Hashable {
    public let name: String
    public let text: String?
    public let children: [PlatformElement]

    public init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
        self.children = []
    }

    public init(_ name: String, _ children: [PlatformElement]) {
        self.name = name
        self.text = nil
        self.children = children
    }

    /// A question of a form, with answers.
    static func query(_ name: String, _ id: Int, _ question: String, _ fields: [PlatformElement]) -> PlatformElement {
        PlatformElement(name, [PlatformElement("QueryID", String(id)), PlatformElement("Name", question)] + fields)
    }
}

/// A case as the stand-in holds it.
public struct PlatformCase: Sendable, Hashable {
    public let number: Int
    public let family: String
    public internal(set) var status: String
    public let submitted: Date
    public internal(set) var updated: Date
    /// Below `Header`, but for number, status and times.
    var poster: [PlatformElement]
    /// Below `Values`.
    public internal(set) var values: [PlatformElement]

    /// Everything below `FlowInstance`.
    public var elements: [PlatformElement] {
        let time = ClassicXML.time(self.submitted)
        return [
            PlatformElement(
                "Header",
                [
                    PlatformElement(
                        "Flow",
                        [
                            PlatformElement("FamilyID", self.family), PlatformElement("Version", "28"),
                            PlatformElement("FlowID", "2177"), PlatformElement("Name", "Ansökan om skolskjuts"),
                        ]),
                    PlatformElement("FlowInstanceID", String(self.number)),
                    PlatformElement("Status", [PlatformElement("ID", "14069"), PlatformElement("Name", self.status)]),
                    PlatformElement("Poster", self.poster), PlatformElement("Posted", time),
                    PlatformElement("Updated", ClassicXML.time(self.updated)), PlatformElement("FirstSubmitted", time),
                    PlatformElement("LastSubmitted", time),
                ]),
            PlatformElement("Values", self.values),
        ]
    }
}

/// An application for school transport, as a form asks for it.
public struct TransportForm: Sendable, Hashable {
    /// The names of a form's questions differ between its versions.
    public enum Version: Sendable, Hashable, CaseIterable {
        case current
        case former
    }

    public var version = Version.current
    /// The child's identity number, as it was typed.
    public var number: String
    public var givenName = ""
    public var familyName = ""
    /// As the form's list of schools names it.
    public var school: String
    public var reasons: [String] = []
    /// `yyyy-MM-dd`
    public var startDate: String
    /// Until when an official has decided, `yyyy-MM-dd`.
    public var decidedUntil: String?

    public init(number: String, school: String, startDate: String) {
        self.number = number
        self.school = school
        self.startDate = startDate
    }

    var values: [PlatformElement] {
        var values: [PlatformElement] = [
            .query(
                "KontaktuppgifterPrivatperson", 60088, "Ange dina kontaktuppgifter",
                [PlatformElement("Lastname", self.familyName), PlatformElement("ContactBySMS", "true")]),
            .query(
                "VemGallerArendet", 60089, "Vem gäller ärendet?",
                [PlatformElement("Value", "Jag ansöker för en elev som jag är vårdnadshavare för")]),
            self.child,
            .query(
                "DatumAnsokan", 60095, "Från vilket datum ansöker du om skolskjuts?",
                [PlatformElement("StartDate", self.startDate)]),
            .query(
                "OmBarnetBorPaFleraAdresser", 60096, "Har eleven växelvis boende?", [PlatformElement("Value", "Nej")]),
            .query(
                "SkolaAnsokan", 60127, "Ange vilken skola ansökan gäller", [PlatformElement("Value", self.school)]),
        ]
        if !self.reasons.isEmpty {
            values.append(
                .query(
                    "VarforSkolskjuts", 60112, "Varför behöver eleven skolskjuts?",
                    self.reasons.map { PlatformElement("Value", $0) }))
        }
        if let until = self.decidedUntil {
            values.append(
                .query(
                    "BeslutPeriod", 60168, "Ange period för beslut",
                    [PlatformElement("StartDate", self.startDate), PlatformElement("EndDate", until)]))
        }
        return values
    }

    private var child: PlatformElement {
        switch self.version {
        case .current:
            PlatformElement(
                "BarnetsUppgifter",
                [
                    PlatformElement("Barnets_personummer", self.number),
                    PlatformElement("Barnets_fornamn", self.givenName), PlatformElement("Barnets_efternamn", self.familyName),
                ])
        case .former:
            .query(
                "UppgifterOmBarnet", 60093, "Uppgifter om eleven",
                [
                    PlatformElement("Fornamn", self.givenName), PlatformElement("Efternamn", self.familyName),
                    PlatformElement("UppgifterOmBarnetPersonummer", self.number),
                ])
        }
    }
}
