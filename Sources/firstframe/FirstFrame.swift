internal import ArgumentParser
internal import Measure
internal import Model

#if canImport(Glibc)
  internal import Glibc
#endif

/// The program: one binary at every tier. Exit codes: 0 ok, 1 failed, 2 usage, 3 verdict not met.
@main
struct FirstFrame: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "firstframe",
    abstract: "首帧:把现场画面送到指挥中心,并证明用了多久 | brings live pictures to the command centre and proves how long it took",
    version: FirstFrame.version,
    subcommands: [
      ServeCommand.self, DemoCommand.self, PushCommand.self, IncidentCommand.self, ConnectionCommand.self, KeyCommand.self, PairCommand.self,
      ArchiveCommand.self,
      ReportCommand.self, RecomputeCommand.self, InspectCommand.self, RatesCommand.self, PolicyCommand.self, DoctorCommand.self, WorkerCommand.self,
    ])

  static let version = "0.1.0"

  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let fault as Fault {
      Console.error(fault)
      Glibc.exit(fault.code.exitCode)
    } catch let code as ExitCode {
      Glibc.exit(code.rawValue)
    } catch {
      let text = fullMessage(for: error)
      let code = exitCode(for: error)
      if code == .success {
        print(text)
        Glibc.exit(0)
      }
      Console.error(text)
      Glibc.exit(code == .validationFailure ? 2 : 1)
    }
  }
}

extension ExitCode {
  /// What was asked about has a verdict, and it is not `pass`: also while it cannot be judged, or not yet.
  static let verdictNotMet = ExitCode(3)

  /// Ends a command that has printed what it was asked for: with 3 unless the verdict is `pass`.
  /// - Parameter verdict: a ``Verdict``'s raw value.
  static func judge(_ verdict: String) throws { if verdict != Verdict.pass.rawValue { throw verdictNotMet } }
}
