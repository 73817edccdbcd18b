"""Which shares of categories a rule can watch."""

from __future__ import annotations

from afterword.alerts import rules


def test_a_category_that_no_rule_can_name_is_left_out_and_hides_no_other() -> None:
    names = ["Ogling", "x" * 200, "a  b\n", "Groping"]
    assert rules.of_categories(names) == ["category:Ogling", "category:Groping"]
