import re
import stat
import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest

from openvod.core.settings import SettingError, Settings
from openvod.store import Store
from openvod.store.accounts import First, SubAppTaken


def note(settings):
    path = settings.data / "credentials.toml"
    return tomllib.loads(path.read_text()) if path.exists() else None


def test_a_first_start_makes_what_is_not_given(store, settings):
    first = store.accounts.ensure_first()
    assert first.made
    assert re.fullmatch("AKID[0-9A-Za-z]{32}", first.secret_id)
    assert re.fullmatch("[0-9A-Za-z]{32}", first.secret_key)
    assert re.fullmatch("1[45][0-9]{8}", str(first.sub_app_id))
    assert note(settings) == {
        "secret_id": first.secret_id, "secret_key": first.secret_key, "sub_app_id": first.sub_app_id,
    }  # fmt: skip
    assert stat.S_IMODE((settings.data / "credentials.toml").stat().st_mode) == 0o600
    assert Settings.read(settings.data / "credentials.toml", {}).secret_key == first.secret_key
    key = store.accounts.key(first.secret_id)
    assert (key.secret_key, key.account_id, key.enabled) == (first.secret_key, first.account_id, True)
    app = store.accounts.sub_app(first.sub_app_id)
    assert (app.account_id, app.status) == (first.account_id, "On")
    assert store.accounts.default_sub_app(first.account_id) == app


def test_a_restart_changes_nothing(store, settings):
    first = store.accounts.ensure_first()
    (settings.data / "credentials.toml").unlink()
    with Store.open(settings) as again:
        assert again.accounts.ensure_first() == First(
            first.account_id, first.secret_id, first.secret_key, first.sub_app_id, made=False
        )
        assert len(again.accounts.list_accounts()) == len(again.accounts.list_keys()) == 1
    assert note(settings)["secret_key"] == first.secret_key


def test_what_is_given_is_taken_and_not_noted(store, settings):
    first = store.accounts.ensure_first("AKIDmine", "mine", 221157)
    assert first == First(first.account_id, "AKIDmine", "mine", 221157, made=False)
    assert note(settings) is None
    assert store.accounts.ensure_first("AKIDmine", "mine", 221157) == first
    changed = store.accounts.ensure_first("AKIDmine", "changed", 221157)
    assert store.accounts.key("AKIDmine").secret_key == changed.secret_key == "changed"
    half = store.accounts.ensure_first("AKIDhalf", "", 221157)
    assert half.made
    assert note(settings) == {"secret_id": "AKIDhalf", "secret_key": half.secret_key}


def test_what_is_given_later_is_added(store):
    first = store.accounts.ensure_first()
    later = store.accounts.ensure_first("AKIDlater", "later", 221157)
    assert later.account_id == first.account_id
    assert {key.secret_id for key in store.accounts.list_keys()} == {first.secret_id, "AKIDlater"}
    assert {app.id for app in store.accounts.list_sub_apps(first.account_id)} == {first.sub_app_id, 221157}
    assert store.accounts.default_sub_app(first.account_id).id == 221157
    assert store.accounts.ensure_first().sub_app_id == 221157
    assert store.accounts.ensure_first().secret_id == first.secret_id


def test_what_belongs_to_others_is_refused(store):
    store.accounts.ensure_first()
    other = store.accounts.create_account("other")
    key = store.accounts.create_key(other.id)
    app = store.accounts.create_sub_app(other.id, "theirs")
    for given in ((key.secret_id, "x", 0), ("", "", app.id), ("", "key without id", 0), ("", "", 2**63)):
        with pytest.raises(SettingError):
            store.accounts.ensure_first(*given)


def test_several_may_start_first(settings):
    def start(_):
        with Store.open(settings) as store:
            return store.accounts.ensure_first()

    with ThreadPoolExecutor(4) as pool:
        firsts = list(pool.map(start, range(6)))
    assert len({(one.secret_id, one.secret_key, one.sub_app_id) for one in firsts}) == 1
    assert sum(one.made for one in firsts) == 1


def test_accounts_are_apart(store):
    account = store.accounts.create_account("second")
    assert store.accounts.list_accounts() == [account]
    with pytest.raises(LookupError):
        store.accounts.default_sub_app(account.id)
    app = store.accounts.create_sub_app(account.id, "app", "for tests", number=5)
    assert (app.id, app.name, app.description) == (5, "app", "for tests")
    with pytest.raises(SubAppTaken):
        store.accounts.create_sub_app(account.id, "app", number=5)
    assert store.accounts.default_sub_app(account.id) == app
    key = store.accounts.create_key(account.id)
    assert store.accounts.list_keys(account.id) == [key]
    assert store.accounts.list_keys(account.id + 1) == []


def test_a_key_can_be_switched_off_and_on(store):
    first = store.accounts.ensure_first()
    assert store.accounts.set_key_status(first.secret_id, False)
    assert not store.accounts.key(first.secret_id).enabled
    assert store.accounts.set_key_status(first.secret_id, True)
    assert store.accounts.key(first.secret_id).enabled
    assert not store.accounts.set_key_status("unknown", True)


def test_the_data_folder_is_private(tmp_path):
    with Store.open(Settings(data=tmp_path / "new")) as store:
        store.accounts.ensure_first()
    for path in [tmp_path / "new", *(tmp_path / "new").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
