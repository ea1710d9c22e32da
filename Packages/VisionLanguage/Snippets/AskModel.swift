// Continues a text with a language model: swift run AskModel <model folder> <tokenizer.json> "One, two,"
import Foundation
import TensorCore
import TextTokenizers
import VisionLanguage

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
    print("usage: AskModel <model folder> <tokenizer.json> <text>")
    exit(64)
}
do {
    let (decoder, _) = try ModelFolder.decoder(at: URL(fileURLWithPath: arguments[1]))
    let tokenizer = try BPETokenizer(at: URL(fileURLWithPath: arguments[2]))
    let ids = tokenizer.encode(arguments[3])
    let vectors = decoder.embed(Tensor(integers: ids, [1, ids.count]))
    var text = StreamingDecoder(tokenizer)
    var options = SamplingOptions.greedy
    options.maximumTokenCount = 40
    for step in TokenGeneration(decoder, vectors: vectors, ids: [ids], options: options, seed: 1) {
        print(text.append(step[0]), terminator: "")
    }
    print(text.finish())
} catch {
    print(error)
    exit(1)
}
