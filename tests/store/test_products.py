import pytest
from sqlalchemy import select

from openvod.core.models import SubTask, new_file_id, url_of
from openvod.store.products import Chosen
from openvod.store.tables import objects
from openvod.store.tasks import PartResult
from tests.store.conftest import APP, new_media, new_task


def owned(store):
    with store.db.read() as connection:
        return set(connection.execute(select(objects.c.key)).scalars())


@pytest.fixture
def process(store):
    """Run a task on a file, whose every part makes one file; the FileIds of those."""

    def run(file, *parts, status="SUCCESS"):
        task = new_task(
            file.file_id,
            sub_tasks=tuple(SubTask(kind, {"Definition": definition}) for kind, definition in parts),
        )
        store.tasks.add(task)
        store.tasks.claim("me", 1)
        made = []
        for position in range(len(parts)):
            new = new_media(store, file_id=new_file_id(), source_type="VideoProcessing")
            files = ({"FileType": "x", "FileId": new.file_id, "Url": url_of(new.file_id)},)
            output = {"Path": url_of(new.file_id)}
            result = PartResult(status=status, output=output, media=(new,), files=files)
            store.tasks.finish_part(task.id, "me", position, result)
            made.append(new.file_id)
        store.tasks.finish(task.id, "me")
        return task.id, made

    return run


def listed(store, file):
    return [(each.type, each.definition) for each in store.products.of([file.file_id]).get(file.file_id, [])]


def test_the_newest_of_the_same_work_is_the_product(store, media, process):
    file, other = media(), media()
    process(file, ("AiAnalysis.TagTask", 21), ("SmartErase", 101))
    task_id, (tag, _) = process(file, ("AiAnalysis.TagTask", 21), ("AiAnalysis.TagTask", 30001))
    process(file, ("SmartErase", 102), status="FAIL")
    assert sorted(listed(store, file)) == [
        ("AiAnalysis.TagTask", 21),
        ("AiAnalysis.TagTask", 30001),
        ("SmartErase", 101),
    ]
    (newest,) = [p for p in store.products.of([file.file_id])[file.file_id] if p.definition == 21]
    assert (newest.task_id, newest.position, newest.output) == (task_id, 0, {"Path": url_of(tag)})
    assert [row["FileId"] for row in newest.files] == [tag]
    assert store.products.output(file.file_id, task_id, 0) == {"Path": url_of(tag)}
    assert store.products.output(other.file_id, task_id, 0) is None
    assert store.products.output(file.file_id, task_id, 9) is None
    assert store.products.of([]) == {} == store.products.of([other.file_id])


def test_what_is_discarded_goes_with_its_files(store, media, process):
    file = media()
    task_id, (tag, erased) = process(file, ("AiAnalysis.TagTask", 21), ("SmartErase", 101))
    _, (kept,) = process(file, ("SmartErase", 102))
    store.products.discard(file.file_id, APP, [Chosen(("SmartErase",), 101), Chosen(("SmartSubtitle.",), 0)])
    assert sorted(listed(store, file)) == [("AiAnalysis.TagTask", 21), ("SmartErase", 102)]
    assert store.library.get_many([tag, erased, kept], APP).keys() == {tag, kept}
    assert store.products.output(file.file_id, task_id, 1) is None
    assert store.tasks.get(task_id).sub_tasks[1].status == "SUCCESS"  # the task still tells it
    store.products.discard(file.file_id, APP, [Chosen(("AiAnalysis.", "SmartErase"), 0)])
    assert listed(store, file) == []
    assert owned(store) == set(store.blobs.keys()) == {file.object_key}
