"""The peers' side of the protocol in Sources/BenchmarkKit/BenchmarkWorker.swift."""

import argparse
import json
import resource
import sys
import time


def peak_resident_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def seconds_to_run(body):
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def serve(cases):
    """Runs the case the command line names. `cases`: name -> function that sets up, warms up, and returns a function
    that runs one round and returns (name, value, unit) triples."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--case", choices=sorted(cases))
    parser.add_argument("--rounds", type=int)
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(cases))
        return
    if arguments.case is None:
        parser.error("--case or --list is needed")

    measure = cases[arguments.case]()

    def report():
        for name, value, unit in measure():
            print(json.dumps({"name": name, "value": value, "unit": unit, "role": "peer"}), flush=True)

    if arguments.rounds is not None:
        for _ in range(arguments.rounds):
            report()
        return
    print("ready", flush=True)
    for _ in sys.stdin:
        report()
        print("done", flush=True)
