"""The door to scripts/deployment: brings a commit to staging, and the same bundle from there to prod."""

import sys
from pathlib import Path

# Started as a file, Python looks for modules beside it, not at the root of the project.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from scripts.deployment.cli import main

if __name__ == "__main__":
    main(prog_name="deploy.py")
