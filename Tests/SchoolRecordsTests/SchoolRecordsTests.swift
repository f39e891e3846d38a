enum SchoolRecordsTestsPlaceholder {}
