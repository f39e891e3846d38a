import Testing

/// Everything that needs a real broker, one after the other: the machine is small and some tests disturb the node.
@Suite(.serialized) struct BrokerTests {}
