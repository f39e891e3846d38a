import SchoolRecords

/// Roles and accounts of a system that gives and takes them over REST. Each role is at an address made of whose it is, which and where.
extension EdlevoStandIn {
    /// The roles that it holds, in their order.
    public var roles: [HeldRole] {
        self.records(of: .roleGrant).compactMap { (try? $0.document()).flatMap(HeldRole.init) }.sorted()
    }

    /// Every role that was given or taken over the interface, in order; what was done by hand isn't among them.
    public var roleWrites: [RoleWrite] { self.roleLog }

    /// Takes note of a role that was put.
    func note(_ address: String, _ document: JSONValue, before: JSONValue?) {
        func content(_ document: JSONValue) -> JSONValue {
            var document = document
            document["meta"] = nil
            return document
        }
        let hadEffect = before.map(content) != content(document)
        self.roleLog.append(RoleWrite(address: address, operation: .given, hadEffect: hadEffect))
    }

    /// Somebody gives a role in the system itself, past the hub.
    ///
    /// - Throws: ``StandInError``.
    public func giveByHand(_ role: HeldRole) throws(StandInError) {
        var document: [String: JSONValue] = [
            "id": .string(Self.address(role)), "person": ["id": .string(role.person)], "role": .string(role.role),
            "system": "by-hand", "scope": .string(role.scope.id ?? "kommun"),
        ]
        switch role.scope {
        case .municipality: break
        case .unit(let id): document["organisation"] = ["id": .string(id)]
        case .group(let id): document["group"] = ["id": .string(id)]
        case .pupil(let id): document["pupil"] = ["id": .string(id)]
        }
        if let date = role.startDate { document["startDate"] = .string("\(date)") }
        if let date = role.endDate { document["endDate"] = .string("\(date)") }
        try self.upsert(.roleGrant, .object(document))
    }

    /// Somebody takes a role away in the system itself.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func takeByHand(_ role: HeldRole) -> Bool { self.delete(RecordKey(.roleGrant, Self.address(role))) }

    /// What the row of a role is known by.
    private static func address(_ role: HeldRole) -> String {
        "\(role.person)|\(role.role)|\(role.scope.id ?? "kommun")"
    }

    /// Opens accounts, or changes what they are.
    ///
    /// - Throws: ``StandInError``.
    public func setAccounts(_ accounts: some Sequence<HeldAccount>) throws(StandInError) {
        for account in accounts {
            var document: [String: JSONValue] = [
                "id": .string("account-\(account.person)"), "person": ["id": .string(account.person)],
                "state": .string(account.state.rawValue),
            ]
            if let date = account.lastUsed { document["lastUsed"] = .string("\(date)") }
            try self.upsert(.accountStatus, .object(document))
        }
    }

    /// Closes an account.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    public func closeAccount(of person: String) -> Bool { self.delete(RecordKey(.accountStatus, "account-\(person)")) }
}
