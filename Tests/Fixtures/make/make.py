"""Makes the fixtures: all, or those of the modules that are named."""

import importlib
import sys

MODULES = ["numerics", "language", "text", "images", "data", "robots", "grasps", "tasks", "serving"]

for name in sys.argv[1:] or MODULES:
    importlib.import_module(name).make()
