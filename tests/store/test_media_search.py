import pytest
from sqlalchemy import update

from openvod.store import media_search
from openvod.store.media_edits import Changes, Edit
from openvod.store.media_search import FOREVER, Query
from openvod.store.tables import media as media_table
from tests.store.conftest import APP

NAMES = ["Film noir", "noir", "A film about noir things", "Bilder 电影 100%", "Ｆｉｌｍ_2", "straße"]


@pytest.fixture
def files(store, media):
    """One file per name, each a second younger than the one before; by name."""
    found = {}
    for n, name in enumerate(NAMES):
        row = media(name=name, description=f"about {name[::-1]}", class_id=n)
        age = update(media_table).where(media_table.c.file_id == row.file_id).values(created=1000 * n)
        store.db.write(lambda connection, age=age: connection.execute(age))
        found[name] = row.file_id
    media(sub_app_id=APP + 1, name="Film noir")
    return found


@pytest.fixture
def names(store):
    """The names that a search finds, in its order."""

    def search(**criteria):
        return [row.name for row in store.library.search(Query(sub_app_id=APP, **criteria)).page]

    return search


def test_without_criteria_all_are_found_newest_first(files, names):
    assert names() == NAMES[::-1]
    assert names(descending=False) == NAMES
    assert names(offset=1, limit=2) == NAMES[-2:-4:-1]


def test_the_better_a_name_matches_the_earlier_it_comes(files, names):
    assert names(names=["NOIR"]) == ["noir", "A film about noir things", "Film noir"]
    assert names(names=["film noir"]) == ["Film noir", "A film about noir things"]
    assert names(names=["film noir", "noir"])[0] == "Film noir"
    assert names(text="noir")[0] == "noir"


@pytest.mark.parametrize(
    "phrase, found",
    [
        ("film", {"Film noir", "A film about noir things", "Ｆｉｌｍ_2"}),
        ("电影", {"Bilder 电影 100%"}),
        ("100%", {"Bilder 电影 100%"}),
        ("%", {"Bilder 电影 100%"}),
        ("_", {"Ｆｉｌｍ_2"}),
        ("STRASSE", {"straße"}),
        ("\\", set()),
        ("' OR 1=1 --", set()),
        ("", set()),
        ("   ", set()),
    ],
)
def test_a_phrase_is_words_and_nothing_else(files, names, phrase, found):
    assert set(names(names=[phrase])) == found


def test_every_criterion_counts_and_any_of_its_values(store, files, names):
    assert names(name_prefixes=["bild", "STRA"]) == ["straße", "Bilder 电影 100%"]
    assert names(name_prefixes=["ild"]) == []
    assert set(names(descriptions=["rion"])) == {"Film noir", "noir", "A film about noir things"}
    assert names(class_ids=[1, 3]) == [NAMES[3], NAMES[1]]
    assert names(file_ids=[files["noir"], "404"]) == ["noir"]
    assert names(file_ids=[files["noir"]], class_ids=[3]) == []
    assert names(kinds=["audio"]) == []
    assert len(names(kinds=["video", "audio"], extensions=["MP4"], source_types=["Upload"])) == len(NAMES)
    assert names(source_types=["Record"]) == []
    tag = Edit(tags=Changes(add=["鬼畜"]))
    store.library.edit(files["straße"], APP, tag)
    assert names(tags=["鬼畜", "x"]) == ["straße"]


def test_times_include_both_ends(store, files, names):
    assert names(created=(1000, 3000)) == NAMES[3:0:-1]
    assert names(created=(None, 0)) == NAMES[:1]
    assert len(names(expires=(FOREVER, FOREVER))) == len(NAMES)
    store.library.edit(files["noir"], APP, Edit(values={"expires": 4102444800000}))
    assert names(expires=(4102444800000, 4102444800000)) == ["noir"]
    assert names(expires=(None, FOREVER - 1)) == ["noir"]


def test_a_changed_name_is_searched_and_a_deleted_file_is_not(store, files, names):
    store.library.edit(files["noir"], APP, Edit(values={"name": "ÄNDERUNG"}))
    assert names(names=["änder"]) == ["ÄNDERUNG"]
    store.library.delete(files["noir"], APP)
    assert names(names=["änder"]) == []


def test_no_more_than_the_most_are_counted(store, files, monkeypatch):
    monkeypatch.setattr(media_search, "MOST", 4)
    found = store.library.search(Query(sub_app_id=APP, limit=2))
    assert (found.total, len(found.page)) == (4, 2)
    assert store.library.search(Query(sub_app_id=APP, offset=9)) == (4, [])


def test_the_longest_search_there_can_be_runs(files, names):
    words = ["a " * 50] * 10
    assert names(names=words, name_prefixes=words, descriptions=words, text="b " * 32, tags=words) == []
