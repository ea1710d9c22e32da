import ImageProcessing
import Testing

@Suite struct AnimatedPNGTests {
    private let frames = (0..<3).map { k in RGBImage(width: 5, height: 4, color: SIMD3(UInt8(80 * k), 10, 200)) }

    /// Programs without animation see the first frame.
    @Test func theFirstFrameIsAnOrdinaryImage() throws {
        var film = AnimatedPNG(width: 5, height: 4, framesPerSecond: 20)
        for frame in frames { film.append(frame) }
        #expect(try PNG.decode(film.data()) == frames[0])
        #expect(film.frameCount == 3)
    }

    /// Chunks in the order of the specification; the sequence counts `fcTL` and `fdAT` together; each frame's data are
    /// the ordinary image's.
    @Test func chunksAreThoseOfTheSpecification() {
        var film = AnimatedPNG(width: 5, height: 4, framesPerSecond: 20)
        for frame in frames { film.append(frame, level: 6) }
        let chunks = chunks(of: film.data())
        #expect(chunks.map(\.name) == ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"])
        #expect(chunks[1].data == [0, 0, 0, 3, 0, 0, 0, 0])
        #expect(chunks[2].data == [0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 20, 0, 0])
        #expect(chunks[4...7].map { Array($0.data[..<4]) } == (1...4).map { [0, 0, 0, UInt8($0)] })
        for (frame, place) in [(1, 5), (2, 7)] {
            let image = self.chunks(of: PNG.encode(frames[frame])).first { $0.name == "IDAT" }
            #expect(Array(chunks[place].data[4...]) == image?.data)
        }
    }

    /// The check value of an empty `IEND` is in every PNG file ever written.
    @Test func checksumsArePNGs() {
        var film = AnimatedPNG(width: 5, height: 4, framesPerSecond: 20)
        film.append(frames[0])
        #expect(Array(film.data().suffix(4)) == [0xAE, 0x42, 0x60, 0x82])
    }

    private func chunks(of file: [UInt8]) -> [(name: String, data: [UInt8])] {
        var (chunks, start): ([(String, [UInt8])], Int) = ([], 8)
        while start + 12 <= file.count {
            let count = file[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
            chunks.append(
                (
                    String(decoding: file[start + 4..<start + 8], as: UTF8.self),
                    Array(file[start + 8..<start + 8 + count])
                ))
            start += 12 + count
        }
        return chunks
    }
}
