import Hub

extension RolePlanRefusal {
    /// The refusal as an error of the program, told in both languages.
    var error: AppError {
        AppError(self.isForbidden ? .notAllowed : .notFound, sv: self.swedish, en: self.description, cause: self)
    }

    private var isForbidden: Bool {
        switch self.reason {
        case .ownPlan, .notAPerson: true
        case .unknown, .unknownUnit, .notAllowed, .notApproved, .busy: false
        }
    }

    private var swedish: String {
        switch self.reason {
        case .unknown: "Det finns ingen plan \(self.plan). Se: knutpunkt roles plans"
        case .notAllowed(.open): "Planen \(self.plan) väntar, och då går det inte."
        case .notAllowed(.applying): "Planen \(self.plan) genomförs, och då går det inte."
        case .notAllowed(.applied): "Planen \(self.plan) är genomförd, och då går det inte."
        case .notAllowed(.stopped): "Planen \(self.plan) är stoppad, och då går det inte."
        case .ownPlan: "Planen \(self.plan) måste godkännas av någon annan än den som gjorde den."
        case .notAPerson(let name):
            "\(name) kan inte godkänna planen \(self.plan): det är ett av hubbens egna namn."
        case .unknownUnit(let unit): "Planen \(self.plan) gör inget vid \(unit). Se: knutpunkt roles show \(self.plan)"
        case .notApproved:
            "Ingen del av planen \(self.plan) har de godkännanden som behövs: knutpunkt roles approve \(self.plan)"
        case .busy(let other): "Planen \(other) genomförs. Vänta, eller stoppa den: knutpunkt roles stop \(other)"
        }
    }
}
