"""The picker as Streamlit runs it: sizes first, a download on a click, and sentences where it cannot be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explainers.checkpoints import downloads, exact, load, memory, names, settings
from tests import small_models, stand_in_hub
from tests.pages import opened, sentences
from tests.stand_in_hub import Hub, Repository

NAME = "bert-L2-H128"
SECONDS = 20.0


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with one small BERT, and an empty folder for what is downloaded."""
    folder = tmp_path / "bert"
    small_models.checkpoint(folder, "bert")
    monkeypatch.setenv(settings.FOLDER, str(tmp_path / "models"))
    monkeypatch.setattr(downloads, "_downloads", {})
    monkeypatch.setattr(exact, "_sizes", {})
    names.forget()
    with stand_in_hub.serving() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        running.repositories[names.entry_of(NAME).hub] = Repository(folder)
        yield running
    names.forget()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def picker(name: str = NAME, **parameters: str) -> AppTest:
    """The page with the dialog open at this model, once the hub has said how large it is."""
    app = opened(**parameters)
    app.button(key="more_models").click().run()
    app.radio(key="models_bert").set_value(name).run()
    until(lambda: all(size.answered for size in exact._sizes.values()))
    return app.run()


def button(app: AppTest, key: str) -> str:
    """The label of a button, "" where there is none."""
    return next((found.label for found in app.button if found.key == key), "")


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown).replace("\\", "")


def test_the_size_is_told_before_anything_is_downloaded(server: Hub) -> None:
    app = picker()
    entry = names.entry_of(NAME)
    total = exact.exact_size(entry).total_bytes
    assert button(app, "models_download") == f"Download {total / 1000:.1f} kB"
    assert "4.4 million parameters, 17.7 MB in memory" in said(app)
    assert not server.bodies("model.safetensors")


def test_a_download_is_cancelled_resumed_and_used_and_the_text_is_kept(server: Hub) -> None:
    server.hold_after = stand_in_hub.BLOCK
    app = picker(text="My own text")
    app.button(key="models_download").click().run()
    until(lambda: len(server.bodies("model.safetensors")) == 1)
    app.run()
    app.button(key="models_cancel").click().run()
    assert button(app, "models_download") == "Go on"
    server.go_on.set()
    app.button(key="models_download").click().run()
    until(lambda: not downloads.running())
    app.run()
    app.button(key="models_use").click().run()
    assert app.selectbox(key="bert").value == NAME
    assert app.text_area(key="text").value == "My own text"
    assert not [found for found in app.radio if found.key == "models_bert"]
    assert not sentences(app)


def test_a_failed_download_says_why_and_the_built_in_model_stays(server: Hub) -> None:
    repository = server.repositories[names.entry_of(NAME).hub]
    repository.status, repository.error_code = 403, "GatedRepo"
    app = picker()
    app.button(key="models_download").click().run()
    until(lambda: not downloads.running())
    app.run()
    assert "accept its terms" in sentences(app)
    assert app.selectbox(key="bert").value == "bert-mini"


def test_without_a_network_the_picker_says_so(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "cannot be reached" in sentences(picker())


def test_too_little_memory_is_told_and_no_download_offered(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_000)
    app = picker()
    assert "choose a smaller model" in sentences(app)
    assert not button(app, "models_download")


def test_a_link_to_a_model_that_is_not_here_says_where_to_get_it(server: Hub) -> None:
    app = opened(bert=NAME)
    assert app.selectbox(key="bert").value == "bert-mini"
    assert f"{NAME} is not on this computer yet" in sentences(app).replace("\\", "")


def test_other_models_only_where_they_are_allowed(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "models_other" not in {box.key for box in picker().text_input}
    monkeypatch.setenv(settings.ANY_MODEL, "1")
    app = picker()
    app.text_input(key="models_other").set_value("../../etc").run()
    assert "is no model's name" in sentences(app).replace("\\", "")
    server.repositories["some/bert"] = server.repositories[names.entry_of(NAME).hub]
    app.text_input(key="models_other").set_value("some/bert").run()
    until(lambda: exact.exact_size(names.entry_of("some/bert")).answered)
    app.run()
    app.button(key="models_other_download").click().run()
    until(lambda: not downloads.running())
    app.run()
    assert "some/bert" in app.selectbox(key="bert").options


def test_a_model_without_a_head_is_marked_in_the_picker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import BertConfig, BertModel

    folder = tmp_path / "plain"
    small_models.checkpoint(folder, "bert")
    config = BertConfig.from_pretrained(folder)
    BertModel(config).save_pretrained(folder)
    monkeypatch.setenv(settings.LOCAL_FOLDER, str(tmp_path))
    app = opened(bert="local:plain")
    assert app.selectbox(key="bert").value == "local:plain"
    captions = "\n".join(caption.value for caption in app.caption).replace("\\", "")
    assert "local:plain has no trained masked LM and no next sentence head" in captions
    for page, head in (("masked-lm", "masked LM"), ("next-sentence", "next sentence")):
        assert f"no {head} head" in sentences(opened(page, bert="local:plain", text="the dog", pair="a cat"))


def test_what_is_in_memory_is_told_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = load("bert-mini")
    _ = checkpoint.model
    captions = "\n".join(caption.value for caption in opened().caption).replace("\\", "")
    assert f"bert-mini {checkpoint.resident_bytes / 10**6:.1f} MB" in captions
