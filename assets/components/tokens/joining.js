// Letters that join their neighbours (Arabic and others) keep their shapes where a text is cut into cells.
// Offers: joinedText.

/** Letters that join the letter after them; between two of them a cut keeps the joined shapes. */
const JOINS = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mandaic}\p{Script=Nko}\p{Script=Mongolian}]/u;
const JOINS_NOTHING_AFTER = /[ءآأؤإاةدذرزوٱ-ٳٵ-ٷڈ-ڙۀۃ-ۋۍۏےۓەۮۯܐܕ-ܙܨܬܪ]/u;
const LETTER = /^\p{L}/u;
const MARKS = /\p{M}+$/u;
const JOINER = "\u200d";

/** The text of a cell, with its letters in the shapes that they have inside their word. */
function joinedText(before, text, after) {
  if (!JOINS.test(text)) return text;
  const isLetter = (character) => JOINS.test(character) && LETTER.test(character);
  const joins = (left, right) => {
    const last = [...left.replace(MARKS, "")].pop() ?? "";
    return isLetter(last) && !JOINS_NOTHING_AFTER.test(last) && isLetter(right);
  };
  return (joins(before, text) ? JOINER : "") + text + (joins(text, after) ? JOINER : "");
}
