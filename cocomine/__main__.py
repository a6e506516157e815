"""The command line where no `cocomine` is installed: `python -m cocomine COMMAND ...`."""

import sys

from cocomine.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
