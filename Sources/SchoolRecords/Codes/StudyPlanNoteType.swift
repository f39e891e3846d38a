/// What a note in a study plan is about.
public enum StudyPlanNoteType: String, CodeSet {
    case notes = "Anteckningar"
    case otherMeasures = "Andra insatser som är gynnsamma för elevens kunskapsutveckling"
    case earlierExperience = "Elevens tidigare arbetslivserfarenhet och studier"
    case validation = "Validering av kunskaper och kompetenser"
    case goals = "Elevens mål med studierna"

    public static var name: String { "StudyPlanNotes.type" }
}
