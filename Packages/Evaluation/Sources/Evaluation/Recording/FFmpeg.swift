import FileSupport
import Foundation
import Synchronization

/// The program `ffmpeg`, fed with raw frames through a socket.
///
/// Whatever the program does, nobody waits for it longer than ``secondLimit``: what it says is read all the time, and a
/// program that neither reads nor ends is ended.
final class FFmpeg {
    /// Where the program is; nil when it is not on the PATH.
    static let program: URL? = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { URL(fileURLWithPath: String($0)).appendingPathComponent("ffmpeg") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    /// How long a frame may wait to be read, and the end of the input for the file to be complete.
    static let secondLimit = 60

    /// What the program said, at most 4 KiB of it.
    private final class Messages: Sendable {
        private let text = Mutex(Data())

        func add(_ data: Data) { text.withLock { if $0.count < 4096 { $0 += data.prefix(4096 - $0.count) } } }
        var string: String {
            String(decoding: text.withLock { $0 }, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private let process = Process()
    private let input: Int32
    private let pipe = Pipe()
    private let messages = Messages()
    private let hasEnded = DispatchSemaphore(value: 0)
    private let output: URL
    private var isOpen = true
    private var isWaitedFor = false

    /// Starts encoding H.264 into an MP4 file; odd sizes are padded by a pixel.
    ///
    /// - Throws: ``VideoError/noEncoder`` when there is no program, and what starting a process throws.
    init(
        width: Int, height: Int, framesPerSecond: Int, to output: URL, program: URL? = FFmpeg.program,
        secondLimit: Int = FFmpeg.secondLimit
    ) throws {
        guard let program else { throw VideoError.noEncoder }
        self.output = output
        self.secondLimit = secondLimit
        // a socket, because writing to a pipe whose reader has died would end this process
        var ends: [Int32] = [-1, -1]
        #if os(Linux)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw VideoError.encoderFailed(path: output.path, message: String(cString: strerror(errno)))
        }
        input = ends[0]
        var limit = timeval(tv_sec: secondLimit, tv_usec: 0)
        setsockopt(input, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        process.executableURL = program
        process.arguments =
            ["-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
            + ["-video_size", "\(width)x\(height)", "-framerate", "\(framesPerSecond)", "-i", "pipe:0", "-an"]
            + ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-threads", "1", "-preset", "veryfast"]
            + ["-crf", "18", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4", output.path]
        process.standardInput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = pipe
        process.terminationHandler = { [hasEnded] _ in hasEnded.signal() }
        // read on all the time: a full pipe would stop the program
        pipe.fileHandleForReading.readabilityHandler = { [messages] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil } else { messages.add(data) }
        }
        do {
            defer { close(ends[1]) }
            try process.run()
        } catch {
            close(input)
            pipe.fileHandleForReading.readabilityHandler = nil
            throw VideoError.encoderFailed(path: output.path, message: "\(error)")
        }
    }

    private let secondLimit: Int

    deinit {
        closeInput()
        if !isWaitedFor { end() }
        pipe.fileHandleForReading.readabilityHandler = nil
    }

    /// Sends a frame.
    ///
    /// - Throws: ``VideoError/encoderFailed(path:message:)`` when the program has died or does not read.
    func write(_ pixels: [UInt8]) throws {
        var sent = 0
        while sent < pixels.count {
            let count = pixels.withUnsafeBytes { bytes in
                #if os(Linux)
                    send(input, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                #else
                    send(input, bytes.baseAddress! + sent, bytes.count - sent, 0)
                #endif
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) {
                end()
                throw failed("it has not read for \(secondLimit) s")
            }
            guard count > 0 else {
                try finish()
                throw failed("it stopped reading")
            }
            sent += count
        }
    }

    /// Waits until the file is complete.
    ///
    /// - Throws: ``VideoError/encoderFailed(path:message:)`` with what the program said.
    func finish() throws {
        closeInput()
        guard hasEnded.wait(timeout: .now() + .seconds(secondLimit)) == .success else {
            end()
            throw failed("it has not ended within \(secondLimit) s")
        }
        isWaitedFor = true
        guard process.terminationStatus == 0, process.terminationReason == .exit else {
            // what it said last may still be on its way
            usleep(20_000)
            throw failed(messages.string)
        }
    }

    private func failed(_ message: String) -> VideoError {
        .encoderFailed(path: output.path, message: message.printable())
    }

    /// Ends the program, at last by force.
    private func end() {
        guard !isWaitedFor, process.isRunning else { return }
        process.terminate()
        isWaitedFor = true
        if hasEnded.wait(timeout: .now() + .seconds(1)) == .success { return }
        kill(process.processIdentifier, SIGKILL)
        if hasEnded.wait(timeout: .now() + .seconds(1)) == .success { return }
        // Process waits for what the program has started as well, and would leave the program itself behind
        for _ in 0..<100 where waitpid(process.processIdentifier, nil, WNOHANG) == 0 { usleep(10_000) }
    }

    private func closeInput() {
        if isOpen { close(input) }
        isOpen = false
    }
}
