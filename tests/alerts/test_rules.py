"""Which shares of categories a rule can watch."""

from __future__ import annotations

from afterword.alerts import rules


def test_a_share_of_answers_is_not_called_the_share_of_those_who_report() -> None:
    for name in ("category:Ogling", "no_category"):
        metric = rules.metric_of(name)
        assert metric.label.startswith("Share of descriptions that the model gives ")
        assert "the model gives" in metric.what(0.4, "above", 0.3, "1h")
        assert "estimated by each check" in metric.help


def test_a_category_that_no_rule_can_name_is_left_out_and_hides_no_other() -> None:
    names = ["Ogling", "x" * 200, "a  b\n", "Groping"]
    assert rules.of_categories(names) == ["category:Ogling", "category:Groping"]
