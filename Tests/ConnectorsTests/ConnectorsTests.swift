enum ConnectorsTestsPlaceholder {}
