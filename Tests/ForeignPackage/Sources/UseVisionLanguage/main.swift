import ImageProcessing
import TextTokenizers

var trainer = BPETrainer(vocabularySize: 280, specialTokens: ["<|end|>"])
for _ in 0..<3 { trainer.add("pick up the black bowl and place it on the plate") }
let tokenizer = try BPETokenizer(json: try trainer.train().json, name: "tokenizer.json")
let ids = tokenizer.encode("pick up the plate")
print("\(ids) is '\(tokenizer.decode(ids))'")

let image = RGBImage(width: 256, height: 192, color: SIMD3(200, 30, 30))
let pixels = try ImageTransform.clip()(image)  // resized, cropped and normalized as CLIP's processor does
print("pixels \(pixels.shape)")
