import ArgumentParser
import FileSupport
import Parallel

/// The options every subcommand has, as an `@OptionGroup`; a subcommand calls ``apply()`` first.
struct CommonOptions: ParsableArguments {
    @Option(help: "Number of computing threads. Default: VLA_THREADS, else the processors available to this process.")
    var threads: Int?

    func validate() throws {
        try checkOptions { options throws(SettingError) in try options.check("--threads", threads, in: 1...1024) }
    }

    /// Sets the number of threads and begins to listen for interruptions.
    func apply() {
        if let threads { KernelThreads.count = threads }
        Interruption.listen()
    }
}

/// Compares the numbers of options with their ranges; what is out of range is an error of the command line.
func checkOptions(_ body: (SettingsCheck) throws(SettingError) -> Void) throws {
    do throws(SettingError) { try body(SettingsCheck(file: "")) } catch {
        throw ValidationError("\(error.field) is \(error.found); allowed is \(error.allowed).")
    }
}

extension ByteCount: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
