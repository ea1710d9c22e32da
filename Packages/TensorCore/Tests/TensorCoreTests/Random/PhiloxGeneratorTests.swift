import TensorCore
import Testing

@Suite struct PhiloxGeneratorTests {
    /// The known answers of Random123's `kat_vectors` for philox4x32-10.
    @Test(arguments: [
        (UInt64(0), UInt64(0), UInt64(0), [UInt32(0x6627_e8d5), 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        (.max, .max, .max, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e, 0x85a3_08d3_243f_6a88,
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        ),
    ])
    func blocksAreThoseOfPhilox(seed: UInt64, stream: UInt64, index: UInt64, expected: [UInt32]) {
        let block = PhiloxGenerator(seed: seed, stream: stream).block(index)
        #expect((0..<4).map { block[$0] } == expected)
    }

    @Test func drawsWalkThroughTheBlocks() {
        var generator = PhiloxGenerator(seed: 5, stream: 2)
        let draws = (0..<6).map { _ in generator.next() }
        let expected = (0..<3).flatMap { index -> [UInt64] in
            let block = PhiloxGenerator(seed: 5, stream: 2).block(UInt64(index))
            return [UInt64(block[1]) << 32 | UInt64(block[0]), UInt64(block[3]) << 32 | UInt64(block[2])]
        }
        #expect(draws == expected)
        #expect(generator.position == 6)
    }
}
