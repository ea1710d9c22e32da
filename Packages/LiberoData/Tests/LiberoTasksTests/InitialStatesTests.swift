import FileSupport
import Foundation
import LiberoTasks
import TensorCore
import TensorTestSupport
import Testing

@Suite struct InitialStatesTests {
    /// Two rows of time, nine joints, one more position and ten velocities.
    private let table = Tensor(scalars: (0..<42).map(Double.init), [2, 21])

    @Test func rowsAreCutWhereTheModelSays() throws {
        let states = try InitialStates(table, file: "t")
        #expect(states.count == 2 && states.width == 21)
        #expect(states.armJointPositions(row: 1) == [22, 23, 24, 25, 26, 27, 28])
        #expect(states.fingerPositions(row: 0) == [8, 9])
        let state = try states.state(row: 1, positionCount: 10, velocityCount: 10)
        #expect(state.time == 21)
        #expect(state.positions == (22...31).map(Double.init))
        #expect(state.velocities == (32...41).map(Double.init))
        #expect(throws: InitialStatesError.widthMismatch(found: 21, positionCount: 9, velocityCount: 9)) {
            try states.state(row: 0, positionCount: 9, velocityCount: 9)
        }
    }

    @Test func otherTablesAreRefused() {
        let narrow = Tensor(scalars: (0..<10).map(Double.init), [1, 10])
        let floats = Tensor((0..<21).map(Float.init), [1, 21])
        let empty = Tensor(scalars: [Double](), [0, 21])
        for table in [narrow, floats, empty, Tensor(scalars: [1.0], [1])] {
            #expect(throws: InitialStatesError.self) { try InitialStates(table, file: "t") }
        }
        var values = (0..<21).map(Double.init)
        values[7] = .nan
        #expect(throws: InitialStatesError.notFinite(file: "t", row: 0, column: 7)) {
            try InitialStates(Tensor(scalars: values, [1, 21]), file: "t")
        }
    }
}

/// All `.pruned_init` files of `libero/`, and those of `data/samples/init_states` with what NumPy read from them.
@Suite struct InitialStatesGoldenTests {
    private struct Golden: Decodable {
        let shape: [Int]
        let row0, time_column: [Double]
    }

    static let samples = SharedFixtures.entries(in: "data/samples/init_states").filter {
        $0.pathExtension == "pruned_init"
    }
    static let folder = BDDLGoldenTests.folder
    @Test(arguments: samples)
    func rowsMatchNumPy(file: URL) throws {
        let golden = try TensorTestSupport.Golden.json(
            file.appendingPathExtension("golden.json"), as: Golden.self)
        let states = try InitialStates(at: file)
        #expect([states.count, states.width] == golden.shape)
        #expect(states[0] == golden.row0)
        #expect((0..<states.count).map { states[$0][0] } == golden.time_column)
    }

    static let damaged = SharedFixtures.entries(in: "data/samples/corrupt/init_states").filter {
        $0.pathExtension == "pruned_init"
    }

    @Test(arguments: damaged)
    func damagedFilesAreRefused(file: URL) throws {
        let error = try #require(throws: (any Error).self) { try InitialStates(at: file) }
        #expect(error is SerializationError || error is InitialStatesError)
        #expect("\(error)".contains(file.lastPathComponent), "\(error)")
    }

    @Test(arguments: BDDLGoldenTests.tasks)
    func statesAreOfAPandaAtRest(task: LiberoTask) throws {
        let states = try #require(Self.folder).initialStates(of: task)
        #expect(states.count == 50)
        // nominal posture of the arm with its noise; fingers half open, opposite signs; nothing moves
        let nominal = [0, -0.161, 0, -2.445, 0, 2.227, Double.pi / 4]
        for row in 0..<states.count {
            #expect(zip(states.armJointPositions(row: row), nominal).allSatisfy { abs($0 - $1) < 0.1 })
            let fingers = states.fingerPositions(row: row)
            #expect(fingers[0] == -fingers[1] && fingers[0] > 0)
            #expect(states[row][0] == 0)
            #expect(states[row].last == 0)
        }
    }

    @Test(.enabled(if: folder != nil))
    func missingFilesAreNamed() throws {
        let folder = try #require(Self.folder)
        let task = LiberoTask(suite: "libero_goal", name: "fly")
        #expect(throws: LiberoTasksError.self) { try folder.initialStates(of: task) }
    }
}
