public import Foundation
import Synchronization

/// Tells on standard error how far a long command is: one line that is rewritten on a terminal, plain lines in a pipe.
public final class ProgressLine: Sendable {
    private struct State {
        var last = Date.distantPast
        var width = 0
    }
    private let state = Mutex(State())
    private let isTerminal = isatty(STDERR_FILENO) == 1

    public init() {}

    /// Shows the line; in a pipe at most every `interval` seconds unless it is important.
    public func show(_ text: String, isImportant: Bool = false, interval: TimeInterval = 10) {
        // names come from the data
        let text = text.printable()
        state.withLock { state in
            if isTerminal {
                let line = "\r" + text + String(repeating: " ", count: max(state.width - text.count, 0))
                FileHandle.standardError.write(Data(line.utf8))
                state.width = text.count
            } else if isImportant || Date().timeIntervalSince(state.last) >= interval {
                FileHandle.standardError.write(Data((text + "\n").utf8))
                state.last = Date()
            }
        }
    }

    /// Leaves the line standing; what follows begins below it, and in a pipe is shown at once.
    public func end() {
        state.withLock { state in
            if isTerminal, state.width > 0 { FileHandle.standardError.write(Data("\n".utf8)) }
            state = State()
        }
    }
}
