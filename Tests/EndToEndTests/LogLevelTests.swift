import Foundation
import Testing

/// What `--log-level` shows and hides.
@Suite struct LogLevelTests {
    private static let checkpoint = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Checkpoints/libero-object").path

    /// Messages of a level below the one asked for are not shown; those of its own and above are.
    @Test(arguments: [("info", true), ("error", false)])
    func logLevelDecidesWhatIsShown(level: String, isShown: Bool) async throws {
        let command = try Command([
            "serve", "--checkpoint", Self.checkpoint, "--protocol", "http", "--port", "0", "--log-level", level,
            "--json",
        ])
        try command.start()
        // the line with the port is there once clients can connect
        for _ in 0..<600 where command.isRunning && command.outputSoFar.isEmpty {
            try await Task.sleep(for: .milliseconds(100))
        }
        command.send(SIGTERM)
        let outcome = try command.wait()
        #expect(outcome.status == 0 && outcome.output.contains("\"port\""), "\(outcome.messages)")
        #expect(outcome.messages.contains("listening") == isShown, "\(outcome.messages)")
    }
}
