import SchoolRecords

/// What the intake itself adds to records of an entity whose sources don't know the hub's ids: what follows from what they say, and whom
/// numbers and codes lead to.
protocol RecordCompletion: Sendable {
    /// The entities by whose numbers and codes it is linked.
    var needs: Set<Entity> { get }

    /// Whether it says who is protected.
    var marks: Bool { get }

    /// The record with what follows from it, whatever stood there before.
    ///
    /// - Returns: `nil` for what is nobody's business here.
    func completed(_ body: JSONValue) throws -> JSONValue?

    /// The identity numbers of persons in it.
    func numbers(in body: JSONValue) -> Set<String>

    /// The school unit codes in it.
    func codes(in body: JSONValue) -> Set<String>

    /// The record with references in the place of what they were found by.
    func linked(_ body: JSONValue, person: (String) -> String?, unit: (String) -> String?) -> JSONValue

    /// Whether the record, linked, is to be kept.
    func keeps(_ body: JSONValue) -> Bool

    /// What the record, linked, still lacks; with it it can't be used.
    func problem(in body: JSONValue) -> LinkProblem?
}

extension RecordCompletion {
    func completed(_ body: JSONValue) throws -> JSONValue? { body }

    func keeps(_ body: JSONValue) -> Bool { true }

    func problem(in body: JSONValue) -> LinkProblem? { nil }
}

/// Whom or what a record is about can't be told. Holds nothing of it.
struct LinkProblem: Hashable {
    let code: NewFailure.Code
    let field: String
    let message: String
}

extension Entity {
    /// What is added to its records; `nil` for those of systems that have the hub's ids.
    var completion: (any RecordCompletion)? {
        switch self {
        case .employee: EmployeeCompletion()
        case .registration: RegistrationCompletion()
        case .transportApplication: TransportApplicationCompletion()
        default: nil
        }
    }
}

/// Employees: times at work, and who and where they are. The student register may get to know the person from this very record.
struct EmployeeCompletion: RecordCompletion {
    let needs: Set<Entity> = [.person, .organisation]
    let marks = false

    private static let unitCode = "schoolUnitCode"

    func completed(_ body: JSONValue) throws -> JSONValue? {
        let employee = try Employee(json: body).completed()
        // Whoever works at no school is nobody's business here.
        return employee.employments?.isEmpty == false ? employee.json : nil
    }

    func numbers(in body: JSONValue) -> Set<String> { Set([body["civicNo"]?["value"]?.stringValue].compactMap(\.self)) }

    func codes(in body: JSONValue) -> Set<String> {
        Set((body["employments"]?.arrayValue ?? []).compactMap { $0[Self.unitCode]?.stringValue })
    }

    func linked(_ body: JSONValue, person: (String) -> String?, unit: (String) -> String?) -> JSONValue {
        guard case .object(var members) = body else { return body }
        members["person"] = body["civicNo"]?["value"]?.stringValue.flatMap(person).map { ["id": .string($0)] }
        let employments = (body["employments"]?.arrayValue ?? []).map { employment -> JSONValue in
            guard case .object(var fields) = employment else { return employment }
            fields["organisation"] = employment[Self.unitCode]?.stringValue.flatMap(unit).map { ["id": .string($0)] }
            return .object(fields)
        }
        if !employments.isEmpty { members["employments"] = .array(employments) }
        return .object(members)
    }
}

/// Registrations: who it is, by the number of now or the one before, and who the others are. A registration has its person's name, not the
/// notice's, so that it stays the same under another number. Nothing is kept of strangers, nor the numbers of others.
struct RegistrationCompletion: RecordCompletion {
    let needs: Set<Entity> = [.person]
    let marks = true

    func numbers(in body: JSONValue) -> Set<String> {
        Set(Self.own(body) + (body["relations"]?.arrayValue ?? []).compactMap { $0["civicNo"]?["value"]?.stringValue })
    }

    /// The person's numbers, the one that holds now first.
    static func own(_ body: JSONValue) -> [String] {
        ["civicNo", "formerCivicNo"].compactMap { body[$0]?["value"]?.stringValue }
    }

    func codes(in body: JSONValue) -> Set<String> { [] }

    func linked(_ body: JSONValue, person: (String) -> String?, unit: (String) -> String?) -> JSONValue {
        guard case .object(var members) = body else { return body }
        let found = Self.own(body).lazy.compactMap(person).first
        members["person"] = found.map { ["id": .string($0)] }
        if let found { members["id"] = .string(DerivedID.of(flow: Entity.registration.rawValue, found)) }
        let relations = (body["relations"]?.arrayValue ?? []).map { relation -> JSONValue in
            guard case .object(var fields) = relation else { return relation }
            let other = relation["civicNo"]?["value"]?.stringValue
            fields["civicNo"] = nil
            fields["person"] = other.flatMap(person).map { ["id": .string($0)] }
            return .object(fields)
        }
        // In an order that doesn't depend on the notice's.
        let sorted = relations.sorted { one, two in
            one.canonicalData.lexicographicallyPrecedes(two.canonicalData)
        }
        if !sorted.isEmpty { members["relations"] = .array(sorted) }
        return .object(members)
    }

    /// What stands of somebody under a former number says that there is another, and no more.
    func keeps(_ body: JSONValue) -> Bool {
        body["person"]?["id"] != nil
            && body["deregistrationReason"]?.stringValue != DeregistrationReason.formerNumber.rawValue
    }
}

/// Applications for school transport of e-services that know the child by the number and the school by its code. Neither is kept once it has led
/// to somebody. Schools are read before persons are, by whoever has both.
struct TransportApplicationCompletion: RecordCompletion {
    let needs: Set<Entity> = [.person]
    let marks = false

    private static let civicNo = "civicNo"
    private static let unitCode = "schoolUnitCode"

    func numbers(in body: JSONValue) -> Set<String> { Set([body[Self.civicNo]?["value"]?.stringValue].compactMap(\.self)) }

    func codes(in body: JSONValue) -> Set<String> { Set([body[Self.unitCode]?.stringValue].compactMap(\.self)) }

    func linked(_ body: JSONValue, person: (String) -> String?, unit: (String) -> String?) -> JSONValue {
        var body = body
        if body["child"] == nil, let child = self.numbers(in: body).first.flatMap(person) {
            body["child"] = ["id": .string(child)]
        }
        if body["organisation"] == nil, let school = self.codes(in: body).first.flatMap(unit) {
            body["organisation"] = ["id": .string(school)]
        }
        if body["child"] != nil { body[Self.civicNo] = nil }
        if body["organisation"] != nil { body[Self.unitCode] = nil }
        return body
    }

    func problem(in body: JSONValue) -> LinkProblem? {
        if body["child"] == nil {
            return LinkProblem(
                code: .personUnknown, field: Self.civicNo,
                message: "Nobody in the register has the number that stands there, or several have it.")
        }
        if body["organisation"] == nil {
            return LinkProblem(
                code: .schoolUnitUnknown, field: Self.unitCode,
                message: "No school unit in the register has the code that stands there, or several have it.")
        }
        return nil
    }
}
