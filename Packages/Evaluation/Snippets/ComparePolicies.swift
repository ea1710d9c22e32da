// Compares two policies on the same episodes.
//
//     swift run --package-path Packages/Evaluation ComparePolicies

import SuccessStatistics

let first = [true, true, false, true, true, true, false, true, true, true]
let second = [true, false, false, true, false, true, false, true, false, true]

let comparison = PairedComparison(first: first, second: second)
print("first  \(comparison.first)")
print("second \(comparison.second)")
print("difference within \(comparison.differenceInterval()), p = \(comparison.pValue)")
