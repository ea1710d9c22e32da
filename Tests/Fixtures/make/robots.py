"""Robots, rotations, distances: NumPy and SciPy in float64, from the textbook's sums rather than recursions."""

import json
import math

import numpy as np
from safetensors.numpy import save_file
from scipy.linalg import expm
from scipy.spatial.transform import Rotation as R

from common import folder, write_json

SKEW = lambda v: np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
GRAVITY = np.array([0, 0, -9.81])


def pose(rotation, translation):
    t = np.eye(4)
    t[:3, :3], t[:3, 3] = rotation, translation
    return t


# name, parent, child, kind, origin xyz, origin rpy, axis, lower, upper, velocity, effort
ARM = [
    ("turn", "base", "column", "revolute", (0, 0, 0.12), (0, 0, 0), (0, 0, 1), -2.8, 2.8, 3.0, 80),
    ("shoulder", "column", "upper", "revolute", (0, 0, 0.16), (0, 0, 0), (0, 1, 0), -1.9, 1.9, 2.5, 80),
    ("elbow", "upper", "lower", "revolute", (0, 0, 0.35), (0, 0, 0), (0, 1, 0), -2.4, 2.4, 2.5, 60),
    ("twist", "lower", "forearm", "revolute", (0.3, 0, 0), (0, 0, 0), (1, 0, 0), -2.9, 2.9, 4.0, 20),
    ("bend", "forearm", "hand", "revolute", (0, 0, 0), (0, 0, 0), (0, 1, 0), -1.8, 1.8, 4.0, 20),
    ("spin", "hand", "flange", "revolute", (0, 0, 0), (0, 0, 0), (1, 0, 0), -3.0, 3.0, 5.0, 10),
    ("mount", "flange", "tool", "fixed", (0.12, 0, 0.01), (0.3, -0.2, 0.5), None, 0, 0, 0, 0),
]
# link: mass, center, rpy of its axes, moments about the center
BODIES = {
    "column": (2.5, (0.01, 0, 0.08), (0, 0, 0), (0.02, 0.021, 0.008)),
    "upper": (1.9, (0, 0.015, 0.17), (0.2, 0, 0.1), (0.025, 0.024, 0.004)),
    "lower": (1.3, (0.14, 0, 0.01), (0, 0.4, 0), (0.003, 0.012, 0.0125)),
    "forearm": (0.6, (-0.05, 0.004, 0), (0.1, 0.2, 0.3), (0.001, 0.0014, 0.0012)),
    "hand": (0.45, (0.02, 0, 0.003), (0, 0, -0.5), (0.0006, 0.0007, 0.0005)),
    "flange": (0.2, (0.05, 0.01, -0.01), (0.6, 0, 0), (0.0002, 0.00025, 0.0003)),
    "tool": (0.35, (0.03, 0, 0.02), (0, 0.7, 0.2), (0.0004, 0.0003, 0.0005)),
}
LINKS = ["base"] + [j[2] for j in ARM]


def urdf():
    text = ['<?xml version="1.0"?>', '<robot name="made_arm">']
    numbers = lambda v: " ".join(repr(float(x)) for x in v)
    for link in LINKS:
        if link not in BODIES:
            text.append(f'  <link name="{link}"/>')
            continue
        mass, center, rpy, (xx, yy, zz) = BODIES[link]
        text += [
            f'  <link name="{link}">', "    <inertial>",
            f'      <origin xyz="{numbers(center)}" rpy="{numbers(rpy)}"/>', f'      <mass value="{mass}"/>',
            f'      <inertia ixx="{xx}" ixy="0" ixz="0" iyy="{yy}" iyz="0" izz="{zz}"/>', "    </inertial>", "  </link>"]
    for name, parent, child, kind, xyz, rpy, axis, lower, upper, velocity, effort in ARM:
        text += [f'  <joint name="{name}" type="{kind}">', f'    <parent link="{parent}"/>', f'    <child link="{child}"/>',
                 f'    <origin xyz="{numbers(xyz)}" rpy="{numbers(rpy)}"/>']
        if axis:
            text += [f'    <axis xyz="{numbers(axis)}"/>',
                     f'    <limit lower="{lower}" upper="{upper}" velocity="{velocity}" effort="{effort}"/>']
        text.append("  </joint>")
    return "\n".join(text + ["</robot>"]) + "\n"


