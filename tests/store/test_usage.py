from sqlalchemy import insert

from openvod.store.tables import usage
from openvod.store.usage import DAY_MS, DayOfUsage

APP = 1400000001
BEGIN = 1_790_000_000_000


def record(store, kind, finished, seconds, app=APP):
    record.count += 1
    row = {"task_id": f"t{record.count}", "position": 0, "sub_app_id": app, "type": kind}
    values = {**row, "media_seconds": seconds, "finished": finished}
    store.db.write(lambda connection: connection.execute(insert(usage), values))


record.count = 0


def test_usage_is_summed_by_type_and_day(store):
    record(store, "A", BEGIN, 1.5)
    record(store, "A", BEGIN + DAY_MS - 1, 2.0)
    record(store, "A", BEGIN + DAY_MS, 4.0)
    record(store, "B", BEGIN + 2 * DAY_MS + 5, 8.0)
    record(store, "A", BEGIN - 1, 100.0)
    record(store, "A", BEGIN + 3 * DAY_MS, 100.0)
    record(store, "A", BEGIN, 100.0, app=APP + 1)
    assert store.usage.days(APP, BEGIN, BEGIN + 3 * DAY_MS) == [
        DayOfUsage("A", 0, 2, 3.5),
        DayOfUsage("A", 1, 1, 4.0),
        DayOfUsage("B", 2, 1, 8.0),
    ]


def test_no_usage_is_no_row(store):
    assert store.usage.days(APP, BEGIN, BEGIN + DAY_MS) == []
