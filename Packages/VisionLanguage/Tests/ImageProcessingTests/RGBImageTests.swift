import ImageProcessing
import Testing

@Suite struct RGBImageTests {
    /// 3 × 2 pixels; red counts columns, green rows.
    let image: RGBImage = {
        var image = RGBImage(width: 3, height: 2, color: [0, 0, 9])
        for y in 0..<2 { for x in 0..<3 { image[x, y] = [UInt8(x), UInt8(y), 9] } }
        return image
    }()

    @Test func pixelsLieRowByRow() {
        #expect(image.pixels == [0, 0, 9, 1, 0, 9, 2, 0, 9, 0, 1, 9, 1, 1, 9, 2, 1, 9])
        #expect(image[2, 1] == [2, 1, 9])
    }

    @Test func turnsReverseRowsOrColumns() {
        #expect(image.flippedVertically()[0, 0] == [0, 1, 9])
        #expect(image.flippedHorizontally()[0, 0] == [2, 0, 9])
        #expect(image.rotated180()[0, 0] == [2, 1, 9])
        #expect(image.flippedVertically().flippedHorizontally() == image.rotated180())
        #expect(image.rotated180().rotated180() == image)
    }

    @Test func cropsAreRectangles() {
        let crop = image.cropped(x: 1, y: 1, width: 2, height: 1)
        #expect(crop.pixels == [1, 1, 9, 2, 1, 9])
        #expect(image.centerCropped(width: 1, height: 2)[0, 1] == [1, 1, 9])
        // an odd rest: down, or to even
        let row = image.cropped(x: 0, y: 0, width: 3, height: 1)
        #expect(row.centerCropped(width: 2, height: 1)[0, 0] == [0, 0, 9])
        let five = row.padded(left: 1, top: 0, width: 5, height: 1)
        #expect(five.centerCropped(width: 2, height: 1)[0, 0] == [0, 0, 9])
        #expect(five.centerCropped(width: 2, height: 1, rounding: .toNearestOrEven)[0, 0] == [1, 0, 9])
    }

    @Test func whatLiesOutsideIsBlack() {
        let canvas = image.padded(left: -1, top: 1, width: 3, height: 2)
        #expect(canvas[0, 0] == .zero)
        #expect(canvas[0, 1] == [1, 0, 9])
        #expect(canvas[2, 1] == .zero)
        #expect(image.padded(left: 7, top: -9, width: 2, height: 2) == RGBImage(width: 2, height: 2))
        #expect(image.centerCropped(width: 5, height: 2).padded(left: -1, top: 0, width: 3, height: 2) == image)
    }

    @Test func wrongSizesTrap() async {
        await #expect(processExitsWith: .failure) { _ = RGBImage(width: 2, height: 2, pixels: [1, 2, 3]) }
        await #expect(processExitsWith: .failure) { _ = RGBImage(width: 0, height: 2) }
        await #expect(processExitsWith: .failure) {
            _ = RGBImage(width: 2, height: 2).cropped(x: 1, y: 0, width: 2, height: 1)
        }
    }
}
