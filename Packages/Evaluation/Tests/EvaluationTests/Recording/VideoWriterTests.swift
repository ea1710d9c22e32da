import Evaluation
import Foundation
import ImageProcessing
import TensorTestSupport
import Testing

@Suite struct VideoWriterTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("video-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func frame(_ k: Int, width: Int = 33, height: Int = 17) -> RGBImage {
        var image = RGBImage(width: width, height: height, color: SIMD3(30, 60, 90))
        image.draw(RGBImage(width: 4, height: 4, color: SIMD3(250, 200, 0)), x: k % (width - 4), y: 5)
        return image
    }

    @Test func animatedPNGNeedsNoProgram() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let writer = VideoWriter(to: folder.appendingPathComponent("film"), format: .apng)
        for k in 0..<5 { try writer.append(frame(k)) }
        try writer.finish()
        #expect(writer.url.lastPathComponent == "film.png" && writer.frameCount == 5)
        #expect(try RGBImage(at: writer.url) == frame(0))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["film.png"])
    }

    /// Odd sizes and more data than a pipe holds; the file begins as MP4 files do.
    @Test(.enabled(if: VideoFormat.automatic == .mp4, "ffmpeg is not installed"))
    func mp4IsWrittenByFFmpeg() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let writer = VideoWriter(to: folder.appendingPathComponent("film"), framesPerSecond: 10, format: .mp4)
        for k in 0..<40 { try writer.append(frame(k, width: 101, height: 77)) }
        try writer.finish()
        let bytes = try Data(contentsOf: writer.url)
        #expect(bytes.count > 1000 && String(decoding: bytes[4..<8], as: UTF8.self) == "ftyp")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["film.mp4"])
    }

    /// A folder that is not there: the program's words, no signal that ends the process, no file left.
    @Test(.enabled(if: VideoFormat.automatic == .mp4, "ffmpeg is not installed"))
    func theProgramsErrorsArePassedOn() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let writer = VideoWriter(to: folder.appendingPathComponent("missing/film"), format: .mp4)
        #expect {
            for k in 0..<500 { try writer.append(frame(k, width: 200, height: 200)) }
            try writer.finish()
        } throws: { "\($0)".contains("No such file") }
    }

    @Test func imagesOfAnotherSizeAreRefused() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let writer = VideoWriter(to: folder.appendingPathComponent("film"), format: .apng)
        try writer.append(frame(0))
        #expect(throws: VideoError.sizeChanged(found: "8 × 8", expected: "33 × 17")) {
            try writer.append(frame(0, width: 8, height: 8))
        }
        let empty = VideoWriter(to: folder.appendingPathComponent("empty"), format: .apng)
        #expect(throws: VideoError.self) { try empty.finish() }
    }
}

@Suite struct ContactSheetTests {
    /// Five images in rows of three: the last row has two, and background where none is.
    @Test func imagesAreLaidOutInRows() {
        let images = (0..<5).map { RGBImage(width: 4, height: 2, color: SIMD3(UInt8($0 * 10), 0, 0)) }
        let sheet = ContactSheet(columnCount: 3, margin: 1, background: SIMD3(9, 9, 9)).image(of: images)
        #expect(sheet.width == 16 && sheet.height == 7)
        #expect(sheet[1, 1] == SIMD3(0, 0, 0) && sheet[6, 2] == SIMD3(10, 0, 0))
        #expect(sheet[6, 4] == SIMD3(40, 0, 0) && sheet[11, 4] == SIMD3(9, 9, 9))
        #expect(sheet[0, 0] == SIMD3(9, 9, 9))
    }

    @Test(arguments: [(3, 10, [0, 5, 9]), (5, 3, [0, 1, 2]), (1, 7, [6]), (4, 4, [0, 1, 2, 3]), (2, 0, [])])
    func placesAreSpreadEvenly(count: Int, total: Int, expected: [Int]) {
        #expect(ContactSheet.places(count, of: total) == expected)
    }
}
