"""What LiberoSimulation is compared with: LIBERO on robosuite 1.4, the first task of libero_object.

The Python packages carry no meshes: the assets of `VLA_SHARED` (else `../shared`) are linked into them.
"""

import importlib.util
import os
import pathlib
import tempfile

from worker import seconds_to_run, serve

os.environ.setdefault("MUJOCO_GL", "egl")
IDLE = [0.0] * 6 + [-1.0]
IMAGE_SIZE = 256
CAMERAS = ["agentview", "robot0_eye_in_hand"]


def environment(**options):
    """The task after its first reset with seed 0."""
    package = pathlib.Path(importlib.util.find_spec("libero").origin).parent / "libero"
    shared = pathlib.Path(os.environ.get("VLA_SHARED", "../shared")).resolve() / "libero" / "libero" / "libero"
    if not (package / "assets").exists():
        (package / "assets").symlink_to(shared / "assets")
    settings = pathlib.Path(tempfile.mkdtemp())
    folders = {"assets": package / "assets", "bddl_files": shared / "bddl_files", "benchmark_root": package}
    folders |= {"datasets": settings, "init_states": shared / "init_files"}
    (settings / "config.yaml").write_text("".join(f"{name}: {path}\n" for name, path in folders.items()))
    os.environ["LIBERO_CONFIG_PATH"] = str(settings)

    from libero.libero.envs.env_wrapper import ControlEnv

    problem = shared / "bddl_files/libero_object/pick_up_the_alphabet_soup_and_place_it_in_the_basket.bddl"
    made = ControlEnv(bddl_file_name=str(problem), has_renderer=False, horizon=100_000, **options)
    made.seed(0)
    made.reset()
    made.step(IDLE)
    return made


def with_images():
    return environment(
        has_offscreen_renderer=True,
        use_camera_obs=True,
        camera_names=CAMERAS,
        camera_heights=IMAGE_SIZE,
        camera_widths=IMAGE_SIZE,
    )


def control_step():
    made = environment(has_offscreen_renderer=False, use_camera_obs=False)

    def measure():
        seconds = seconds_to_run(lambda: [made.step(IDLE) for _ in range(20)])
        return [("control_step", seconds / 20, "s")]

    return measure


def image_pair():
    made = with_images()

    def render():
        for camera in CAMERAS:
            made.env.sim.render(camera_name=camera, width=IMAGE_SIZE, height=IMAGE_SIZE)

    render()
    return lambda: [("image_pair", min(seconds_to_run(render) for _ in range(5)), "s")]


def replanned_steps():
    made = with_images()
    return lambda: [("replanned_steps", seconds_to_run(lambda: [made.step(IDLE) for _ in range(8)]), "s")]


if __name__ == "__main__":
    serve({"control_step": control_step, "image_pair": image_pair, "replanned_steps": replanned_steps})
