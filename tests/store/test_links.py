import dataclasses
from urllib.parse import unquote

import pytest

from openvod.store import Store
from openvod.store.links import Links, Target, place_of

FILE = Target("123", place_of("m/ab/" + "ab" * 16))
NOW = 1_800_000_000.5


@pytest.fixture
def links(store):
    return Links(store.db, 600)


def test_a_link_lives_as_long_as_it_says(links):
    path, _, query = links.sign(FILE, "123.mp4", NOW).partition("?")
    assert path.endswith("/123.mp4")
    for moment in (NOW, NOW + 599):
        assert links.verify(path, query, moment) == FILE
    assert links.verify(path, query, NOW + 600) is None


def test_every_process_knows_the_secret_and_every_installation_its_own(links, store, settings, tmp_path):
    path, _, query = links.sign(FILE, "a", NOW).partition("?")
    with Store.open(settings) as again:
        assert again.links.verify(path, query, NOW) == FILE
    if store.db.dialect == "sqlite":
        other = dataclasses.replace(settings, data=tmp_path / "other", database_url="")
        with Store.open(other) as elsewhere:
            assert elsewhere.links.verify(path, query, NOW) is None


@pytest.mark.parametrize("name", ["123.mp4", "电影 100%.mp4", "%41?x=/../#", "", "\ud800"])
def test_no_character_can_be_changed(links, name):
    if name == "\ud800":
        with pytest.raises(UnicodeEncodeError):
            links.sign(FILE, name, NOW)
        return
    link = links.sign(FILE, name, NOW)
    path, _, query = link.partition("?")
    assert links.verify(path, query, NOW) == FILE
    for n in range(len(link)):
        for other in ("0", "a", "A", "%", "/", "?", "&", "", link[n] * 2):
            forged, _, rest = (link[:n] + other + link[n + 1 :]).partition("?")
            same = unquote(forged) == unquote(path) and rest == query  # %e4 is %E4
            assert links.verify(forged, rest, NOW) is None or same


def test_a_link_opens_one_object_of_a_file(links):
    other = Target("123", "output-0-221157-ProcessMediaByMPS-00ft")
    path, _, query = links.sign(other, "output.json", NOW).partition("?")
    assert links.verify(path, query, NOW) == other
    assert links.verify(path.replace(other.place, FILE.place), query, NOW) is None


def test_what_is_no_link_is_refused(links):
    for path, query in (
        ("", ""),
        ("/media/", ""),
        ("/media/1/2/3", "t=1&sign=x"),
        ("/media/١/2/3", "t=9&sign=" + "0" * 64),
    ):
        assert links.verify(path, query, NOW) is None
