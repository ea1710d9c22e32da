import Foundation
import ImageProcessing
import TensorCore
import TensorNN
import TensorTestSupport
import TextTokenizers
import Testing
import VisionLanguage

@Suite struct SamplingOptionsTests {
    private func choices(
        _ logits: [Float], _ options: SamplingOptions, present: [Int] = [], draws: Int = 400
    ) -> [Int: Int] {
        var generator = PhiloxGenerator(seed: 1)
        var counts: [Int: Int] = [:]
        for _ in 0..<draws {
            counts[options.choose(from: logits, present: present, using: &generator), default: 0] += 1
        }
        return counts
    }

    @Test func greedyTakesTheFirstOfTheLargest() {
        #expect(choices([1, 3, 3, .nan], .greedy, draws: 1) == [1: 1])
        // 2 / 1.5 falls behind 1.5, and −1 · 1.5 further behind
        var options = SamplingOptions.greedy
        options.repetitionPenalty = 1.5
        #expect(choices([2, 1.5, -1], options, present: [0, 2, 99], draws: 1) == [1: 1])
    }

    @Test func topKAndTopPKeepTheMostProbable() {
        var options = SamplingOptions()
        options.topK = 2
        #expect(Set(choices([0, 1, 2, 3], options).keys) == [2, 3])
        // those that equal the last one kept stay
        #expect(Set(choices([1, 1, 1, 3], options).keys) == [0, 1, 2, 3])
        options.topK = nil
        // probabilities 0.5, 0.3, 0.2: the third comes after 0.8
        let logits = [Float(0.5), 0.3, 0.2].map { Float(Foundation.log(Double($0))) }
        options.topP = 0.4
        #expect(Set(choices(logits, options).keys) == [0])
        options.topP = 0.6
        #expect(Set(choices(logits, options).keys) == [0, 1])
        options.topP = 0.85
        #expect(Set(choices(logits, options).keys) == [0, 1, 2])
    }

    @Test func drawsFollowTheProbabilities() {
        var options = SamplingOptions()
        let logits = [Float(0.6), 0.4].map { Float(Foundation.log(Double($0))) }
        let share = Double(choices(logits, options, draws: 4000)[0] ?? 0) / 4000
        #expect(abs(share - 0.6) < 0.03)
        options.temperature = 0.25
        // 0.6⁴ / (0.6⁴ + 0.4⁴) = 0.835
        #expect(abs(Double(choices(logits, options, draws: 4000)[0] ?? 0) / 4000 - 0.835) < 0.03)
    }

    @Test func wrongOptionsAreNamed() {
        for change: (inout SamplingOptions) -> Void in [
            { $0.temperature = -1 }, { $0.topP = 1.5 }, { $0.topK = 0 }, { $0.repetitionPenalty = 0 },
        ] {
            var options = SamplingOptions()
            change(&options)
            #expect(throws: ConfigurationError.self) { try options.validate() }
        }
    }
}

@Suite struct TokenGenerationTests {
    private func decoder() -> Decoder {
        var generator = PhiloxGenerator(seed: 8)
        return Decoder(DecoderTests.small { $0.initialization = .normal(standardDeviation: 0.3) }, using: &generator)
    }

    private func options(_ count: Int, stop: Set<Int> = []) -> SamplingOptions {
        var options = SamplingOptions()
        (options.maximumTokenCount, options.stopIDs, options.topK) = (count, stop, 20)
        return options
    }

    @Test func sequencesOfABatchAreThoseAlone() {
        let decoder = decoder()
        let prompts = [[1, 5, 9], [1, 7, 3]]
        let ids = Tensor(integers: prompts.flatMap { $0 }, [2, 3])
        var both = TokenGeneration(decoder, vectors: decoder.embed(ids), ids: prompts, options: options(20), seed: 4)
        while both.next() != nil {}
        for row in 0..<2 {
            var alone = TokenGeneration(
                decoder, vectors: decoder.embed(ids[row..<row + 1]), ids: [prompts[row]], options: options(20), seed: 4,
                firstStream: UInt64(row))
            while alone.next() != nil {}
            #expect(alone.ids[0] == both.ids[row])
        }
        #expect(both.ids[0].count == 23)
    }

