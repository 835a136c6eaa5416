"""How the topics are to be kept, and what is said of ones that are kept otherwise."""

from dataclasses import replace

import pytest

from schemas.topics import TopicPlan, compare_topics, name_dead_letter_topic
from streams.kafka.topic_plan import plan_topics
from streams.pipeline import TOPICS


def test_every_topic_of_the_map_has_a_plan_and_a_dead_letter_topic() -> None:
    names = [plan.name for plan in plan_topics(12, 3)]
    assert set(names) == set(TOPICS) | {name_dead_letter_topic(topic) for topic in TOPICS}
    assert len(names) == len(set(names))


def test_events_are_never_compacted_and_never_expire() -> None:
    for plan in plan_topics(12, 3):
        assert plan.configs["cleanup.policy"] == "delete"
        assert plan.configs["retention.ms"] == plan.configs["retention.bytes"] == "-1"
        assert plan.configs["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_an_acknowledged_message_is_on_two_of_three_brokers(replicas: int, in_sync: str) -> None:
    assert {plan.configs["min.insync.replicas"] for plan in plan_topics(4, replicas)} == {in_sync}


def test_topics_as_planned_have_no_problem_and_foreign_topics_are_no_concern() -> None:
    plans = plan_topics(4, 1)
    found = {plan.name: plan for plan in (*plans, TopicPlan("payroll", 1, 1, {}))}
    assert compare_topics(plans, found) == []


@pytest.mark.parametrize(
    ("stands", "problem"),
    [
        ({"partitions": 8}, "never changed under existing events"),
        ({"replicas": 2}, "2 replicas, not 1"),
        ({"configs": {"retention.ms": "604800000"}}, "retention.ms=604800000, not -1"),
    ],
)
def test_a_topic_kept_otherwise_is_named_with_the_difference(stands: dict[str, object], problem: str) -> None:
    plan = TopicPlan("rcm.paid.v1", 4, 1, {"retention.ms": "-1"})
    found = {plan.name: replace(plan, **stands)}  # type: ignore[arg-type]
    (said,) = compare_topics([plan], found)
    assert said.startswith(plan.name) and problem in said


def test_a_missing_topic_names_the_command_that_makes_it() -> None:
    (said,) = compare_topics([TopicPlan("rcm.paid.v1", 4, 1, {})], {})
    assert "revcycle topics create" in said
