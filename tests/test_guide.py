"""The guided steps: what a step sets, what the address keeps, and what a link brings back; the control that saves."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from explainers.views.saving import csv_text


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
    app = AppTest.from_function(lesson)
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


def shared() -> None:
    """A page whose step sets a control that is drawn above it."""
    import streamlit as st

    from explainers.views import guide

    guide.apply_pending()
    st.text_input("text", "ours", key="text", bind="query-params")
    guide.draw("demo", [guide.Step("Look", "First."), guide.Step("Read", "Second.", {"text": "my dog is hairy"})])
    st.write(f"text {st.session_state['text']}")


def test_a_link_to_a_step_brings_its_sentence_but_keeps_the_reader_s() -> None:
    for parameters, text in (({"step": "2"}, "my dog is hairy"), ({"step": "2", "text": "mine"}, "mine"), ({}, "ours")):
        app = AppTest.from_function(shared)
        for key, value in parameters.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        assert f"text {text}" in said(app)
    app.text_input(key="text").set_value("typed later").run()
    assert "text typed later" in said(app)


def picture() -> None:
    """A chart that can be saved."""
    import plotly.graph_objects as go

    from explainers.views import saving

    saving.chart(go.Figure(go.Bar(y=[1, 2])), "bars", lambda: "a\n1\n", alt="Two bars.", name="bars")


def test_a_chart_is_drawn_with_its_text_alternative_and_a_download() -> None:
    app = AppTest.from_function(picture).run()
    assert not app.exception
    assert app.get("plotly_chart")[0].proto.alt == "Two bars."
    assert app.get("download_button")


def test_csv_quotes_and_disarms() -> None:
    text = csv_text(["token", "p"], [['a"b', 0.5], ["=1+1", 1], ["-", -2]])
    assert text == 'token,p\n"a""b",0.5\n\'=1+1,1\n\'-,-2\n'
