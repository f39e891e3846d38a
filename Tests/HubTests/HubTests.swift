enum HubTestsPlaceholder {}
