"""What Kinematics is compared with: Pinocchio, TRAC-IK and roboticstoolbox's C++ solver, all compiled."""

import json
import os
import pathlib
import re
import struct
import time

import numpy as np
import pinocchio
import pytracik
import roboticstoolbox

from worker import serve

project = pathlib.Path(__file__).resolve().parents[2]
shared = pathlib.Path(os.environ.get("VLA_SHARED", project.parent / "shared"))


def seconds_per_call(call, count=20_000):
    """The best of five loops."""
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(count):
            call()
        best = min(best, (time.perf_counter() - start) / count)
    return best


def recursions(name, frame):
    """Pinocchio through its Python package. The way from Python into C++ and back is measured by the same calls on a
    robot without joints, and subtracted."""

    def prepare():
        model = pinocchio.buildModelFromUrdf(str(shared / "robots" / name / f"{name}.urdf"))
        empty = pinocchio.Model()

        def calls(m, frame_id):
            data = m.createData()
            q = pinocchio.randomConfiguration(m) if m.nq else np.zeros(0)
            v, a = np.random.rand(m.nv), np.random.rand(m.nv)
            axes = pinocchio.LOCAL_WORLD_ALIGNED
            return {
                "forward": lambda: pinocchio.forwardKinematics(m, data, q),
                "jacobian": lambda: pinocchio.computeFrameJacobian(m, data, q, frame_id, axes),
                "rnea": lambda: pinocchio.rnea(m, data, q, v, a),
                "crba": lambda: pinocchio.crba(m, data, q),
                "aba": lambda: pinocchio.aba(m, data, q, v, a),
            }

        work, nothing = calls(model, model.getFrameId(frame)), calls(empty, 0)

        def measure():
            return [
                (f"{name}_recursions/{key}", seconds_per_call(work[key]) - seconds_per_call(nothing[key]), "s")
                for key in work
            ]

        return measure

    return prepare


def tensors(path):
    """The float64 tensors of a safetensors file."""
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    result = {}
    for key, entry in header.items():
        if key != "__metadata__" and entry["dtype"] == "F64":
            first, last = (8 + size + offset for offset in entry["data_offsets"])
            result[key] = np.frombuffer(content[first:last], dtype="<f8").reshape(entry["shape"])
    return result


def quaternion(rotation):
    """x, y, z, w."""
    w, x, y, z = pinocchio.Quaternion(rotation).normalized().coeffs()[[3, 0, 1, 2]]
    return x, y, z, w


def inverse_kinematics(name, base, frame, joint_count):
    """TRAC-IK with 5 ms and its default tolerance of 1e-5; roboticstoolbox's Levenberg-Marquardt with up to 100
    searches and its default residual of 1e-6, about 1 mm. Joint limits are kept by both."""

    def prepare():
        golden = tensors(shared / "golden" / "kinematics" / f"{name}.safetensors")
        targets = golden[f"ik_target/{frame}"].copy()
        seeds = golden["ik_seed"][:, :joint_count].copy()
        urdf = shared / "robots" / name / f"{name}.urdf"
        # it takes soft limits that are not given for 0…0, and then finds nothing until its time is up
        text = re.sub(r"<safety_controller[^>]*/>", "", urdf.read_text())
        tracik = pytracik.TRAC_IK(base, frame, text, 0.005, 1e-5, pytracik.SolveType.Speed)
        chain = elementary_transforms(urdf, base, frame)

        def statistics(times):
            counted = sorted(times[20:])
            return counted[len(counted) // 2], sum(counted) / len(counted)

        def measure():
            by_tracik, by_toolbox, reached = [], [], 0
            for target, seed in zip(targets, seeds):
                x, y, z = target[:3, 3]
                turn = quaternion(target[:3, :3])
                start = time.perf_counter()
                pytracik.ik(tracik, seed, x, y, z, *turn)
                by_tracik.append(time.perf_counter() - start)
                start = time.perf_counter()
                solution = chain.ik_LM(target, q0=seed, ilimit=30, slimit=100, tol=1e-6, joint_limits=1)
                by_toolbox.append(time.perf_counter() - start)
                reached += bool(solution.success)
            toolbox, tracik_times = statistics(by_toolbox), statistics(by_tracik)
            return [
                (f"{name}_ik/median_to_rtb", toolbox[0], "s"),
                (f"{name}_ik/mean_to_rtb", toolbox[1], "s"),
                (f"{name}_ik/median_to_tracik", tracik_times[0], "s"),
                (f"{name}_ik/mean_to_tracik", tracik_times[1], "s"),
                (f"{name}_ik/reached", reached / len(targets), "share"),
            ]

        return measure

    return prepare


def elementary_transforms(urdf, base, frame):
    """The chain from the base to a frame for roboticstoolbox: constants of Pinocchio's model and turns about z."""
    model = pinocchio.buildModelFromUrdf(str(urdf))
    ET = roboticstoolbox.ET

    def constant(placement):
        # by rows, which Pinocchio's own is not
        return ET.SE3(np.ascontiguousarray(placement.homogeneous))

    last = model.frames[model.getFrameId(frame)]
    path, joint = [], last.parentJoint
    while joint > 0:
        path.append(joint)
        joint = model.parents[joint]
    pieces = []
    for index, joint in enumerate(reversed(path)):
        limits = [model.lowerPositionLimit[joint - 1], model.upperPositionLimit[joint - 1]]
        pieces += [constant(model.jointPlacements[joint]), ET.Rz(jindex=index, qlim=limits)]
    return roboticstoolbox.ETS(pieces + [constant(last.placement)])


serve(
    {
        "panda_recursions": recursions("panda", "panda_hand"),
        "piper_recursions": recursions("piper", "gripper_base"),
        "panda_ik": inverse_kinematics("panda", "panda_link0", "panda_hand", 7),
        "piper_ik": inverse_kinematics("piper", "base_link", "gripper_base", 6),
    }
)
