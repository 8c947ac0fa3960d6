"""`python -m trainwatch.supervisor FOLDER`: supervises the attempt that the folder describes."""

import sys

from trainwatch.supervisor.run import main

if __name__ == "__main__":
    main(sys.argv[1])
