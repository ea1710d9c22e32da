import TensorCore
import TensorTestSupport
import Testing
import VLAPolicy

@Suite struct InstructionEncoderTests {
    /// A policy may be asked what it does without words.
    @Test func emptyPromptIsTheSameAloneAndInABatch() {
        var generator = PhiloxGenerator(seed: 3)
        let encoder = InstructionEncoder(vocabularySize: 9, promptLength: 4, width: 8, using: &generator)
        let alone = encoder([[]])
        #expect(alone.shape == [1, 8] && alone.elements().allSatisfy(\.isFinite))
        let batch = encoder([[1, 2, 3], [], [4]])
        expectClose(batch[1..<2], alone, within: .reduction)
        #expect(batch[0].elements() != batch[1].elements())
    }
}
