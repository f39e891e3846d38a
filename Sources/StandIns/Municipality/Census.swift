extension SyntheticMunicipality {
    /// How many there are of what in a synthetic municipality.
    public struct Census: Sendable, Hashable {
        /// Children with a preschool placement.
        public internal(set) var preschoolChildren = 0
        /// Pupils from preschool class to year 9.
        public internal(set) var compulsoryPupils = 0
        public internal(set) var upperSecondaryPupils = 0
        public internal(set) var staff = 0
        /// Guardians and others responsible who are no staff.
        public internal(set) var guardians = 0
        /// Staff who are guardians too.
        public internal(set) var staffWhoAreGuardians = 0
        /// Organisations of type Skola, by kind.
        public internal(set) var preschools = 0
        public internal(set) var compulsorySchools = 0
        public internal(set) var upperSecondarySchools = 0
        public internal(set) var duties = 0
        public internal(set) var groups = 0
        public internal(set) var preschoolPlacements = 0
        public internal(set) var afterSchoolPlacements = 0
        /// Persons with a security marking other than Ingen.
        public internal(set) var protectedPersons = 0
        /// Persons who carry a number of the caller's list.
        public internal(set) var listedNumbers = 0
        /// Persons who carry a temporary number.
        public internal(set) var temporaryNumbers = 0

        /// All children and pupils.
        public var children: Int { self.preschoolChildren + self.compulsoryPupils + self.upperSecondaryPupils }
    }
}
