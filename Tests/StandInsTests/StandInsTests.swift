enum StandInsTestsPlaceholder {}