SPHERES = {
    "column": [((0, 0, 0.05), 0.08)], "upper": [((0, 0, 0.1), 0.07), ((0, 0, 0.25), 0.06)],
    "lower": [((0.08, 0, 0), 0.055), ((0.2, 0, 0), 0.05)], "hand": [((0.02, 0, 0), 0.045)],
    "tool": [((0.02, 0, 0), 0.04), ((0.05, 0.01, 0.02), 0.03)],
}
IGNORED = {"column": ["upper"], "upper": ["lower"], "lower": ["hand"], "hand": ["tool"]}


def configuration():
    return {
        "name": "made_arm", "urdf": "made_arm.urdf", "base_link": "base", "tool_frames": ["tool"],
        "joint_names": [j[0] for j in ARM if j[6]], "lock_joints": {}, "default_joint_position": [0, 0.3, 0.6, 0, 0.4, 0],
        "null_space_weight": [1] * 6, "cspace_distance_weight": [1] * 6, "max_acceleration": 10.0, "max_jerk": 200.0,
        "position_limit_clip": 0.0, "collision_link_names": list(SPHERES), "collision_sphere_buffer": 0.0,
        "collision_spheres": {k: [{"center": list(map(float, c)), "radius": r} for c, r in v] for k, v in SPHERES.items()},
        "self_collision_ignore": IGNORED, "self_collision_buffer": {"tool": 0.005}, "extra_frames": {}}


class Arm:
    """All that is asked of the arm at one posture, by sums over its links."""

    def __init__(self, q, v, a):
        self.frames, self.axes, self.points, self.above = {"base": np.eye(4)}, [], [], {"base": []}
        angular, rate = {"base": np.zeros(3)}, {"base": np.zeros(3)}
        linear, change = {"base": np.zeros(3)}, {"base": np.zeros(3)}
        self.free = {"base": np.zeros(6)}
        for name, parent, child, kind, xyz, rpy, axis, *_ in ARM:
            t = self.frames[parent] @ pose(R.from_euler("xyz", rpy).as_matrix(), xyz)
            arm = t[:3, 3] - self.frames[parent][:3, 3]
            w, dw = angular[parent], rate[parent]
            linear[child] = linear[parent] + np.cross(w, arm)
            change[child] = change[parent] + np.cross(dw, arm) + np.cross(w, np.cross(w, arm))
            self.above[child] = list(self.above[parent])
            if axis:
                i = len(self.axes)
                z = t[:3, :3] @ np.array(axis, float)
                t = t @ pose(R.from_rotvec(np.array(axis) * q[i]).as_matrix(), (0, 0, 0))
                self.axes.append(z)
                self.points.append(t[:3, 3])
                self.above[child].append(i)
                rate[child] = dw + z * a[i] + np.cross(w, z * v[i])
                angular[child] = w + z * v[i]
            else:
                angular[child], rate[child] = w, dw
            self.frames[child] = t
        self.angular, self.rate, self.linear, self.change = angular, rate, linear, change
        self.count = len(self.axes)

    def jacobian(self, link, point=None):
        p = self.frames[link][:3, 3] if point is None else point
        j = np.zeros((6, self.count))
        for i in self.above[link]:
            j[:3, i], j[3:, i] = np.cross(self.axes[i], p - self.points[i]), self.axes[i]
        return j

    def velocity(self, link):
        return np.concatenate([self.linear[link], self.angular[link]])

    def acceleration(self, link):
        return np.concatenate([self.change[link], self.rate[link]])

    def bodies(self):
        for link, (mass, center, rpy, moments) in BODIES.items():
            t = self.frames[link]
            p = t[:3, :3] @ np.array(center) + t[:3, 3]
            axes = t[:3, :3] @ R.from_euler("xyz", rpy).as_matrix()
            yield link, mass, p, axes @ np.diag(moments) @ axes.T

    def mass_matrix(self):
        m = np.zeros((self.count, self.count))
        for link, mass, p, inertia in self.bodies():
            j = self.jacobian(link, p)
            m += mass * j[:3].T @ j[:3] + j[3:].T @ inertia @ j[3:]
        return m

    def torques(self, gravity=GRAVITY):
        """What moves the arm as its velocities and accelerations say: the virtual work of every link."""
        tau = np.zeros(self.count)
        for link, mass, p, inertia in self.bodies():
            w, dw, arm = self.angular[link], self.rate[link], p - self.frames[link][:3, 3]
            a = self.change[link] + np.cross(dw, arm) + np.cross(w, np.cross(w, arm)) - gravity
            j = self.jacobian(link, p)
            tau += j[:3].T @ (mass * a) + j[3:].T @ (inertia @ dw + np.cross(w, inertia @ w))
        return tau

    def energy(self):
        kinetic = potential = total = 0.0
        center = np.zeros(3)
        for link, mass, p, inertia in self.bodies():
            w = self.angular[link]
            speed = self.linear[link] + np.cross(w, p - self.frames[link][:3, 3])
            kinetic += 0.5 * mass * speed @ speed + 0.5 * w @ inertia @ w
            potential -= mass * GRAVITY @ p
            center, total = center + mass * p, total + mass
        return kinetic, potential, center / total


