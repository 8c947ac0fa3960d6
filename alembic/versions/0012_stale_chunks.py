"""Which parts of a series lack late points in their reductions, so that readers can do without these.

Revision ID: 0012
Revises: 0011
"""

import json

from sqlalchemy import BigInteger, Column, Text, bindparam, column, select, table, update

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHUNK = 64
KEY = ("task_id", "attempt", "name")
SERIES = table("metric_series", *map(column, (*KEY, "stride", "reduced_to", "stale_from", "stale")))
FACTS = [SERIES.c[name] for name in (*KEY, "stride", "reduced_to")]


def upgrade() -> None:
    op.add_column("metric_series", Column("stale", Text()))
    rows = op.get_bind().execute(select(*FACTS, SERIES.c.stale_from).where(SERIES.c.stale_from.is_not(None)))
    changes = [
        {
            **{f"of_{name}": getattr(row, name) for name in KEY},
            "value": json.dumps(
                [*range(row.stale_from // (row.stride * CHUNK), row.reduced_to // (row.stride * CHUNK) + 1)]
            ),
        }
        for row in rows.all()
    ]
    _write("stale", changes)
    op.drop_column("metric_series", "stale_from")


def downgrade() -> None:
    op.add_column("metric_series", Column("stale_from", BigInteger()))
    rows = op.get_bind().execute(select(*FACTS, SERIES.c.stale).where(SERIES.c.stale.is_not(None)))
    changes = [
        {
            **{f"of_{name}": getattr(row, name) for name in KEY},
            "value": min(json.loads(row.stale)) * row.stride * CHUNK,
        }
        for row in rows.all()
    ]
    _write("stale_from", changes)
    op.drop_column("metric_series", "stale")


def _write(name: str, changes: list[dict[str, object]]) -> None:
    statement = update(SERIES).where(*(SERIES.c[each] == bindparam(f"of_{each}") for each in KEY))
    if changes:
        op.get_bind().execute(statement.values({name: bindparam("value")}), changes)
