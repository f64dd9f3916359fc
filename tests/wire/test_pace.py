"""Which actions the event loop answers itself: quick ones, and only where the database is a local file."""

from openvod import app
from openvod.edge.http import answered_at_once

EVERY = [action for of_api in app.every_action().values() for action in of_api.values()]


def test_what_reads_rows_by_key_is_answered_at_once_on_sqlite() -> None:
    names = answered_at_once("sqlite", EVERY)
    assert "DescribeTaskDetail" in names
    writing = {name for name in names if not name.startswith("Describe")}
    assert writing == {"ProcessMediaByMPS"}, "what writes waits for the disk, unless it answers with a `Soon`"


def test_nothing_waits_for_a_server_on_the_event_loop() -> None:
    assert answered_at_once("postgresql", EVERY) == frozenset()


def test_a_list_that_no_index_leads_to_is_not_quick() -> None:
    listing = next(action for action in EVERY if action.name == "DescribeTasks" and action.service == "vod")
    assert listing.pace_with(["FileId", "Limit"]) == "quick"
    assert listing.pace_with(["FileId", "Status"]) == listing.pace_with(["Sort.Field"]) == "usual"