def arm():
    place = folder("robots/made_arm")
    (place / "made_arm.urdf").write_text(urdf())
    write_json(place / "made_arm.robot.json", configuration())
    rng = np.random.default_rng(1)
    moving = [j for j in ARM if j[6]]
    n, rows = len(moving), 12
    lower, upper = np.array([j[7] for j in moving]), np.array([j[8] for j in moving])
    q = rng.uniform(lower, upper, (rows, n))
    q[0] = 0
    v, a = rng.uniform(-1, 1, (rows, n)), rng.uniform(-2, 2, (rows, n))
    out = {k: [] for k in ("fk", "J_lwa/tool", "J_local/tool", "J_world/tool", "vel_lwa/tool", "acc_classical_lwa/tool",
                           "Jdotv_lwa/tool", "M", "gravity", "nle", "tau_rnea", "qdd_aba", "com", "kinetic", "potential")}
    zero = np.zeros(n)
    for i in range(rows):
        state, rest = Arm(q[i], v[i], a[i]), Arm(q[i], v[i], zero)
        t = state.frames["tool"]
        j = state.jacobian("tool")
        turned = np.kron(np.eye(2), t[:3, :3].T)
        shift = np.eye(6)
        shift[:3, 3:] = SKEW(t[:3, 3])
        m, bias = state.mass_matrix(), rest.torques()
        kinetic, potential, center = state.energy()
        for key, value in {
            "fk": np.stack([state.frames[link] for link in LINKS]), "J_lwa/tool": j, "J_local/tool": turned @ j,
            "J_world/tool": shift @ j, "vel_lwa/tool": state.velocity("tool"),
            "acc_classical_lwa/tool": state.acceleration("tool"), "Jdotv_lwa/tool": rest.acceleration("tool"), "M": m,
            "gravity": Arm(q[i], zero, zero).torques(), "nle": bias, "tau_rnea": state.torques(),
            "qdd_aba": np.linalg.solve(m, -bias), "com": center, "kinetic": kinetic, "potential": potential}.items():
            out[key].append(value)
    witness = rng.uniform(lower, upper, (40, n))
    spheres_q = rng.uniform(lower, upper, (15, n))
    owners = [(link, np.array(c), r) for link, list_ in SPHERES.items() for c, r in list_]
    hidden = lambda x, y: x == y or y in IGNORED.get(x, []) or x in IGNORED.get(y, [])
    own = [r + (0.005 if link == "tool" else 0) for link, _, r in owners]
    pairs = [(i, j) for i in range(len(owners)) for j in range(i + 1, len(owners)) if not hidden(owners[i][0], owners[j][0])]
    world, distance, worst = [], [], []
    for row in spheres_q:
        state = Arm(row, zero, zero)
        centers = [(state.frames[link] @ np.append(c, 1))[:3] for link, c, _ in owners]
        world.append(np.concatenate([np.append(c, r) for c, (_, _, r) in zip(centers, owners)]))
        gaps = [np.linalg.norm(centers[i] - centers[j]) - own[i] - own[j] for i, j in pairs]
        distance.append(min(gaps))
        worst.append(pairs[int(np.argmin(gaps))])
    tensors = {k: np.ascontiguousarray(np.array(x, np.float64)) for k, x in out.items()} | {
        "q": q, "v": v, "a": a, "position_limits": np.stack([lower, upper]),
        "velocity_limits": np.array([j[9] for j in moving], float), "effort_limits": np.array([j[10] for j in moving], float),
        "ik_q_witness": witness, "ik_seed": rng.uniform(lower, upper, (40, n)),
        "ik_target/tool": np.stack([Arm(row, zero, zero).frames["tool"] for row in witness]),
        "spheres_q": spheres_q, "spheres_world": np.stack(world), "self_signed_distance": np.array(distance),
        "self_penetration": np.maximum(0, -np.array(distance)), "self_worst_pair": np.array(worst, np.int64)}
    save_file(tensors, str(folder("golden/kinematics") / "made_arm.safetensors"), metadata={
        "robot": "made_arm", "frames": json.dumps(LINKS), "joints": json.dumps([j[0] for j in moving]), "nq": str(n),
        "nv": str(n), "tools": json.dumps(["tool"]), "gravity": json.dumps(GRAVITY.tolist()),
        "sphere_links": json.dumps([o[0] for o in owners]), "n_pairs": str(len(pairs))})


