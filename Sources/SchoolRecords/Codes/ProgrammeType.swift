/// What a programme leads to. The standard spells `Intruduktionsprogram` so.
public enum ProgrammeType: String, CodeSet {
    case vocational = "Yrkesprogram"
    case preparatory = "Högskoleförberedande program"
    case introductory = "Intruduktionsprogram"
    case nationalPackage = "Nationellt yrkespaket"
    case regionalPackage = "Regionalt yrkespaket"
    case fourthTechnicalYear = "Fjärde tekniskt år"
    case orientation = "Programinriktning"
    case exit = "Utgång"

    public static var name: String { "Programme.type" }
    public static var aliases: [String: Self] { ["Introduktionsprogram": .introductory] }
}
