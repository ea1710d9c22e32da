import Foundation
import ImageProcessing
import PolicyServing
import Testing

/// Images of `golden/serving`: openpi's `image_tools`.
@Suite struct ImageGoldenTests {
    private struct Case: Decodable {
        struct Pair: Decodable {
            var `in`: String
            var in_shape: [Int]
            var out: String
            var out_shape: [Int]
        }
        struct Floats: Decodable {
            var `in`: String
            var dtype: String
            var shape: [Int]
            var out: String
        }
        var pairs: [Pair]
        var float: Floats?
    }

    @Test(arguments: ServingCase.ofKind("image"))
    func imagesAreResizedAsByTheClient(_ serving: ServingCase) throws {
        let data = try Data(contentsOf: serving.folder.appendingPathComponent("case.json"))
        let setting = try JSONDecoder().decode(Case.self, from: data)
        for pair in setting.pairs {
            let image = RGBImage(width: pair.in_shape[1], height: pair.in_shape[0], pixels: try serving.bytes(pair.in))
            let size = ImageSize(width: pair.out_shape[1], height: pair.out_shape[0])
            #expect(
                image.resizedWithPadding(to: size, using: .pillowBilinear).pixels == (try serving.bytes(pair.out)),
                "\(pair.in)")
        }
        if let floats = setting.float {
            let type = try #require(NumPyType(code: floats.dtype))
            let array = NumericArray(type, shape: floats.shape, bytes: try serving.bytes(floats.in))
            #expect(array.eightBitValues() == (try serving.bytes(floats.out)))
        }
    }
}
