"""Masks: who may look at whom, in BERT, GPT-2 and T5; and what becomes of a model under another mask."""

from explainers.language import _
from explainers.views import attention_masks as lesson
from explainers.views import attention_masks_controls as setting
from explainers.views import attention_masks_effects as closer
from explainers.views import attention_masks_padding as padding
from explainers.views import blocks, controls, guide

choice = controls.current()

blocks.heading(
    _("Masks"),
    _("In attention every token could look at every other. A **mask** decides who **may**."),
)
guide.draw(setting.SLUG, setting.steps())
chosen = setting.setup(choice)
shown = lesson.scene(choice, chosen) if choice.text.strip() else None

if shown is None:
    blocks.show_empty()
else:
    # What takes long is asked for one after the other: each part waits for the ones above it.
    drawn = lesson.picture(shown)
    if drawn and shown.batch:
        padding.draw(shown, shown.batch)
    elif drawn and closer.effects(shown) and chosen.kind == "decoder":
        closer.why(shown)
