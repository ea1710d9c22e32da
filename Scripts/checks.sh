# Counting for ./test and .ci/run; sourced by them.
#
# A test is what Swift Testing counts: a function, with all its arguments. A step that is no test (a build, the lint)
# counts as one.
passed=0
failed=0
skipped=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
# temporary files of tests and of the tools that run them, which leave some behind; once for nested scripts
if [ -z "${VLA_CHECKS:-}" ]; then
    mkdir "$logs/t"
    export VLA_CHECKS=1 TMPDIR=$logs/t
fi

# check NAME COMMAND...: runs a step; its output is shown when it fails.
check() {
    local name=$1 start=$SECONDS
    shift
    if "$@" > "$logs/step" 2>&1; then
        passed=$((passed + 1))
        echo "ok      $name ($((SECONDS - start)) s)"
    else
        failed=$((failed + 1))
        cat "$logs/step"
        echo "FAILED  $name ($((SECONDS - start)) s)"
    fi
}

# count_tests NAME COMMAND...: runs `swift test` with the given arguments and counts what it reports.
#
# Failures are shown as they come. A run that ends without a report (a build error, a crash) counts as one failure.
count_tests() {
    local name=$1 start=$SECONDS status=0 report
    shift
    rm -f "$logs"/report*
    swift test "$@" --xunit-output "$logs/report.xml" > "$logs/step" 2>&1 || status=$?
    report=$(awk '
        /<testcase / { cases++; open = 1 }
        /<failure/ && open { failures++; open = 0 }
        /<skipped/ && open { skips++; open = 0 }
        END { print cases - failures - skips, failures + 0, skips + 0 }
    ' "$logs"/report*.xml 2> /dev/null || echo "0 0 0")
    local -a counts
    read -r -a counts <<< "$report"
    if [ "$status" -ne 0 ] && [ "${counts[1]}" -eq 0 ]; then
        tail -n 60 "$logs/step"
        counts[1]=1
    elif [ "$status" -ne 0 ]; then
        grep -E '✘|error:|Fatal error' "$logs/step" || true
    fi
    grep -E '➜' "$logs/step" || true
    passed=$((passed + counts[0]))
    failed=$((failed + counts[1]))
    skipped=$((skipped + counts[2]))
    echo "tests   $name: ${counts[0]} passed, ${counts[1]} failed, ${counts[2]} skipped ($((SECONDS - start)) s)"
}

# The last line, and the exit status with it.
summary() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}
