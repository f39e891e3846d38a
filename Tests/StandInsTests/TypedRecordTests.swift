import SchoolRecords
import StandIns
import Testing

@Suite struct `What the synthetic municipality holds, typed` {
    @Test func `every document is a record that SchoolRecords takes, with nothing left over`() throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 900), seed: 4, today: "2026-10-01")
        for entity in Entity.roster {
            for (index, document) in try municipality.documents(of: entity).enumerated() {
                let normal = try #require(
                    try? SchoolRecord.validate(entity, document), "\(entity) \(index) is no valid record")
                #expect(Self.names(of: document).subtracting(Self.names(of: normal)).isEmpty, "\(entity) \(index)")
            }
        }
    }

    /// The names of all members that hold anything, at any depth.
    private static func names(of value: JSONValue) -> Set<String> {
        switch value {
        case .object(let members):
            members.reduce(into: []) { names, member in
                guard member.value != [] else { return }
                names.insert(member.key)
                names.formUnion(self.names(of: member.value))
            }
        case .array(let elements): elements.reduce(into: []) { $0.formUnion(self.names(of: $1)) }
        default: []
        }
    }

    @Test func `every number without a list is a temporary one`() throws {
        let municipality = try SyntheticMunicipality(scale: .custom(children: 300), seed: 4, today: "2026-10-01")
        for person in try municipality.documents(of: .person) {
            let text = try #require(person["civicNo"]?["value"]?.stringValue)
            #expect(try PersonalIdentityNumber(text).kind == .temporary)
        }
    }
}
