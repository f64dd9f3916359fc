"""The console in a real browser: sign in, drop a file, see what came out, play it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError, sync_playwright

from tests.conftest import Server

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's may be too small for a video's frames
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIDEO = """() => {
    const video = document.querySelector("video");
    const cues = video?.textTracks[0]?.cues?.length ?? 0;
    return video && video.readyState >= 2 && cues ? [video.duration, cues] : null;
}"""
WHY_NOT = """() => {
    const video = document.querySelector("video");
    const track = video?.querySelector("track");
    return { ready: video?.readyState, network: video?.networkState, error: video?.error?.message, source: video?.src,
        track: track?.readyState, mode: video?.textTracks[0]?.mode, subtitles: track?.src,
        page: document.body.innerText };
}"""

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("models")]


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    """A new browser on the console; an error in the page fails the test."""
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(server.url)
        yield page
        browser.close()
    assert errors == []


def sign_in(page: Page, server: Server) -> None:
    page.fill("[name=secretId]", server.secret_id)
    page.fill("[name=secretKey]", server.secret_key)
    page.click("#sign-in button")


def test_a_file_becomes_a_playing_video_with_subtitles_and_tags(
    page: Page, server: Server, talk: Path
) -> None:
    sign_in(page, server)
    page.set_input_files("#file", talk)
    page.wait_for_selector("section .state.SUCCESS", timeout=120_000)
    page.wait_for_selector(".cues li", timeout=120_000)
    try:
        duration, cues = page.wait_for_function(VIDEO, timeout=60_000).json_value()
    except TimeoutError:
        pytest.fail(f"the video does not play: {page.evaluate(WHY_NOT)}")
    assert duration == pytest.approx(12, abs=0.3)
    assert cues > 1
    assert "speech" in page.inner_text(".tags")
    with page.expect_download() as download:
        page.click(".timelines a >> text=EDL")
    assert "FROM CLIP NAME: talk.mp4" in download.value.path().read_text()
    media = page.evaluate("document.querySelector('video').src")
    page.goto(media)  # the signed link alone, as a page of its own: the sandbox must not keep it from playing
    page.wait_for_function("document.querySelector('video')?.readyState >= 2", timeout=60_000)


def test_a_wrong_key_is_told(page: Page, server: Server) -> None:
    page.fill("[name=secretId]", server.secret_id)
    page.fill("[name=secretKey]", "wrong")
    page.click("#sign-in button")
    page.wait_for_selector("#sign-in-error:not(:empty)")
    assert "AuthFailure.SignatureFailure" in page.inner_text("#sign-in-error")
