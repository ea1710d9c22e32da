import ArgumentParser
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM, seen at the safe points of a long command.
///
/// The first signal asks the command to end: it finishes the step or file it is at, so that what it wrote is complete.
/// The second one ends the process at once.
enum Interruption {
    private static let requested = Atomic<Bool>(false)

    static func listen() {
        // touched here, so that the handler does not initialize it
        requested.store(false, ordering: .relaxed)
        // who starts the command from a thread that blocks signals has left them blocked
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if Interruption.requested.exchange(true, ordering: .relaxed) { _exit(128 + number) }
            }
        }
    }

    /// Whether a signal has come.
    static var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// A safe point: throws the exit code of an interrupted command when a signal has come.
    static func check() throws {
        if isRequested { throw ExitCode(130) }
    }

    /// Says on standard error that a command ended at a safe point.
    static func tellHowToResume() {
        FileHandle.standardError.write(Data("Interrupted; the same command goes on from here.\n".utf8))
    }
}