    /// Beside longer prompts too, with images at different places: the same tokens and the same logits, to the bit.
    @Test func promptsOfDifferentLengthsAreThoseAlone() {
        var generator = PhiloxGenerator(seed: 10)
        for experts in [nil, DecoderConfiguration.Experts()] {
            let configuration = DecoderTests.small26 {
                ($0.experts, $0.initialization) = (experts, .normal(standardDeviation: 0.3))
            }
            let model = VisionLanguageModel(
                vision: ModelFolderTests.vision, projector: .linear, decoder: configuration, using: &generator)
            let pixels = Tensor.uniform(-1...1, [2, 3, 16, 16], using: &generator)
            let prompts = [[1, 0, 0, 0, 0, 5, 6], [7], [1, 2, 3, 0, 0, 0, 0, 9, 4, 8, 11], [3, 4, 5]]
            let runs = [
                ImageRun(sequence: 0, tokens: 1..<5, image: 0), ImageRun(sequence: 2, tokens: 3..<7, image: 1),
            ]
            var together = model.generate(prompts, pixels: pixels, at: runs, options: options(20), seed: 4)
            var logits = [together.nextLogits]
            while together.next() != nil { logits.append(together.nextLogits) }
            for (row, prompt) in prompts.enumerated() {
                let own = runs.filter { $0.sequence == row }
                let ids = Tensor(integers: prompt, [1, prompt.count])
                let vectors =
                    own.isEmpty
                    ? model.decoder.embed(ids)
                    : model.embed(
                        ids, rows: model.imageRows(model.imageTokens(pixels)),
                        at: own.map { ImageRun(sequence: 0, tokens: $0.tokens, image: $0.image) })
                var alone = TokenGeneration(
                    model.decoder, vectors: vectors, ids: [prompt], options: options(20), seed: 4,
                    firstStream: UInt64(row))
                var step = 0
                repeat {
                    #expect(alone.nextLogits.elements() == logits[step][row..<row + 1].elements(), "\(row), \(step)")
                    step += 1
                } while alone.next() != nil
                #expect(alone.ids[0] == together.ids[row] && alone.ids[0].count == prompt.count + 20)
            }
        }
    }

    @Test func greedyGenerationIsTheArgmaxOfTheWholeSequence() {
        let decoder = decoder()
        var sequence = [1, 4, 2, 8]
        var greedy = SamplingOptions.greedy
        (greedy.maximumTokenCount, greedy.stopIDs) = (10, [])
        let ids = Tensor(integers: sequence, [1, 4])
        for step in TokenGeneration(decoder, vectors: decoder.embed(ids), ids: [sequence], options: greedy, seed: 0) {
            let hidden = decoder(decoder.embed(Tensor(integers: sequence, [1, sequence.count]))).hidden
            let next = decoder.logits(hidden.select(axis: 1, sequence.count - 1)).argmax()[0]
            #expect(step == [next])
            sequence.append(next)
        }
        #expect(sequence.count == 14)
    }

    @Test func finishedSequencesRepeatTheirEnd() {
        let decoder = decoder()
        let prompts = [[1, 5, 9], [1, 7, 3]]
        let ids = Tensor(integers: prompts.flatMap { $0 }, [2, 3])
        let free = Array(
            TokenGeneration(decoder, vectors: decoder.embed(ids), ids: prompts, options: options(12), seed: 4))
        // the first sequence's third token ends it
        let stop = free[2][0]
        var generation = TokenGeneration(
            decoder, vectors: decoder.embed(ids), ids: prompts, options: options(12, stop: [stop]), seed: 4)
        var steps: [[Int]] = []
        while let step = generation.next() { steps.append(step) }
        let end = free.firstIndex { $0[0] == stop } ?? 0
        #expect(steps.dropFirst(end).allSatisfy { $0[0] == stop })
        #expect(generation.ids[0].count == 3 + end + 1)
    }

