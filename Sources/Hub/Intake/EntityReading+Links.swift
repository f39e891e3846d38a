import SchoolRecords

/// Records of a source that has no ids of the hub's.
extension EntityReading {
    /// The same readings, with whom and what they are about.
    func linked(
        _ readings: [RecordReader.Reading], _ completion: any RecordCompletion
    ) async throws -> [RecordReader.Reading] {
        if self.links == nil { self.links = try await RecordLinks.read(self.intake.store, key: self.intake.key) }
        return try await self.links?.linked(readings, of: self.entity, completion) ?? readings
    }
}
