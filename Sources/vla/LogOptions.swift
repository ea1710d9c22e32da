import ArgumentParser
import Foundation
import Logging
import PolicyServing

/// What a server says while it runs.
struct LogOptions: ParsableArguments {
    @Option(help: "Least severe message shown: trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .notice

    @Flag(help: "Print one JSON object with host and port once clients can connect.")
    var json = false

    /// Shows messages of the level and above on standard error.
    func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = logLevel
        return logger
    }

    /// Says where a server listens.
    func announce(_ place: ServerPlace) {
        if json, let data = try? JSONEncoder().encode(place) {
            FileHandle.standardOutput.write(data + Data("\n".utf8))
        } else {
            FileHandle.standardError.write(Data("\(place.text)\n".utf8))
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
