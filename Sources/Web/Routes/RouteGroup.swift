/// The routes of one subject. A new group is one file, and one line in ``WebRoutes``.
protocol RouteGroup: Sendable {
  var routes: [WebRoute] { get }
}
