import Parallel
import ArgumentParser
import Logging
import TensorCore

/// The options every subcommand has, as an `@OptionGroup`; a subcommand calls ``apply()`` first.
struct CommonOptions: ParsableArguments {
    @Option(help: "Threads that compute. Default: the processors of this process, or VLA_THREADS.")
    var threads: Int?

    @Option(help: "Least severe message shown: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .notice

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads is \(threads); it has to be at least 1.") }
    }

    /// Sets the number of threads, sends the log to standard error and begins to listen for interruptions.
    func apply() {
        if let threads { KernelThreads.count = threads }
        LoggingSystem.bootstrap { [logLevel] label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = logLevel
            return handler
        }
        Interruption.listen()
    }
}

/// Files that do not fit what is asked of them; the command line itself is right.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
