import Foundation

/// The program `ffmpeg`, fed with raw frames through a socket.
final class FFmpeg {
    /// Where the program is; nil when it is not on the PATH.
    static let program: URL? = {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return path.split(separator: ":").map { URL(fileURLWithPath: String($0)).appendingPathComponent("ffmpeg") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }()

    private let process = Process()
    private let input: Int32
    private let messages = Pipe()
    private let output: URL
    private var isOpen = true

    /// Starts encoding H.264 into an MP4 file; odd sizes are padded by a pixel.
    ///
    /// - Throws: ``VideoError/noEncoder`` when there is no program, and what starting a process throws.
    init(width: Int, height: Int, framesPerSecond: Int, to output: URL) throws {
        guard let program = Self.program else { throw VideoError.noEncoder }
        self.output = output
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
        process.executableURL = program
        process.arguments =
            ["-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
            + ["-video_size", "\(width)x\(height)", "-framerate", "\(framesPerSecond)", "-i", "pipe:0", "-an"]
            + ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-threads", "1", "-preset", "veryfast"]
            + ["-crf", "18", "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4", output.path]
        process.standardInput = FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = messages
        do {
            defer { close(ends[1]) }
            try process.run()
        } catch {
            close(input)
            throw VideoError.encoderFailed(path: output.path, message: "\(error)")
        }
    }

    deinit {
        closeInput()
        if process.isRunning { process.terminate() }
    }

    /// Sends a frame.
    ///
    /// - Throws: ``VideoError/encoderFailed(path:message:)`` when the program has died.
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
            guard count > 0 else {
                try finish()
                throw VideoError.encoderFailed(path: output.path, message: "it stopped reading")
            }
            sent += count
        }
    }

    /// Waits until the file is complete.
    ///
    /// - Throws: ``VideoError/encoderFailed(path:message:)`` with what the program said.
    func finish() throws {
        closeInput()
        let said = messages.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            throw VideoError.encoderFailed(path: output.path, message: text)
        }
    }

    private func closeInput() {
        if isOpen { close(input) }
        isOpen = false
    }
}
