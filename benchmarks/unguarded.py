"""TrainWatch without its guard, as the floor of what the guard costs: `trainwatch`'s own command line otherwise.

Nothing but a benchmark may run this: everybody may do everything.
"""

from starlette.types import Receive, Scope, Send

from trainwatch.cli import main
from trainwatch.door.guard import Guard


async def _let_in(self: Guard, scope: Scope, receive: Receive, send: Send) -> None:
    await self._app(scope, receive, send)  # pyright: ignore[reportPrivateUsage]


if __name__ == "__main__":
    Guard.__call__ = _let_in
    main(prog_name="trainwatch")
