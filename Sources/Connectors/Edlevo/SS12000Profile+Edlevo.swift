extension SS12000Profile {
    /// Edlevo's SS 12000 interface as Tietoevry documents it (1.4.0, 2026-06-29).
    ///
    /// - The entities are below one path on each server, the token on a server of its own (`token_url`). Servers that ask
    ///   for a client certificate are others than those that don't (`base_url`).
    /// - Deleted entities are spelled in lower case. Query parameters are listed with capitals and taken in the standard's
    ///   spelling too.
    /// - Stated limits, which are the mapping's matter: organisations are of type Skola and Skolenhet; groups are
    ///   Undervisning, Klass, Avdelning and Övrigt and belong to a Skola; duties are at a Skola, and their tasks are
    ///   Förskollärare, Mentor and Administrativ personal; an enrolment is never marked as cancelled; a placement has no
    ///   owners.
    /// - No page size and no rate limit is documented.
    static let edlevo = SS12000Profile(
        name: "edlevo", apiPath: "/WE.Education.IntegrationPortal.ExternalApi/api/v1",
        deletedEntitiesPath: "deletedentities", pageLimit: 500)
}
