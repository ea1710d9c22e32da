import Foundation
import Testing

/// The table of `Docs/Reproductions/doctor.md`: every fault at trained policies of two families, all healthy policies.
/// `Scripts/doctor-table` makes the policies, which takes a while, and runs it.
@Suite(.enabled(if: Healthy.fromEnvironment != nil, "set VLA_DOCTOR_POLICIES; Scripts/doctor-table does"))
struct DoctorTableTests {
    @Test func theDoctorIsRightOftenEnough() throws {
        let healthy = try #require(Healthy.fromEnvironment)
        let table = DoctorTable(healthy: healthy, scratch: healthy.url("patient")) {
            FileHandle.standardError.write(Data($0.utf8))
        }
        defer { try? FileManager.default.removeItem(at: table.scratch) }
        let (single, well, pairs) = try table.run()

        let faults = Set(single.map(\.fault))
        #expect(faults.count >= 25 && Set(single.map(\.family)).count == 2)
        #expect(Set(single.compactMap(\.reportedFault)) == Set(1...10), "the ten faults of the 2025 report")
        #expect(single.count { $0.rank == 1 } * 100 >= single.count * 85)
        #expect(single.count { ($0.rank ?? .max) <= 2 } * 100 >= single.count * 95)
        #expect(pairs.allSatisfy { $0.rank == 1 })
        #expect(well.count >= 10 && well.allSatisfy(\.named.isEmpty))

        if let file = ProcessInfo.processInfo.environment["VLA_WRITE_DOCS"] {
            try DoctorTable.write(DoctorTable.page(single, healthy: well, pairs: pairs), to: URL(fileURLWithPath: file))
        }
    }
}
