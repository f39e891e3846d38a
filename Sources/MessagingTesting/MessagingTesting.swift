enum MessagingTestingPlaceholder {}
