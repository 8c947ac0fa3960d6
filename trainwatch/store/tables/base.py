"""What all tables share."""

from typing import ClassVar, cast

from sqlalchemy import MetaData, Table
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
LARGEST = "1.7976931348623157e308"

METADATA = MetaData(naming_convention=NAMING)


class Record(SQLModel):
    """Base of all tables."""

    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]
    metadata: ClassVar[MetaData] = METADATA  # pyright: ignore[reportIncompatibleVariableOverride]


def table_of(record: type[SQLModel]) -> Table:
    """Return the table that `record` defines."""
    return cast("Table", getattr(record, "__table__"))  # noqa: B009  SQLModel does not declare it
