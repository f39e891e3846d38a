import SchoolRecords

extension HubConfiguration {
    /// Reads the keys `probe.*`.
    ///
    /// - Returns: what is wrong; never a number.
    mutating func readProbe(_ text: (String) -> String?) -> [String] {
        self.probeUnit = text("probe.unit")
        let numbers = (text("probe.identity_numbers") ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
        guard numbers.count <= 3 else {
            return ["probe.identity_numbers: has \(numbers.count) numbers; the probe has three persons: pupil, guardian, staff."]
        }
        var problems: [String] = []
        for (index, number) in numbers.enumerated() {
            let isNumber = number.count == 12 && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
            if !isNumber {
                problems.append(
                    "probe.identity_numbers: number \(index + 1) isn't 12 digits. Take three from Skatteverket's published "
                        + "test numbers, with commas between; never one that you make up.")
            }
        }
        if Set(numbers).count != numbers.count { problems.append("probe.identity_numbers: one number stands there twice.") }
        if problems.isEmpty { self.probeNumbers = numbers }
        return problems
    }
}
