// Buttons with a sign and a word, as a row over a picture.
// Offers: signButton, markDisabled. Put before the scripts that ask for it (views/components/assets.py).

/** A button with a sign (its first child) and room for a word (its last). */
function signButton(name, sign) {
  const button = element("button", name, "", { type: "button" });
  button.append(element("span", "sign", sign, { "aria-hidden": "true" }), element("span", "word"));
  return button;
}

/** A disabled button keeps the focus it has: it is only marked. */
function markDisabled(button, off) {
  button.setAttribute("aria-disabled", String(off));
}
