import BenchmarkKit
import Testing

@Suite struct BenchmarkRowTests {
    static func measurements(ours: [Double], peer: [Double]) -> [MeasuredValue] {
        ours.map { MeasuredValue("step", $0, unit: "s") }
            + peer.map { MeasuredValue("step", $0, unit: "s", role: .peer) }
    }

    @Test func bestIsTheSmallestWhenLowerIsBetter() throws {
        let measured = Self.measurements(ours: [3, 1, 2], peer: [4, 2.5])
        let row = try #require(BenchmarkRow(.init(name: "step", better: .lower, target: 0.4), from: measured))
        #expect((row.ours, row.peer, row.ratio, row.met) == (1, 2.5, 0.4, true))
        #expect((row.oursMedian, row.peerMedian, row.rounds) == (2, 3.25, 2))
    }

    @Test func bestIsTheLargestWhenHigherIsBetter() throws {
        let measured = Self.measurements(ours: [3, 1, 2], peer: [4, 2.5])
        let row = try #require(BenchmarkRow(.init(name: "step", better: .higher, target: 0.8), from: measured))
        #expect((row.ours, row.peer, row.ratio, row.met) == (3, 4, 0.75, false))
    }

    @Test(arguments: [BenchmarkRow.Better.lower, .higher])
    func theLimitItselfIsMet(better: BenchmarkRow.Better) throws {
        let measured = Self.measurements(ours: [1], peer: [2])
        #expect(try #require(BenchmarkRow(.init(name: "step", better: better, target: 0.5), from: measured)).met)
    }

    @Test func oneSideAloneIsNoRow() {
        let target = BenchmarkRow.Target(name: "step", better: .lower, target: 1)
        #expect(BenchmarkRow(target, from: Self.measurements(ours: [1], peer: [])) == nil)
        #expect(BenchmarkRow(target, from: [MeasuredValue("other", 1, unit: "s", role: .peer)]) == nil)
    }
}
