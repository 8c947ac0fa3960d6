"""What a caller may do; every route and every event handler names one of these."""

from enum import StrEnum


class Right(StrEnum):
    """The rights, from the harmless to the one that rules them all."""

    READ = "read"
    INGEST = "ingest"
    ANNOTATE = "annotate"
    SIMULATE = "simulate"
    OPERATE = "operate"
    AGENT = "agent"
    ADMIN = "admin"
