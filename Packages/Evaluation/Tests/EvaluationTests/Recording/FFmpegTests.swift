import Foundation
import Testing

@testable import Evaluation

/// Whatever the program does, a film ends: with a file or with an error.
@Suite(.serialized) final class FFmpegTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("FFmpegTests-\(UUID())")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func film(_ script: String, frames: Int = 40) throws {
        let program = folder.appendingPathComponent("ffmpeg")
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        let encoder = try FFmpeg(
            width: 64, height: 64, framesPerSecond: 10, to: folder.appendingPathComponent("film.mp4"), program: program,
            secondLimit: 2)
        for _ in 0..<frames { try encoder.write([UInt8](repeating: 0, count: 64 * 64 * 3)) }
        try encoder.finish()
    }

    @Test(arguments: [
        ("exit 3", 40), ("exec sleep 100", 40), ("exec sleep 100", 1), ("cat > /dev/null; exec sleep 100", 40),
        ("cat > /dev/null; echo no space >&2; exit 1", 40), ("kill -9 $$", 40), ("yes chatter >&2", 40),
        ("trap '' TERM; while :; do sleep 1; done", 1),
    ])
    func aProgramThatFailsIsAnError(script: String, frames: Int) throws {
        let start = ContinuousClock.now
        #expect(throws: VideoError.self, "\(script)") { try film(script, frames: frames) }
        #expect(ContinuousClock.now - start < .seconds(20), "\(script)")
    }

    /// Chatter of any length does not stop it.
    @Test func chatterIsRead() throws {
        try film("head -c 4000000 /dev/zero >&2 & cat > /dev/null; wait; exit 0")
    }

    @Test func aProgramThatCannotStartIsAnError() throws {
        let missing = folder.appendingPathComponent("none")
        #expect(throws: VideoError.self) {
            try FFmpeg(width: 2, height: 2, framesPerSecond: 1, to: missing, program: missing)
        }
    }
}
