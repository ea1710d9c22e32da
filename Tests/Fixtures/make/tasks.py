"""Tasks in BDDL, written from the values that a reader has to find; NumPy's draws of two resets."""

import numpy as np

from common import folder, write_json

TASKS = {
    "put_the_red_block_in_the_tray": {
        "problem": "LIBERO_Tabletop_Manipulation", "language": "Put the red block in the tray",
        "regions": [
            ("block_region", "main_table", [-0.125, -0.05, -0.075, 0.0], None, None),
            ("tray_region", "main_table", [0.1, 0.15, 0.125, 0.2], [1.5, 1.75], None),
            ("inside", "made_tray_1", None, None, [0.0, 0.5, 1.0, 0.25]),
        ],
        "fixtures": {"table": ["main_table"]}, "objects": {"made_block": ["made_block_1", "made_block_2"], "made_tray": ["made_tray_1"]},
        "obj_of_interest": ["made_block_1", "made_tray_1"],
        "init": [["On", "made_block_1", "main_table_block_region"], ["On", "made_tray_1", "main_table_tray_region"]],
        "goal": [["In", "made_block_1", "made_tray_1_inside"]],
    },
    "open_the_box_and_close_the_drawer": {
        "problem": "LIBERO_Kitchen_Tabletop_Manipulation", "language": "open the box and close the drawer",
        "regions": [("box_region", "kitchen_table", [0.0, -0.25, 0.05, -0.2], None, None), ("lid", "made_box_1", None, None, None)],
        "fixtures": {"kitchen_table": ["kitchen_table"], "made_box": ["made_box_1"]}, "objects": {"made_cup": ["made_cup_1"]},
        "obj_of_interest": ["made_box_1"],
        "init": [["On", "made_box_1", "kitchen_table_box_region"], ["Close", "made_box_1"]],
        "goal": [["Open", "made_box_1_lid"], ["Close", "made_box_1"]],
    },
}


def bddl(task):
    numbers = lambda values: "(" + " ".join(repr(float(v)) for v in values) + ")"
    lines = [f"(define (problem {task['problem']})", "  (:domain robosuite)", f"  (:language {task['language']})", "  (:regions"]
    for name, target, ranges, yaw, color in task["regions"]:
        lines.append(f"    ({name} (:target {target})")
        for key, values in (("ranges", ranges), ("yaw_rotation", yaw), ("rgba", color)):
            if values:
                lines.append(f"      (:{key} ({numbers(values)}))" if key != "rgba" else f"      (:rgba {numbers(values)})")
        lines.append("    )")
    lines.append("  )")
    for key in ("fixtures", "objects"):
        lines.append(f"  (:{key}")
        lines += [f"    {' '.join(names)} - {kind}" for kind, names in task[key].items()]
        lines.append("  )")
    lines += ["  (:obj_of_interest"] + [f"    {name}" for name in task["obj_of_interest"]] + ["  )"]
    atom = lambda a: "(" + " ".join(a) + ")"
    lines += ["  (:init"] + [f"    {atom(a)}" for a in task["init"]] + ["  )"]
    lines.append("  (:goal (And " + " ".join(atom(a) for a in task["goal"]) + "))")
    return "\n".join(lines + [")"]) + "\n"


def draws():
    """Calls of NumPy's global generator as a reset makes them; two resets after one seed."""
    np.random.seed(0)
    resets = []
    for _ in range(2):
        rows = [["randn", [7.0], {}, np.random.randn(7).tolist()], ["randint", [3.0], {}, float(np.random.randint(3))]]
        for low, high in ((-0.125, -0.075), (0.0, 6.25)):
            rows.append(["uniform", [], {"low": low, "high": high}, float(np.random.uniform(low=low, high=high))])
        rows.append(["uniform", [-1.0, 2.0], {}, float(np.random.uniform(-1.0, 2.0))])
        resets.append({"draws": rows})
    return resets


def make():
    files = folder("libero/bddl_files/made_suite")
    for name, task in TASKS.items():
        (files / f"{name}.bddl").write_text(bddl(task))
        lower = lambda atoms: [[a[0].lower()] + a[1:] for a in atoms]
        regions = {}
        for region, target, ranges, yaw, color in task["regions"]:
            regions[f"{target}_{region}"] = {
                "target": target, "ranges": [ranges] if ranges else [], "yaw_rotation": yaw or [0, 0],
                "rgba": color or [0, 0, 1, 0]}
        write_json(folder(f"golden/libero/made_suite__{name}") / "meta.json", {
            "suite": "made_suite", "task": name, "problem": task["problem"].lower(), "goal": lower(task["goal"]),
            "initial_state": lower(task["init"]), "obj_of_interest": task["obj_of_interest"],
            "fixtures": task["fixtures"], "objects": task["objects"], "regions": regions, "resets": draws()})
