import SuccessStatistics

// whether each policy solved each of the same starts
let mine = [true, true, false, true, true, true, true, true, true, true, false, true]
let other = [true, false, false, true, false, true, false, true, false, true, false, false]

let rate = SuccessRate(mine)
print("\(rate.successCount) of \(rate.trialCount), 95 % interval \(rate.wilsonInterval())")
let comparison = PairedComparison(first: mine, second: other)
print("better by \(comparison.differenceInterval()), p = \(comparison.pValue)")
print("for ±5 points: \(SampleSize.episodes(forHalfWidth: 0.05)) episodes")
