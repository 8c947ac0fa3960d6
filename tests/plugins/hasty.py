"""`trainwatch` whose connections have timers of a second, so that a test can hold one past all of them."""

from trainwatch.__main__ import main
from trainwatch.door.connection import Connection
from trainwatch.door.socket_connection import SocketConnection

WITHIN_S = 1.0

Connection.whole_within_s = SocketConnection.read_within_s = WITHIN_S

if __name__ == "__main__":
    main()
