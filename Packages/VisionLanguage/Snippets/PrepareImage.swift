// Shows what a model would see of an image: the size, the numbers' range, and how it is saved in a checkpoint.
import Foundation
import ImageProcessing

guard CommandLine.arguments.count == 2 else { fatalError("PrepareImage <image.png|jpg>") }
let image = try RGBImage(at: URL(fileURLWithPath: CommandLine.arguments[1]))

// 256 × 256 → 224 × 224 as a policy is trained; an image of another size is an error, not a silent resize
let transform = ImageTransform(
    inputSize: image.size, steps: [.resize(to: .square(224), using: .pillowBilinear)], normalization: .clip)
let tensor = try transform(image)
print("\(image.size) → \(tensor.shape), \(tensor.elements().min() ?? 0) … \(tensor.elements().max() ?? 0)")
print(String(decoding: try JSONEncoder().encode(transform), as: UTF8.self))
