import FileSupport
import Foundation
import ImageProcessing
import TensorCore
import Testing

/// Files of 8-bit RGB with rows filtered in every way, written byte by byte here.
@Suite struct PNGFilterTests {
    /// An image of noise, and the file that holds it with these filters of its rows.
    static func file(width: Int, filters: [UInt8], dataChunks: Int = 1) -> (image: RGBImage, bytes: [UInt8]) {
        var generator = PhiloxGenerator(seed: UInt64(width), stream: UInt64(filters.count))
        let count = width * 3
        // differences small at times, so that ties of Paeth's rule occur
        let pixels = (0..<count * filters.count).map { _ in
            let value: UInt32 = generator.next()
            return UInt8(truncatingIfNeeded: value % 5 == 0 ? value >> 8 : value % 3)
        }
        let image = RGBImage(width: width, height: filters.count, pixels: pixels)
        var rows: [UInt8] = []
        for (y, filter) in filters.enumerated() {
            rows.append(filter)
            func at(_ i: Int, _ y: Int) -> Int { i < 0 || y < 0 ? 0 : Int(pixels[y * count + i]) }
            for i in 0..<count {
                let (a, b, c) = (at(i - 3, y), at(i, y - 1), at(i - 3, y - 1))
                let p = a + b - c
                let nearest =
                    abs(p - a) <= abs(p - b) && abs(p - a) <= abs(p - c) ? a : abs(p - b) <= abs(p - c) ? b : c
                let predicted = [0, a, b, (a + b) / 2, nearest][Int(filter)]
                rows.append(UInt8(truncatingIfNeeded: at(i, y) - predicted))
            }
        }
        return (image, png(width: width, height: filters.count, rows: rows, dataChunks: dataChunks))
    }

    /// Stored, not compressed.
    static func png(width: Int, height: Int, rows: [UInt8], dataChunks: Int, depth: UInt8 = 8) -> [UInt8] {
        func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
            let named = Array(name.utf8) + data
            return big(UInt32(data.count)) + named + big(CRC32.checksum(named))
        }
        var stream: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: rows.count, by: 60_000) {
            let part = rows[start..<min(start + 60_000, rows.count)]
            let length = UInt16(part.count)
            stream.append(start + 60_000 >= rows.count ? 1 : 0)
            for half in [length, ~length] { stream += [UInt8(half & 255), UInt8(half >> 8)] }
            stream += part
        }
        let (low, high) = rows.reduce((UInt32(1), UInt32(0))) { sums, byte in
            let low = (sums.0 + UInt32(byte)) % 65_521
            return (low, (sums.1 + low) % 65_521)
        }
        stream += big(high << 16 | low)
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        file += chunk("IHDR", big(UInt32(width)) + big(UInt32(height)) + [depth, 2, 0, 0, 0])
        file += chunk("tEXt", Array("a\0b".utf8))
        let size = (stream.count + dataChunks - 1) / dataChunks
        for start in stride(from: 0, to: stream.count, by: size) {
            file += chunk("IDAT", Array(stream[start..<min(start + size, stream.count)]))
        }
        return file + chunk("IEND", [])
    }

    @Test(arguments: 1...9)
    func everyOrderOfFiltersIsUndone(width: Int) throws {
        // the first row too has every filter; runs of Paeth of every length, alone and behind others
        for first in UInt8(0)...4 {
            for run in 0...9 {
                let filters = [first] + Array(repeating: 4, count: run) + [1, 3, 2, 4, 0, 4, 4, 3]
                let (image, bytes) = Self.file(width: width, filters: filters, dataChunks: 1 + run % 3)
                #expect(try PNG.decode(bytes) == image, "\(filters)")
            }
        }
    }

    @Test func pathsOfDecodingAgree() throws {
        // an image that is decoded without libpng, and the same with one byte that only libpng reads past
        let (image, bytes) = Self.file(width: 200, filters: (0..<150).map { UInt8($0 % 7 < 5 ? 4 : $0 % 5) })
        #expect(try PNG.decode(bytes) == image)
        #expect(try PNG.decode(PNG.encode(image)) == image)
        #expect(try PNG.decode(bytes + [0, 1, 2]) == image)
    }

    @Test func damageIsTold() throws {
        let filters: [UInt8] = [1, 4, 4, 4, 4, 4, 2]
        let (_, bytes) = Self.file(width: 20, filters: filters)
        // whichever byte of a chunk that counts is changed, it is an error
        for index in 8..<bytes.count where !(33..<48).contains(index) {
            var damaged = bytes
            damaged[index] ^= 0x11
            #expect(throws: SerializationError.self, "byte \(index)") { try PNG.decode(damaged, name: "damaged") }
        }
        // a filter that does not exist, and rows that are missing, with sums that are right
        var rows = [UInt8](repeating: 0, count: 7 * 61)
        rows[61] = 5
        for (rows, height) in [(rows, 7), (Array(repeating: 0, count: 61 * 6), 7)] {
            let file = Self.png(width: 20, height: height, rows: rows, dataChunks: 1)
            let error = #expect(throws: SerializationError.self) { try PNG.decode(file, name: "damaged") }
            #expect(error?.file == "damaged" && error?.kind != .wrongFormat)
        }
    }
}
