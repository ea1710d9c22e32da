import FileSupport
import Foundation
import Testing

/// What is no regular file is refused at once; names from data stay where they belong.
@Suite final class FileContentTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("FileContentTests-\(UUID())")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @Test func pipesDevicesAndFoldersAreRefused() throws {
        let pipe = folder.appendingPathComponent("pipe")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        let paths = [pipe.path, "/dev/zero", "/dev/null", folder.path]
        for path in paths {
            let url = URL(fileURLWithPath: path)
            let error = try #require(throws: SerializationError.self, "\(path)") { try FileContent.data(at: url) }
            #expect(error.kind == .cannotRead && error.found.contains("regular file"), "\(error)")
            #expect(throws: SerializationError.self, "\(path)") { try FileContent.handle(at: url) }
            #expect(throws: SerializationError.self, "\(path)") { try MappedFile(at: url) }
            #expect(throws: SerializationError.self, "\(path)") { try AtomicFile.write([UInt8](), to: url) }
        }
        #expect(FileManager.default.fileExists(atPath: pipe.path))
    }

    @Test func largeFilesAreRefused() throws {
        let url = folder.appendingPathComponent("file")
        try Data(repeating: 7, count: 1000).write(to: url)
        #expect(try FileContent.data(at: url) == Data(repeating: 7, count: 1000))
        #expect(try FileContent.data(at: url, limit: 1000).count == 1000)
        let error = try #require(throws: SerializationError.self) { try FileContent.data(at: url, limit: 999) }
        #expect(error.kind == .limitExceeded)
        #expect(throws: SerializationError.self) {
            try FileContent.data(at: self.folder.appendingPathComponent("none"))
        }
        // says that it is empty and is not
        #expect(try !FileContent.data(at: URL(fileURLWithPath: "/proc/self/status")).isEmpty)
    }

    @Test func pathsStayInsideTheFolder() throws {
        let inside = folder.appendingPathComponent("run")
        try FileManager.default.createDirectory(
            at: inside.appendingPathComponent("videos"), withIntermediateDirectories: true)
        for name in ["run/videos/a.png", "secret"] { try Data([1]).write(to: folder.appendingPathComponent(name)) }
        let manager = FileManager.default
        for (name, target) in [
            ("link", folder.appendingPathComponent("secret").path), ("up", folder.path), ("good", "videos/a.png"),
            ("dangling", "/nowhere/at/all"),
        ] {
            try manager.createSymbolicLink(
                atPath: inside.appendingPathComponent(name).path, withDestinationPath: target)
        }
        #expect(ContainedPath.file("videos/a.png", in: inside) != nil)
        #expect(ContainedPath.file("./videos//a.png", in: inside) != nil)
        #expect(ContainedPath.file("good", in: inside) != nil)
        for path in [
            "../secret", "videos/../../secret", "/etc/passwd", "", "link", "up/secret", "dangling", "videos", "none",
            "videos/a.png\0",
        ] { #expect(ContainedPath.file(path, in: inside) == nil, "\(path)") }
        #expect(ContainedPath.url("new/deep/file", in: inside) != nil)
        #expect(ContainedPath.url("up/new", in: inside) == nil && ContainedPath.url("dangling/x", in: inside) == nil)
    }

    @Test func namesBecomeFileNames() {
        #expect(ContainedPath.fileName("wrist roll/x") == "wrist_roll_x")
        #expect(
            ContainedPath.fileName("../../etc") == "_._.._etc" || !ContainedPath.fileName("../../etc").contains("/"))
        #expect(ContainedPath.fileName("") == "_" && ContainedPath.fileName(".hidden") == "_hidden")
        #expect(ContainedPath.fileName(String(repeating: "a", count: 1000)).count == 100)
    }

    @Test func terminalsAreNotWrittenTo() {
        #expect("plain — größe 中".printable() == "plain — größe 中")
        #expect("a\u{1B}[31mred\u{7}".printable() == "a\\u{1b}[31mred\\u{7}")
        #expect("a\nb".printable() == "a\\nb" && "a\nb".printable(keepsLines: true) == "a\nb")
        #expect("x\u{202E}y\u{9B}z\r".printable() == "x\\u{202e}y\\u{9b}z\\u{d}")
        let error = SerializationError(.damaged, file: "a\u{1B}[2J", member: "\u{7}", "b")
        #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 })
    }

    @Test func oneLockAFolder() throws {
        let url = folder.appendingPathComponent("new/run")
        var first: FolderLock? = try FolderLock(of: url)
        let error = try #require(throws: SerializationError.self) { try FolderLock(of: url) }
        #expect(error.found == "another process writes to this folder", "\(error)")
        #expect(first != nil)
        first = nil
        #expect(throws: Never.self) { try FolderLock(of: url) }
        let file = folder.appendingPathComponent("file")
        try Data().write(to: file)
        #expect(throws: SerializationError.self) { try FolderLock(of: file) }
    }

    @Test func numbersBecomeWholeOnlyWhereTheyAre() {
        for value in [Double.nan, .infinity, -.infinity, 1e300, 9.3e18, -9.3e18, 0.5] {
            #expect(Int(reading: value) == nil, "\(value)")
        }
        #expect(Int(reading: 3) == 3 && Int(reading: -0.0) == 0 && Int(reading: 3, in: 4...5) == nil)
        #expect(Int(clamping: .nan, to: 2...5) == 2 && Int(clamping: .infinity, to: 2...5) == 5)
        #expect(Int(clamping: -1e300, to: 2...5) == 2 && Int(clamping: 3.4, to: 2...5) == 3)
        #expect(Int(clamping: 1e300, to: 0...Int.max) == .max)
    }
}
