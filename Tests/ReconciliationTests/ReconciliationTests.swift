enum ReconciliationTestsPlaceholder {}
