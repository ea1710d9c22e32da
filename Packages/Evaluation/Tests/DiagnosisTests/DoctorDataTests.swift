import Foundation
import Testing

/// Writes the data sets that `Scripts/doctor-table` trains and examines with.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["VLA_DOCTOR_DATA"] != nil, "a part of Scripts/doctor-table"))
struct DoctorDataTests {
    @Test func dataAreWritten() throws {
        let healthy = try #require(Healthy.fromEnvironment)
        // three demonstrations of each task are what the doctor is given
        try EpisodeEdit.rewrite(healthy.data, to: healthy.url("sample"), limit: 3) { _ in }
        try EpisodeEdit.makeSickData(healthy.data, in: healthy.folder)
        for name in ["sample", "data-blind", "data-deaf", "data-waiting", "sample-waiting"] {
            #expect(FileManager.default.fileExists(atPath: healthy.url(name).path))
        }
    }
}
