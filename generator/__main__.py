"""``python -m generator``: the command line without its launcher."""

import sys

from generator.cli import main

if __name__ == "__main__":
    sys.exit(main())
