"""The guided steps: what a step sets, what the address keeps, what a link brings back, and how the guide follows."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from explainers.examples import examples


def lesson() -> None:
    """A page of three steps and one bound control."""
    import streamlit as st

    from explainers.views import guide

    opened = guide.draw(
        "demo",
        [
            guide.Step("Look", "First."),
            guide.Step("Turn", "Second **bold**.", {"rate": 40}),
            guide.Step("Turn more", "Third.", {"rate": 80}),
        ],
    )
    st.slider("rate", 0, 100, 15, key="rate", bind="query-params")
    st.write(f"open {opened}, rate {st.session_state['rate']}")


def opened(**parameters: str) -> AppTest:
    app = AppTest.from_function(lesson, default_timeout=30)
    for key, value in parameters.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def test_the_first_step_is_open_and_sets_nothing() -> None:
    app = opened()
    assert "open 0, rate 15" in said(app)
    assert "First." in said(app)
    assert "Second" not in said(app)
    assert app.button(key="demo_step_back").disabled


def test_next_and_a_number_open_a_step_set_its_controls_and_the_address() -> None:
    app = opened()
    app.button(key="demo_step_next").click().run()
    assert "open 1, rate 40" in said(app)
    assert app.query_params["step"] in ("2", ["2"])
    app.button(key="demo_step_2").click().run()
    assert "open 2, rate 80" in said(app)
    assert app.button(key="demo_step_next").disabled
    app.slider(key="rate").set_value(33).run()
    assert "open 2, rate 33" in said(app)


def test_a_link_to_a_step_sets_it_up_and_a_link_with_its_controls_keeps_them() -> None:
    assert "open 2, rate 80" in said(opened(step="3"))
    assert "open 2, rate 21" in said(opened(step="3", rate="21"))


def test_a_bad_step_opens_the_first() -> None:
    for number in ("0", "4", "-1", "x", "1e1", "²", "", "9" * 5000):
        assert "open 0, rate 15" in said(opened(step=number))


def parts() -> None:
    """A page whose parts have a switch of their own; two steps are about one part."""
    import streamlit as st

    from explainers.views import guide

    steps = (
        guide.Step("Sum", "First.", {"part": "sum", "family": "bert"}),
        guide.Step("Code", "Second.", {"part": "place", "family": "bert"}),
        guide.Step("Distance", "Third.", {"part": "place", "family": "t5"}),
    )
    st.write(f"open {guide.draw('demo', steps)}")
    st.segmented_control(
        "family",
        ["bert", "t5"],
        default="bert",
        key="family",
        bind="query-params",
        on_change=guide.follow,
        args=(steps, "part", "family"),
    )
    guide.parts({"sum": "sum", "place": "place", "map": "map"}, "part", steps, "family")


def test_the_guide_follows_the_switch_or_says_that_it_was_left() -> None:
    app = AppTest.from_function(parts, default_timeout=30).run()
    for part, family, opened_step in (
        ("place", "bert", "open 1"),
        ("place", "t5", "open 2"),
        ("sum", "t5", "open 0"),
        ("map", "t5", "open -1"),
        ("place", "t5", "open 2"),
    ):
        for key, value in (("part", part), ("family", family)):
            if app.segmented_control(key=key).value != value:
                app.segmented_control(key=key).set_value(value).run()
        assert not app.exception
        assert opened_step in said(app)
        assert ("No step of the guide" in said(app)) == (opened_step == "open -1")
    for link, opened_step in (
        ({"part": "place"}, "open 1"),
        ({"part": "map"}, "open -1"),
        ({"family": "t5"}, "open 0"),
    ):
        linked = AppTest.from_function(parts, default_timeout=30)
        for key, value in link.items():
            linked.query_params[key] = value
        assert opened_step in said(linked.run())
    app.segmented_control(key="part").set_value("map").run()
    app.button(key="demo_step_next").click().run()
    assert "open 0" in said(app)
    assert app.segmented_control(key="part").value == "sum"


def shared() -> None:
    """A page whose step sets a control that is drawn above it."""
    import streamlit as st

    from explainers.examples import examples
    from explainers.views import guide

    guide.apply_pending()
    st.text_input("text", examples()[0].text, key="text", bind="query-params")
    guide.draw("demo", [guide.Step("Look", "First."), guide.Step("Read", "Second.", {"text": "my dog is hairy"})])
    st.write(f"text {st.session_state['text']}")


def test_a_link_to_a_step_brings_its_sentence_but_keeps_the_reader_s() -> None:
    for parameters, text in (
        ({"step": "2"}, "my dog is hairy"),
        ({"step": "2", "text": "mine"}, "mine"),
        ({}, "My dog is unbelievably"),
    ):
        app = AppTest.from_function(shared, default_timeout=30)
        for key, value in parameters.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        assert f"text {text}" in said(app)
    app.text_input(key="text").set_value("typed later").run()
    assert "text typed later" in said(app)


def sentences() -> None:
    """A page with the two boxes and the undo of the app, and steps that bring texts."""
    import streamlit as st

    from explainers.views import controls, guide

    guide.apply_pending()
    controls._sentences()
    controls._undo_button()
    brought = {"text": "The step's own.", "pair": "And its second.", "turns": 3}
    guide.draw(
        "demo",
        [
            guide.Step("Look", "First.", {"text": "A suggestion.", "pair": "", "turns": 1}),
            guide.Step("Read", "Second.", brought),
            guide.Step("Need", "Third.", brought | {"turns": 5}, needs_text=True),
        ],
    )
    st.write(f"turns {st.session_state.get('turns')}")


def boxes(app: AppTest) -> tuple[str | None, str | None]:
    return app.text_area(key="text").value, app.text_area(key="pair").value


def test_a_step_keeps_the_reader_s_sentences() -> None:
    app = AppTest.from_function(sentences, default_timeout=30).run()
    app.text_area(key="text").set_value("Cats chase mice.").run()
    for step, turns in ((1, 3), (0, 1), (1, 3)):
        app.button(key=f"demo_step_{step}").click().run()
        assert boxes(app) == ("Cats chase mice.", "")
        assert f"turns {turns}" in said(app)
    app.text_area(key="text").set_value("")
    app.text_area(key="pair").set_value("Only the second.").run()
    app.button(key="demo_step_0").click().run()
    assert boxes(app) == ("", "Only the second.")


def test_a_step_that_needs_its_text_gives_the_reader_s_back() -> None:
    app = AppTest.from_function(sentences, default_timeout=30).run()
    app.text_area(key="text").set_value("Cats chase mice.")
    app.text_area(key="pair").set_value("So do dogs.").run()
    app.button(key="demo_step_2").click().run()
    assert boxes(app) == ("The step's own.", "And its second.")
    assert any("brings yours back" in caption.value for caption in app.caption)
    app.button(key="demo_step_0").click().run()  # another text of the guide: the reader's is still at hand
    assert boxes(app) == ("A suggestion.", "")
    app.button(key="undo").click().run()
    assert boxes(app) == ("Cats chase mice.", "So do dogs.")
    assert "undo" not in {button.key for button in app.button}
    assert not app.caption


def test_a_step_takes_the_place_of_an_example_and_of_another_step_s_text() -> None:
    app = AppTest.from_function(sentences, default_timeout=30).run()
    for step, texts in ((1, ("The step's own.", "And its second.")), (0, ("A suggestion.", ""))):
        app.button(key=f"demo_step_{step}").click().run()
        assert boxes(app) == texts
        assert not app.caption


def several() -> None:
    """A page whose steps set two controls and the sentences; the second needs its own."""
    import streamlit as st

    from explainers.views import address, controls, guide

    address.begin()
    guide.apply_pending()
    controls._sentences()
    brought = {"text": "The step's own.", "pair": "And its second.", "rate": 40, "turns": 4}
    guide.draw("demo", [guide.Step("Look", "First.", brought), guide.Step("Need", "Second.", brought, needs_text=True)])
    st.slider("rate", 0, 100, 15, key="rate", bind="query-params")
    st.slider("turns", 0, 9, 1, key="turns", bind="query-params")
    st.write(f"rate {st.session_state['rate']}, turns {st.session_state['turns']}")
    guide.remember()
    address.settle()


BROUGHT = ("The step's own.", "And its second.")


@pytest.mark.parametrize(
    ("link", "texts", "numbers"),
    [
        ({"step": "1"}, BROUGHT, (40, 4)),
        ({"step": "1", "rate": "21"}, BROUGHT, (21, 4)),
        ({"step": "1", "rate": "abc"}, BROUGHT, (15, 4)),
        ({"step": "1", "text": "Hello"}, ("Hello", ""), (40, 4)),
        ({"step": "1", "pair": "Hello"}, (None, "Hello"), (40, 4)),
        ({"step": "2", "turns": "9"}, BROUGHT, (40, 9)),
        ({"step": "2", "text": "Hello"}, ("Hello", ""), (15, 1)),
        (
            {"step": "2", "text": "The step's own.", "pair": "And its second."},
            BROUGHT,
            (40, 4),
        ),
        ({"step": "1", "usual": "rate"}, BROUGHT, (15, 4)),
        ({"step": "2", "usual": "text"}, (None, ""), (15, 1)),
        ({"step": "1", "usual": "nonsense"}, BROUGHT, (40, 4)),
    ],
)
def test_a_link_s_own_values_win_one_by_one(
    link: dict[str, str], texts: tuple[str | None, ...], numbers: tuple[int, int]
) -> None:
    app = AppTest.from_function(several, default_timeout=30)
    for key, value in link.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    assert "rate {}, turns {}".format(*numbers) in said(app)
    for box, expected in zip(boxes(app), texts, strict=True):
        assert box == (examples()[0].text if expected is None else expected)


def test_a_control_that_is_set_back_is_remembered() -> None:
    app = AppTest.from_function(several, default_timeout=30)
    app.query_params["step"] = "1"
    app.run()
    assert "usual" not in app.query_params
    app.slider(key="rate").set_value(15).run()
    assert app.query_params["usual"] == "rate"
    again = AppTest.from_function(several, default_timeout=30)
    again.query_params.update(app.query_params)
    assert "rate 15, turns 4" in said(again.run())
    app.button(key="demo_step_0").click().run()
    assert "usual" not in app.query_params
    assert "rate 40, turns 4" in said(app)
