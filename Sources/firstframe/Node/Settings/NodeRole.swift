/// Which tier a node is; the program is the same at each.
enum NodeRole: String, Sendable, CaseIterable { case vehicle, county, city, province }
