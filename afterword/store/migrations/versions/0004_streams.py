"""Streams: what was kept so far is the history of the stream "service", whose number is 1.

A check that counts was the service's; a trial belongs to no stream.
"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SERVICE = sa.text("1")
UNIQUE = {
    "tallies": ("start", "span", "model", "sample"),
    "profiles": ("day", "model", "sample"),
    "unseen_words": ("hash", "day", "sample"),
    "rule_states": ("rule", "sample"),
}
"""Tables of which a row is the only one of its place, and now of its stream."""
WORDS = ("day", "sample", "hash", "descriptions")


def upgrade() -> None:
    streams = op.create_table(
        "streams",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("cadence", sa.String(length=8), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.JSON(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_streams")),
        sa.UniqueConstraint("key", "sample", name=op.f("uq_streams_key")),
        sqlite_autoincrement=True,
    )
    # The first row gets the number 1 from the database, so that it knows that 1 is given.
    service = {"name": "service", "key": "service", "cadence": "week", "zone": "UTC"}
    rest = {"reference": {"kind": "training"}, "created": int(time.time()), "sample": False}
    op.get_bind().execute(sa.insert(streams).values(**service, **rest))
    op.create_table(
        "stream_files",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("stream", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.BigInteger(), nullable=False),
        sa.Column("last_day", sa.BigInteger(), nullable=False),
        sa.Column("ids", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_files")),
        sa.UniqueConstraint("stream", "digest", name=op.f("uq_stream_files_stream")),
    )
    op.create_table(
        "stream_ids",
        sa.Column("stream", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "digest", name=op.f("pk_stream_ids")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_stream_ids_day"), "stream_ids", ["day"], unique=False)
    for name in ("events", "alerts", *UNIQUE):
        op.add_column(
            name, sa.Column("stream", sa.BigInteger(), server_default=SERVICE, nullable=False)
        )
    op.drop_index(op.f("ix_unseen_words_day"), table_name="unseen_words")
    for name, columns in UNIQUE.items():
        _unique(name, (*columns, "stream"))
    words = [*WORDS[:2], "stream", *WORDS[2:]]
    op.create_index(op.f("ix_unseen_words_day"), "unseen_words", words, unique=False)
    op.add_column("checks", sa.Column("stream", sa.BigInteger(), nullable=True))
    op.add_column("checks", sa.Column("period", sa.String(length=40), nullable=True))
    checks = sa.table("checks", sa.column("stream", sa.BigInteger), sa.column("trial", sa.Boolean))
    counts = checks.c.trial == sa.false()
    op.get_bind().execute(sa.update(checks).where(counts).values(stream=1))


def downgrade() -> None:
    # An earlier version knows the service alone.
    for name in ("checks", "events", "alerts", *UNIQUE):
        own = sa.table(name, sa.column("stream", sa.BigInteger))
        op.get_bind().execute(sa.delete(own).where(own.c.stream != 1))
    op.drop_index(op.f("ix_unseen_words_day"), table_name="unseen_words")
    for name, columns in UNIQUE.items():
        _unique(name, columns)
    op.create_index(op.f("ix_unseen_words_day"), "unseen_words", list(WORDS), unique=False)
    for name in ("events", "alerts", *UNIQUE):
        op.drop_column(name, "stream")
    op.drop_column("checks", "period")
    op.drop_column("checks", "stream")
    for name in ("stream_ids", "stream_files", "streams"):
        op.drop_table(name)


def _unique(table: str, columns: tuple[str, ...]) -> None:
    """Make the rows of a table unique by other columns; SQLite has to write the table anew."""
    name = op.f(f"uq_{table}_{columns[0]}")
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="unique")
        batch.create_unique_constraint(name, list(columns))
