/// The SS 12000 provider: what other systems pull from the hub.
enum SchoolAPI {}