def twist_matrix(v, w):
    t = np.zeros((4, 4))
    t[:3, :3], t[:3, 3] = SKEW(w), v
    return t


def right_jacobian(w):
    theta, k = np.linalg.norm(w), SKEW(w)
    if theta < 1e-9:
        return np.eye(3) - k / 2
    return np.eye(3) - (1 - math.cos(theta)) / theta**2 * k + (theta - math.sin(theta)) / theta**3 * k @ k


def log6(t):
    """Translation and rotation of the twist whose exponential is t: V of the closed form, inverted."""
    w = R.from_matrix(t[:3, :3]).as_rotvec()
    theta, k = np.linalg.norm(w), SKEW(w)
    v = np.eye(3) if theta < 1e-9 else (
        np.eye(3) + (1 - math.cos(theta)) / theta**2 * k + (theta - math.sin(theta)) / theta**3 * k @ k)
    return np.concatenate([np.linalg.solve(v, t[:3, 3]), w])


def inverse(t):
    return pose(t[:3, :3].T, -t[:3, :3].T @ t[:3, 3])


def rotations():
    rng = np.random.default_rng(2)
    cases, pairs, angles = [], [], []
    for theta in (0.0, 0.05, 0.4, 1.0, 1.7, 2.4, 2.9, 3.05):
        axis = rng.normal(size=3)
        w, v = axis / np.linalg.norm(axis) * theta, rng.normal(size=3)
        t = expm(twist_matrix(v, w))
        q = R.from_rotvec(w).as_quat()
        adjoint = np.zeros((6, 6))
        adjoint[:3, :3] = adjoint[3:, 3:] = t[:3, :3]
        adjoint[:3, 3:] = SKEW(t[:3, 3]) @ t[:3, :3]
        cases.append({
            "omega": w.tolist(), "v": v.tolist(), "R": R.from_rotvec(w).as_matrix().tolist(),
            "quat_wxyz": q[[3, 0, 1, 2]].tolist(), "log3": w.tolist(), "Jexp3": right_jacobian(w).tolist(),
            "exp6": t.tolist(), "log6": np.concatenate([v, w]).tolist(), "adjoint": adjoint.tolist(),
            "inverse": inverse(t).tolist(), "rpy": R.from_rotvec(w).as_euler("xyz").tolist()})
    for _ in range(6):
        a, b = (pose(R.random(random_state=rng).as_matrix(), rng.normal(size=3)) for _ in range(2))
        between = inverse(a) @ b
        error = log6(between)
        half = R.from_matrix(a[:3, :3]) * R.from_rotvec(error[3:] / 2)
        pairs.append({
            "A": a.tolist(), "B": b.tolist(), "AB": (a @ b).tolist(), "AinvB": between.tolist(),
            "error6_local": error.tolist(), "slerp_half_wxyz": half.as_quat()[[3, 0, 1, 2]].tolist(),
            "interp_half": (a @ expm(twist_matrix(error[:3] / 2, error[3:] / 2))).tolist(),
            "pos_err": float(np.linalg.norm(a[:3, 3] - b[:3, 3])), "ang_err": float(np.linalg.norm(error[3:]))})
    for _ in range(6):
        rpy = rng.uniform(-1.5, 1.5, 3)
        angles.append({"rpy": rpy.tolist(), "R": R.from_euler("xyz", rpy).as_matrix().tolist()})
    write_json(folder("golden/kinematics") / "lie.json", {"cases": cases, "pairs": pairs, "rpy": angles})


