import SchoolRecords

/// What is known of objects at Skolverket while a batch is written: what others of the batch need of them.
struct DNPKnown {
    private(set) var persons: [String: DNPDocument] = [:]
    private(set) var groups: [String: DNPDocument] = [:]

    mutating func take(_ documents: some Sequence<DNPDocument>) {
        for document in documents {
            switch document.type {
            case .person: self.persons[document.id] = document
            case .group: self.groups[document.id] = document
            case .duty, .activity: break
            }
        }
    }

    /// Where most of a group's members are enrolled, in the group's school type where they are; of equal ones the first by id.
    func unit(of group: DNPDocument) -> String? {
        var votes: [String: Int] = [:]
        for member in group.elements(.member) {
            guard let person = member["person"].flatMap({ self.persons[$0] }) else { continue }
            let enrolments = person.elements(.enrolment)
            let own = enrolments.first { $0["schoolType"] == group.fields?["schoolType"] } ?? enrolments.first
            if let unit = own?["unit"] { votes[unit, default: 0] += 1 }
        }
        return votes.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}
