"""What an alert is about, who is told that it is over.

Alerts and rules that are there already have none of it, and nobody is told of their end.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ALERTS = ("direction", "since", "stream_name", "period", "check_number", "figures", "tell_over")


def upgrade() -> None:
    op.add_column("rules", _flag("tell_when_over"))
    op.add_column("deliveries", _word("about", 8, "opened"))
    for column in (
        _word("direction", 8),
        sa.Column("since", sa.BigInteger(), nullable=True),
        _word("stream_name", 120),
        _word("period", 80),
        sa.Column("check_number", sa.BigInteger(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        _flag("tell_over"),
    ):
        op.add_column("alerts", column)
    op.add_column("rule_states", sa.Column("since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("rule_states", "since")
    for name in ALERTS:
        op.drop_column("alerts", name)
    op.drop_column("deliveries", "about")
    op.drop_column("rules", "tell_when_over")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _word(name: str, length: int, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), server_default=default, nullable=False)
