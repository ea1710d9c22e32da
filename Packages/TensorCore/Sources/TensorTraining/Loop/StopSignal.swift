import Foundation
import Synchronization

/// SIGINT and SIGTERM as a wish to stop: the first is remembered, a second one ends the process as usual.
enum StopSignal {
    private static let wish = Atomic<Bool>(false)

    /// Whether a signal has arrived since the outermost ``observing(_:)`` began.
    static var hasArrived: Bool { wish.load(ordering: .acquiring) }

    /// Runs `body` with the signals observed, and puts the former handlers back.
    static func observing<Result>(_ body: () throws -> Result) rethrows -> Result {
        wish.store(false, ordering: .releasing)
        let former = [SIGINT, SIGTERM].map { number in
            // an atomic store and `signal` are allowed in a handler
            (
                number,
                signal(number) { number in
                    StopSignal.wish.store(true, ordering: .releasing)
                    signal(number, SIG_DFL)
                }
            )
        }
        defer {
            for (number, handler) in former { signal(number, handler) }
        }
        return try body()
    }
}
