extension SyntheticMunicipality {
    /// How large a synthetic municipality is.
    public enum Scale: Sendable, Hashable, CustomStringConvertible {
        /// 120 children, 30 staff, three schools: everything there is, in little.
        case small
        /// The municipality of the background report: 3,125 preschool children, 8,937 compulsory and 2,341
        /// upper-secondary pupils, 2,750 staff, 38 compulsory schools, one upper-secondary school.
        case lulea
        /// As many children as said, everything else in the proportions of ``lulea``. Fewer than 3 become 3,
        /// more than ten million ten million.
        case custom(children: Int)

        public var description: String {
            switch self {
            case .small: "small"
            case .lulea: "lulea"
            case .custom(let children): "custom(\(children))"
            }
        }
    }
}

/// The numbers that a scale stands for.
struct ScalePlan {
    var preschoolChildren: Int
    var compulsoryPupils: Int
    var upperSecondaryPupils: Int
    var staff: Int
    var preschools: Int
    var compulsorySchools: Int
    var upperSecondarySchools: Int
    /// Protected pupils; besides them one guardian and one member of staff are protected.
    var protectedPupils: Int

    init(_ scale: SyntheticMunicipality.Scale) {
        switch scale {
        case .small:
            self.init(preschool: 30, compulsory: 70, upperSecondary: 20, staff: 30)
            self.protectedPupils = 2
        case .lulea:
            self.init(preschool: 3125, compulsory: 8937, upperSecondary: 2341, staff: 2750)
        case .custom(let wanted):
            let children = min(max(wanted, 3), 10_000_000)
            let preschool = max(1, Int((Double(children) * 3125 / 14_403).rounded()))
            let upperSecondary = max(1, Int((Double(children) * 2341 / 14_403).rounded()))
            self.init(
                preschool: preschool, compulsory: children - preschool - upperSecondary,
                upperSecondary: upperSecondary, staff: Int((Double(children) * 2750 / 14_403).rounded()))
        }
    }

    private init(preschool: Int, compulsory: Int, upperSecondary: Int, staff: Int) {
        self.preschoolChildren = preschool
        self.compulsoryPupils = compulsory
        self.upperSecondaryPupils = upperSecondary
        self.preschools = max(1, preschool / 52)
        self.compulsorySchools = max(1, compulsory / 235)
        self.upperSecondarySchools = max(1, upperSecondary / 2341)
        let schools = self.preschools + self.compulsorySchools + self.upperSecondarySchools
        // A head and somebody who teaches, everywhere; ten a school where there are few people (small).
        self.staff = max(staff, 3 * schools)
        self.protectedPupils = max(2, (preschool + compulsory + upperSecondary) / 1200)
    }

    var children: Int { self.preschoolChildren + self.compulsoryPupils + self.upperSecondaryPupils }
}

extension ScalePlan {
    /// Splits a total by weights into whole numbers that add up to it (largest remainder).
    static func shares(of total: Int, by weights: [Int]) -> [Int] {
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return weights.map { _ in 0 } }
        var shares = weights.map { total * $0 / sum }
        let order = weights.indices.sorted { left, right in
            let (first, second) = (total * weights[left] % sum, total * weights[right] % sum)
            return first == second ? left < right : first > second
        }
        for index in order.prefix(total - shares.reduce(0, +)) { shares[index] += 1 }
        return shares
    }
}
