import ActionTokenizer

let tokenizer = BinActionTokenizer(vocabularySize: 32_000)  // OpenVLA's bins and ids
let action = [0.25, -0.5, 0.0, 0.1, 0.0, -1.0, 1.0]
let tokenIDs = try tokenizer.tokenIDs(for: action)
print("tokens \(tokenIDs)")
print("back   \(try tokenizer.action(for: tokenIDs))")