    /// A decoder has so many positions and no more.
    @Test func generationEndsAtTheLastPosition() {
        var generator = PhiloxGenerator(seed: 8)
        let decoder = Decoder(DecoderTests.small { $0.positionCount = 8 }, using: &generator)
        let ids = Tensor(integers: [1, 2, 3], [1, 3])
        let steps = Array(
            TokenGeneration(decoder, vectors: decoder.embed(ids), ids: [[1, 2, 3]], options: options(50), seed: 4))
        #expect(steps.count == 6)
    }

    @Test func imagesChangeWhatIsSaid() {
        var generator = PhiloxGenerator(seed: 9)
        let model = VisionLanguageModel(
            vision: ModelFolderTests.vision, projector: .linear, decoder: DecoderTests.small(), using: &generator)
        let pixels = Tensor.uniform(-1...1, [2, 3, 16, 16], using: &generator)
        let ids = [1, 0, 0, 0, 0, 5]
        let runs = [ImageRun(sequence: 0, tokens: 1..<5, image: 0)]
        func logits(_ image: Int) -> [Float] {
            model.generate([ids], pixels: pixels[image..<image + 1], at: runs, options: .greedy, seed: 0)
                .nextLogits.elements()
        }
        #expect(logits(0) != logits(1))
        #expect(logits(0) == logits(0))
    }
}

@Suite struct PerplexityTests {
    /// Logits that are all equal make every token as probable as any other.
    @Test func uniformDecodersAreAsSurprisedAsTheirVocabularyIsLarge() {
        var generator = PhiloxGenerator(seed: 1)
        let decoder = Decoder(DecoderTests.small { $0.initialization = .zero }, using: &generator)
        var perplexity = Perplexity()
        perplexity.add([1, 5, 9, 2, 7, 3, 4], decoder: decoder, windowSize: 4)
        #expect(perplexity.tokenCount == 6)
        expectClose(perplexity.value, 50, within: .init(relative: 1e-5, absolute: 0))
        perplexity.add([1, 5, 9, 2], labels: [-100, -100, 9, -100], decoder: decoder)
        #expect(perplexity.tokenCount == 7)
    }

    @Test func windowsAreWholeTextsOneAfterAnother() {
        var generator = PhiloxGenerator(seed: 2)
        let decoder = Decoder(DecoderTests.small(), using: &generator)
        let ids = (0..<30).map { $0 * 7 % 50 }
        var (parts, whole) = (Perplexity(), Perplexity())
        parts.add(ids, decoder: decoder, windowSize: 10)
        for start in [0, 10, 20] { whole.add(Array(ids[start..<min(30, start + 11)]), decoder: decoder) }
        #expect(parts == whole)
    }
}

/// Prompts with the tokenizers of both generations.
@Suite struct ChatPromptTests {
    static let tokenizers: [URL] = SharedFixtures.folders(in: "data/minimind") {
        FileManager.default.fileExists(
            atPath: (SharedFixtures.root?.appendingPathComponent("data/minimind/\($0)/tokenizer.json").path) ?? "")
    }.map { $0.appendingPathComponent("tokenizer.json") }

    @Test(arguments: tokenizers)
    func imagesStandAtTheirMarks(url: URL) throws {
        let tokenizer = try BPETokenizer(at: url)
        let generation = MiniMindGeneration(of: tokenizer)
        let messages = [ChatMessage(.user, "<image>\nIs a@b.c in <image><image>?")]
        let prompt = try ChatPrompt(messages, generation: generation, tokenizer: tokenizer, tokensPerImage: 7)
        #expect(prompt.runs.map(\.image) == [0, 1, 2])
        #expect(prompt.runs.allSatisfy { $0.tokens.count == 7 })
        #expect(prompt.runs[1].tokens.upperBound == prompt.runs[2].tokens.lowerBound)
        // the same ids as the reference's text with the placeholders written out
        let placeholders = String(repeating: generation.imagePlaceholder, count: 7)
        let text = generation.chatTemplate.text(for: messages, continuation: .answer)
            .replacingOccurrences(of: "<image>", with: placeholders)
        #expect(prompt.ids == tokenizer.encode(text))
    }
}
