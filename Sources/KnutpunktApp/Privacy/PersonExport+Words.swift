import Hub
import SchoolRecords

/// What the kinds of data in an export are called.
struct ExportWords {
    let language: Language

    func kind(_ table: String) -> String {
        switch table {
        case "record": self.language(sv: "Uppgifter från källorna, som de är nu", en: "Records from the sources, as they are now")
        case "record_past": self.language(sv: "Tidigare ändringar", en: "Earlier changes")
        case "vault": self.language(sv: "Skyddade uppgifter", en: "Protected records")
        case "vault_form":
            self.language(
                sv: "Vad system får i stället för skyddade uppgifter", en: "What systems get in place of protected records")
        case "staged": self.language(sv: "Lagt åt sidan under en läsning", en: "Set aside while reading")
        case "outbox": self.language(sv: "På väg ut", en: "On its way out")
        case "delivery": self.language(sv: "Lämnat till system", en: "Given to systems")
        case "delivery_row_past": self.language(sv: "Borttaget ur system", en: "Taken away from systems")
        case "waiting": self.language(sv: "Väntar på andra uppgifter", en: "Waiting for other records")
        case "retry": self.language(sv: "Försöks igen", en: "To be tried again")
        case "held_delivery", "held_sample":
            self.language(sv: "I massändringar som väntar på beslut", en: "In mass changes that wait for a decision")
        case "failure": self.language(sv: "Meddelanden som har misslyckats", en: "Messages that failed")
        case "failure_attempt": self.language(sv: "Försök att sända dem", en: "Attempts to send them")
        case "failure_edit": self.language(sv: "Rättelser av dem", en: "Corrections of them")
        case "failure_form": self.language(sv: "Som de skulle ha skrivits", en: "As they were to be written")
        case "quality_finding": self.language(sv: "Brister i källans uppgifter", en: "What the source's records lack")
        case "reconcile_finding": self.language(sv: "Skillnader mot vad system har", en: "Differences to what systems hold")
        case "derivation": self.language(sv: "Beslut som navet har härlett", en: "Decisions that the hub has derived")
        case "role_decision": self.language(sv: "Beslut om roller", en: "Decisions about roles")
        case "held_role": self.language(sv: "Roller i system", en: "Roles in systems")
        case "account_state": self.language(sv: "Konton i system", en: "Accounts in systems")
        case "hub_mark": self.language(sv: "Kommunens egen märkning som skyddad", en: "The municipality's own mark of protection")
        case "source_mark":
            self.language(sv: "Folkbokföringens märkning som skyddad", en: "The population register's mark of protection")
        case "identity_consent": self.language(sv: "Samtycke till fingerad identitet", en: "Consent to a fictitious identity")
        case "fictitious_identity": self.language(sv: "Fingerad identitet", en: "Fictitious identity")
        case "vault_guardian": self.language(sv: "Vårdnadshavare för någon", en: "Guardian of somebody")
        case "relation_block": self.language(sv: "Spärrade relationer", en: "Blocked relations")
        case "recall": self.language(sv: "Återkallat när skyddet började", en: "Recalled when protection began")
        case "legal_hold": self.language(sv: "Måste bevaras", en: "Must be kept")
        case "erasure": self.language(sv: "Radering", en: "Erasure")
        case "audit": self.language(sv: "Vem som har tittat eller beslutat", en: "Who has looked or decided")
        default: table
        }
    }
}
