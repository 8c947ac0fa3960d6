"""`trainwatch` on a machine that lets it open few files, so that few connections use all of them up."""

import resource

from trainwatch.__main__ import main
from trainwatch.door.connection_limits import FILES_RESERVED

CONNECTIONS = 40

if __name__ == "__main__":
    files = FILES_RESERVED + CONNECTIONS
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    main()
