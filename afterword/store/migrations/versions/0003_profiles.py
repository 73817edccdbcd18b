"""The profile of a day: what its descriptions add up to.

What the day's counts hold of inputs moves there. Counts of words, which nothing has shown, go; the
answers of a call stay with it until it is deleted, because only its model can add them up.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STAY = ("calls", "latency", "confidence", "outputs", "descriptions")
TALLIES = sa.table(
    "tallies",
    sa.column("id", KEY),
    sa.column("span", sa.String),
    sa.column("start", sa.BigInteger),
    sa.column("model", sa.String),
    sa.column("sample", sa.Boolean),
    sa.column("content", sa.JSON),
)
PROFILES = sa.table(
    "profiles",
    sa.column("day", sa.BigInteger),
    sa.column("model", sa.String),
    sa.column("sample", sa.Boolean),
    sa.column("content", sa.JSON),
    sa.column("texts", sa.LargeBinary),
)


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("texts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
        sa.UniqueConstraint("day", "model", "sample", name=op.f("uq_profiles_day")),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(TALLIES).where(TALLIES.c.span == "day")).all():
        moves = {name: value for name, value in row.content.items() if name not in STAY}
        if not moves:
            continue
        place = {"day": row.start, "model": row.model, "sample": row.sample}
        connection.execute(sa.insert(PROFILES).values(**place, content=moves, texts=b""))
        _set(connection, row, {name: row.content[name] for name in STAY if name in row.content})
    op.drop_table("terms")
    _index("day", "sample", "hash", "descriptions")


def downgrade() -> None:
    _index("day")
    op.create_table(
        "terms",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("descriptions", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("day", "model", "sample", name=op.f("uq_terms_day")),
    )
    connection = op.get_bind()
    moved = {
        (row.day, row.model, row.sample): row.content
        for row in connection.execute(sa.select(PROFILES))
    }
    for row in connection.execute(sa.select(TALLIES).where(TALLIES.c.span == "day")).all():
        content = moved.get((row.start, row.model, row.sample), {})
        _set(connection, row, content | row.content)
    op.drop_table("profiles")


def _index(*columns: str) -> None:
    op.drop_index(op.f("ix_unseen_words_day"), table_name="unseen_words")
    op.create_index(op.f("ix_unseen_words_day"), "unseen_words", list(columns), unique=False)


def _set(connection: sa.Connection, row: sa.Row[Any], content: dict[str, Any]) -> None:
    wanted = sa.update(TALLIES).where(TALLIES.c.id == row.id).values(content=content)
    connection.execute(wanted)
