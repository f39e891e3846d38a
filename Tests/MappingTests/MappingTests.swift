enum MappingTestsPlaceholder {}
