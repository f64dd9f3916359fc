"""Pages of listings: together they are everything, each entry once."""

from hypothesis import given
from hypothesis import strategies as st

from openvod.edge.cos_listing import PartsAsked, UploadsAsked, UploadsPage, page_of_parts, page_of_uploads
from openvod.store.uploads import Multipart, Part

KEY = st.text("ab/", min_size=1, max_size=4)
UNDER_WAY = st.lists(
    st.builds(Multipart, KEY.map("/".__add__), st.text("01", min_size=1, max_size=3), st.just(0)),
    unique_by=lambda row: (row.storage_path, row.upload_id),
).map(lambda rows: sorted(rows, key=lambda row: (row.storage_path, row.upload_id)))


def pages(rows: list[Multipart], most: int, **asked: str) -> list[UploadsPage]:
    marker = {"key-marker": "", "upload-id-marker": ""}
    found: list[UploadsPage] = []
    while not found or found[-1].is_truncated:
        page = page_of_uploads(rows, UploadsAsked.read({**asked, **marker, "max-uploads": str(most)}))
        assert len(page.rows) + len(page.prefixes) <= most
        marker = {"key-marker": page.next_key, "upload-id-marker": page.next_upload_id}
        found.append(page)
        assert len(found) <= len(rows) + 1
    return found


@given(UNDER_WAY, st.integers(1, 3), st.text("ab/", max_size=2), st.sampled_from(["", "/", "b"]))
def test_pages_of_uploads(rows: list[Multipart], most: int, prefix: str, delimiter: str) -> None:
    (whole,) = pages(rows, 1000, prefix=prefix, delimiter=delimiter)
    several = pages(rows, most, prefix=prefix, delimiter=delimiter)
    assert [row for page in several for row in page.rows] == whole.rows
    assert [folder for page in several for folder in page.prefixes] == whole.prefixes
    wanted = [row for row in rows if row.storage_path[1:].startswith(prefix)]
    rest = [row.storage_path[1 + len(prefix) :] for row in wanted]
    grouped = {
        prefix + text.split(delimiter)[0] + delimiter for text in rest if delimiter and delimiter in text
    }
    assert set(whole.prefixes) == grouped
    assert [row for row in wanted if not any(row.storage_path[1:].startswith(g) for g in grouped)] == [
        row for row in whole.rows if not any(row.storage_path[1:].startswith(g) for g in grouped)
    ]
    if not delimiter:
        assert whole.rows == wanted


@given(st.sets(st.integers(1, 20)), st.integers(1, 5))
def test_pages_of_parts(numbers: set[int], most: int) -> None:
    rows = [Part(number, 1, "", "", "", 0) for number in sorted(numbers)]
    listed: list[int] = []
    more = True
    while more:
        marker = str(listed[-1]) if listed else ""
        page = page_of_parts(rows, PartsAsked.read({"part-number-marker": marker, "max-parts": str(most)}))
        listed += [part.number for part in page.rows]
        more = page.is_truncated
    assert listed == sorted(numbers)