def distances():
    rng = np.random.default_rng(3)
    cases = []

    def add(kind, distance, **sizes):
        q = R.random(random_state=rng)
        p = rng.normal(0, 0.3, 3)
        points, values = [], []
        while len(points) < 12:
            local = rng.uniform(-0.9, 0.9, 3)
            d = distance(local)
            # outside, where one point is nearest
            if d > 0.02:
                points.append((q.apply(local) + p).tolist())
                values.append(float(d))
        w = q.as_quat()
        cases.append({"type": kind, **sizes, "pose_xyz_wxyz": p.tolist() + w[[3, 0, 1, 2]].tolist(), "points": points,
                      "sd": values})

    for _ in range(3):
        dims, r, h = rng.uniform(0.1, 0.6, 3), float(rng.uniform(0.05, 0.3)), float(rng.uniform(0.2, 0.7))
        base, tip = rng.uniform(-0.3, 0.0, 3), rng.uniform(0.05, 0.3, 3)

        def to_segment(x, base=base, tip=tip, r=r):
            share = np.clip((x - base) @ (tip - base) / ((tip - base) @ (tip - base)), 0, 1)
            return np.linalg.norm(x - base - share * (tip - base)) - r

        add("cuboid", lambda x: np.linalg.norm(np.maximum(np.abs(x) - dims / 2, 0)), dims=dims.tolist())
        add("sphere", lambda x: np.linalg.norm(x) - r, radius=r)
        add("capsule", to_segment, base=base.tolist(), tip=tip.tolist(), radius=r)
        add("cylinder", lambda x: np.linalg.norm(np.maximum([np.hypot(x[0], x[1]) - r, abs(x[2]) - h / 2], 0)), radius=r,
            height=h)
    write_json(folder("golden/kinematics") / "signed_distance.json", {
        "convention": "signed distance: positive outside, metres", "cases": cases})


def trajectories():
    """Ruckig's jerk-limited motions, TOPP-RA's time-optimal ones."""
    import ruckig
    import toppra
    import toppra.algorithm
    import toppra.constraint

    rng = np.random.default_rng(4)
    motions = []
    for number in range(8):
        n = 1 + number % 3
        problem = ruckig.InputParameter(n)
        limits = {"max_velocity": rng.uniform(0.5, 2, n), "max_acceleration": rng.uniform(2, 8, n),
                  "max_jerk": rng.uniform(20, 200, n)}
        state = {"current_position": rng.uniform(-2, 2, n), "target_position": rng.uniform(-2, 2, n)}
        for key in ("current_velocity", "target_velocity"):
            state[key] = rng.uniform(-0.3, 0.3, n) if number % 2 else np.zeros(n)
        for key in ("current_acceleration", "target_acceleration"):
            state[key] = np.zeros(n)
        for key, value in (limits | state).items():
            setattr(problem, key, value.tolist())
        trajectory = ruckig.Trajectory(n)
        ruckig.Ruckig(n).calculate(problem, trajectory)
        times = np.linspace(0, trajectory.duration, 7)
        motions.append({k: v.tolist() for k, v in (limits | state).items()} | {
            "duration": trajectory.duration, "independent_min_durations": list(trajectory.independent_min_durations),
            "sample_t": times.tolist(), "sample_pva": [[list(v) for v in trajectory.at_time(t)] for t in times]})
    paths = []
    toppra.setup_logging("ERROR")
    for number in range(5):
        n, count, grid = 2 + number % 3, 3 + number % 2, 401
        points, places = rng.uniform(-1.5, 1.5, (count, n)), np.linspace(0, 1, count)
        v, a = rng.uniform(1, 3, n), rng.uniform(3, 9, n)
        ends = ("not-a-knot", "natural", "clamped")[number % 3]
        path = toppra.SplineInterpolator(places, points, bc_type=ends)
        problem = toppra.algorithm.TOPPRA(
            [toppra.constraint.JointVelocityConstraint(np.stack([-v, v], 1)),
             toppra.constraint.JointAccelerationConstraint(
                 np.stack([-a, a], 1), discretization_scheme=toppra.constraint.DiscretizationType.Interpolation)],
            path, gridpoints=np.linspace(0, 1, grid), parametrizer="ParametrizeConstAccel")
        speeds = problem.compute_parameterization(0, 0)[1]
        step = 1 / (grid - 1)
        total = sum(2 * step / (speeds[i] + speeds[i + 1]) for i in range(grid - 1))
        paths.append({"waypoints": points.tolist(), "s": places.tolist(), "bc_type": ends, "vmax": v.tolist(),
                      "amax": a.tolist(), "grid": grid, "duration": float(total),
                      "sd_at_every_20th": speeds[::20].tolist()})
    write_json(folder("golden/kinematics") / "trajectory.json", {"ruckig": motions, "toppra": paths})


def make():
    trajectories()
    arm()
    rotations()
    distances()
