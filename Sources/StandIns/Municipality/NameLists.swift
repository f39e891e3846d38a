/// Names for people who don't exist: common given names, and family names put together so that they are nobody's.
enum NameLists {
    static let women = [
        "Agnes", "Alma", "Amina", "Astrid", "Ayan", "Berit", "Birgitta", "Clara", "Desirée", "Ebba", "Elin", "Elsa",
        "Emilia", "Fatima", "Freja", "Greta", "Hanna", "Ida", "Ingrid", "Iris", "Josefin", "Karin", "Klara", "Leah",
        "Lilly", "Linnéa", "Lovisa", "Maja", "Märta", "Nora", "Olivia", "Renée", "Saga", "Selma", "Signe", "Sigrid",
        "Stina", "Tuva", "Vera", "Wilma", "Ylva", "Zahra", "Åsa", "Ellen",
    ]
    static let men = [
        "Adam", "Ahmed", "Albin", "Alfred", "André", "Anton", "Arvid", "Axel", "Bengt", "Björn", "Charlie", "David",
        "Edvin", "Elias", "Emil", "Erik", "Filip", "Frans", "Göran", "Gustav", "Hampus", "Hugo", "Ivar", "Jakob",
        "Joel", "Jörgen", "Karl", "Leo", "Linus", "Love", "Malte", "Melker", "Nils", "Noah", "Olle", "Oscar",
        "Per", "René", "Sam", "Sixten", "Theo", "Valter", "Yusuf", "Åke",
    ]
    static let familyStarts = [
        "Alkvist", "Barkhammar", "Dimfors", "Drivved", "Eldmark", "Fjällbrus", "Flinga", "Frostvik", "Gryningsdal",
        "Hagelsten", "Isrand", "Järnbäck", "Klippfjord", "Kvarnljus", "Ljungdrev", "Lövsus", "Malmdis", "Mossglänta",
        "Nattviol", "Norrskensö", "Ormbunk", "Pilträsk", "Rimfrost", "Rävkulla", "Skymnings", "Snödriv", "Stjärnmyr",
        "Tallkrok", "Tjälknöl", "Ugglebo", "Vindfälls", "Vårflod", "Åskmoln", "Älvbrink", "Ängsull", "Östanvinds",
    ]
    static let familyEnds = [
        "aker", "ander", "baken", "brand", "dalin", "ender", "felt", "grip", "hjelmer", "lindell", "mander", "nordh",
        "orre", "quistin", "rander", "sander", "tell", "uddare", "vall", "åsander",
    ]
    static let middle = ["Maria", "Johan", "Anna-Karin", "Noël", "Eriksdotter", "Al-Sayed", "von Mossglänta", "Li"]

    /// Long but legal, as some registers hold them.
    static let longGiven = "Maria Elisabeth Alexandra Christina Charlotta Wilhelmina Fredrika"
    static let longFamily = "Norrskensöander-Gryningsdalmander af Stjärnmyrhjelmer och Ljungdrevquistin"

    /// Nobody else is called this: a test can look for these words wherever they must not be.
    static let protectedGiven = ["Xerxia", "Ymerick", "Zefyrina", "Quintila", "Wolmarin", "Xantor"]
    static let protectedFamily = "Sekretskog"

    static let streets = [
        "Almstigen", "Barkvägen", "Dimgränd", "Eldsvägen", "Fjällbrusgatan", "Frostgatan", "Grynvägen", "Hagelstigen",
        "Isranden", "Järnbacken", "Klippgatan", "Kvarnstigen", "Ljungvägen", "Lövstigen", "Malmgatan", "Mossvägen",
        "Norrskensgatan", "Ormbunksvägen", "Piltorget", "Rimgatan", "Rävstigen", "Skymningsvägen", "Snögatan",
        "Stjärngatan", "Tallvägen", "Ugglestigen", "Vindgatan", "Vårvägen", "Åskgatan", "Älvgatan", "Ängsvägen",
    ]
    /// Postal codes above 98 are not given out in Sweden.
    static let towns = [
        ("99101", "Norrvik"), ("99102", "Södervik"), ("99110", "Älvsund"), ("99120", "Åbacka"), ("99130", "Mossträsk"),
        ("99140", "Kvarnnäs"), ("99150", "Tallmoberget"),
    ]
    static let preschoolNames = [
        "Blåsippan", "Ekorren", "Fjärilen", "Granen", "Hjorten", "Igelkotten", "Kotten", "Linden", "Månen",
        "Nyckelpigan",
        "Orren", "Pärlan", "Rönnen", "Smultronet", "Trollet", "Uttern", "Vitsippan", "Åsnan", "Ärlan", "Örnen",
    ]
    static let departmentNames = [
        "Röd", "Blå", "Gul", "Grön", "Vit", "Lila", "Orange", "Rosa", "Turkos", "Silver", "Guld", "Brons",
    ]
    static let schoolNames = [
        "Almbacka", "Björkhöjd", "Dalvik", "Ekmark", "Forsnäs", "Granhult", "Hedmyr", "Isvik", "Jordbro", "Kvarnmo",
        "Lindåker", "Mobacka", "Norrmyr", "Ormträsk", "Pilsund", "Rönnmo", "Sandfors", "Tallberg", "Udden", "Vikmyr",
        "Åkerhöjd", "Älvnäs", "Öhult",
    ]
}
